//! The costs of filters, facets and orders.

use super::*;

#[test]
fn facets_cost_a_statement_and_their_values() {
    let query = "{ filmFacets { verdicts { value count } genres { value } } }";
    let values = 1 + (1 + 2 * 5) + (1 + 100);
    assert_eq!(cost(query, "{}"), REQUEST + 60 + values);
}

#[test]
fn the_authors_of_a_filter_of_films_are_looked_up() {
    let query = "query($by: CriticBy) {
        films(first: 0, filter: {reviewedBy: $by, reviewedIn: {slug: \"b\"}}) { totalCount } }";
    let expected = |lookups: usize| REQUEST + lookups * LOOKUP + 2 + 60;
    assert_eq!(cost(query, "{\"by\": {\"slug\": \"a\"}}"), expected(2));
    assert_eq!(cost(query, "{\"by\": null}"), expected(1));
}

#[test]
fn what_is_examined_depends_on_the_filter_and_the_order() {
    let current = CurrentStatistics::default();
    current.store(Arc::new(statistics()));
    let pipeline = pipeline(&crate::graphql::schema::sdl()).with_statistics(Arc::new(current));
    let examined = |query: &str| {
        let cost = plan(&pipeline, query, None, "{}").unwrap().cost;
        cost.total - cost.base
    };
    // The database has no index of the last two.
    let orders = ["SCORE", "SORT_TITLE", "HIDDEN_GEM"];
    let sorted = orders.map(|order| {
        examined(&format!(
            "{{ films(orderBy: {{field: {order}}}) {{ nodes {{ id }} }} }}"
        ))
    });
    assert_eq!(sorted, [0, 2_500, 2_500]);
    // All films, and the reviews of the largest publication.
    let facets = ["", "(filter: {reviewedIn: {slug: \"a\"}})"];
    let facets =
        facets.map(|filter| examined(&format!("{{ filmFacets{filter} {{ years {{ value }} }} }}")));
    assert_eq!(facets, [5_000, 5_000 + 1_500]);
    // The statistics don't tell how many reviews have a text, or are by top critics.
    let list = |filter: &str, part: &str| {
        examined(&format!("{{ reviews(filter: {{{filter}}}) {{ {part} }} }}"))
    };
    assert_eq!(list("hasText: true", "nodes { id }"), 50_000);
    assert_eq!(
        list("topCritic: true", "totalCount"),
        list("topCritic: true", "nodes { id }") + 150_000
    );
}
