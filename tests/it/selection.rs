//! Two executors of selections: Marquee's own, and async-graphql's if each field is traced. Their responses must be
//! identical to the byte.

mod executor_pair;
mod introspection;
mod random;

use std::collections::BTreeSet;

use marquee::access::Role;
use serde_json::{Value, json};

use self::{
    executor_pair::ExecutorPair,
    introspection::{of_name, reach, select_all},
    random::compare_random_selections,
};
use crate::support::TestDatabase;

const LISTS: [(&str, &str); 4] = [
    ("films", "Film"),
    ("critics", "Critic"),
    ("publications", "Publication"),
    ("reviews", "Review"),
];

#[tokio::test]
async fn both_executors_return_the_same_for_every_object_type_below_the_query() {
    let database = TestDatabase::demo().await;
    let token = database.token(Role::Admin, None).await;
    let both = ExecutorPair::with_arguments(database, &["--max-cost=100000"]);
    let types = both.types().await;
    let [mut all, mut compared] = [BTreeSet::new(), BTreeSet::new()];
    reach(&types, "Query", 6, &mut all);
    let fields = of_name(&types, "Query")["fields"].as_array().unwrap();
    for field in fields {
        // The quota of the caller changes with each request.
        if field["name"] != "rateLimit" {
            let mut types = types.clone();
            types.retain(|ty| ty["name"] != "Query");
            types.push(json!({ "name": "Query", "fields": [field] }));
            reach(&types, "Query", 4, &mut compared);
            let selection = select_all(&types, "Query", 4);
            let response = both.compare_as(Some(&token), &selection).await;
            assert!(
                response.starts_with(r#"{"data":"#),
                "{selection}\n{response}"
            );
        }
    }
    compared.insert("RateLimit".to_owned());
    // Explanations are deeper than the others.
    reach(&types, "ScoreContributionConnection", 2, &mut compared);
    let explanation = select_all(&types, "ScoreContributionConnection", 2);
    let selection = format!(
        "{{ films(first: 12) {{ nodes {{ score {{ explanation(first: 2) {explanation} }} }} }} }}"
    );
    let response = both.compare_as(Some(&token), &selection).await;
    assert!(response.contains("numerator"), "{response}");
    assert_eq!(compared, all);
}

#[tokio::test]
async fn both_executors_return_the_same_for_every_field() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let types = both.types().await;
    let mut bytes = 0;
    for (list, name) in LISTS {
        let shallow = select_all(&types, name, 1);
        bytes += both
            .compare(&format!("{{ {list}(first: 100) {{ nodes {shallow} }} }}"))
            .await
            .len();
        let deep = select_all(&types, name, 3);
        bytes += both.compare(&format!("{{ {list}(first: 1) {{ edges {{ cursor node {deep} }} pageInfo {{ endCursor hasNextPage }} }} }}")).await.len();
    }
    assert!(bytes > 100_000, "{bytes} bytes");
}

#[tokio::test]
async fn both_executors_return_null_for_missing_objects() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            r#"INSERT INTO film (slug, title, synopsis) VALUES ('bare', 'Bare', NULL), ('quoted', E'"\\\u0001\u2028', repeat('é"', 300));
               INSERT INTO critic (slug, name) VALUES ('c', 'C');
               INSERT INTO publication (slug, name, weight) VALUES ('p', 'P', 33);
               INSERT INTO review (film_id) SELECT id FROM film;
               INSERT INTO review (film_id, critic_id, publication_id, sentiment, byline) SELECT film.id, critic.id, publication.id, 'mixed', 'B'
                   FROM film, critic, publication"#,
        )
        .await;
    let both = ExecutorPair::with_arguments(database, &["--public-revisions=true"]);
    let types = both.types().await;
    for (list, name) in LISTS {
        let selected = select_all(&types, name, 2);
        let response = both
            .compare(&format!(
                "{{ {list}(first: 5) {{ totalCount nodes {selected} }} }}"
            ))
            .await;
        assert!(response.starts_with(r#"{"data":"#), "{response}");
    }
}

#[tokio::test]
async fn both_executors_return_the_same_errors() {
    let both =
        ExecutorPair::with_arguments(TestDatabase::demo().await, &["--public-revisions=true"]);
    for document in [
        "{ films(first: 2) { nodes { title reviews(last: -1) { totalCount } } } }",
        "{ films(first: 2) { nodes { title bad: score(policy: {minimumReviews: 0}) { value } reviews(first: 2) { nodes { excerpt } } } } }",
        r#"{ film(by: {slug: "the-lighthouse-tax-2019"}) { slug reviews(first: 1) { nodes { byline revisions(first: 101) { totalCount } } } } films(first: 1) { nodes { slug } } }"#,
        r#"{ film(by: {slug: "nobody's"}) { title } node(id: "x") { id } films(first: 1) { nodes { reviews(after: "x") { totalCount } } } }"#,
        r#"{ a: film(by: {id: "x"}) { title } b: critic(by: {slug: "\u0000"}) { name } __typename }"#,
    ] {
        let response = both.compare(document).await;
        assert!(
            response.contains(r#""path":["#) || response.contains("null"),
            "{response}"
        );
    }
}

#[tokio::test]
async fn both_executors_return_the_same_for_ids_of_any_kind() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let types = both.types().await;
    let found = both.ours.query("{ films(first: 2) { nodes { id } } critics(first: 2) { nodes { id } } publications(first: 2) { nodes { id } } reviews(first: 2) { nodes { id } } }").await;
    let ids: Vec<&Value> = LISTS
        .iter()
        .flat_map(|(list, _)| found[list]["nodes"].as_array().unwrap())
        .map(|node| &node["id"])
        .collect();
    let fragments = LISTS.map(|(_, name)| format!("... on {name} {}", select_all(&types, name, 1)));
    // One kind at a time, since fields with the same response name must have the same type.
    for fragment in fragments {
        both.compare(&format!(
            "{{ nodes(ids: {}) {{ __typename id {fragment} }} }}",
            json!(ids)
        ))
        .await;
    }
}

#[tokio::test]
async fn both_executors_measure_the_same_response_size() {
    let both =
        ExecutorPair::with_arguments(TestDatabase::demo().await, &["--max-response-bytes=3000"]);
    // Only fields without I/O: otherwise the size at which a response is rejected depends on the order in which fields
    // resolve.
    let (whole, failed) = compare_random_selections(&both, 2, 100, 0).await;
    assert!(whole > 5 && failed > 20, "{whole} whole, {failed} failed");
}

#[tokio::test]
async fn errors_below_lists_have_their_path() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let document =
        "{ films(first: 2) { nodes { slug scoreDistribution { histogram(width: 0) { from } } } } }";
    let response: Value = serde_json::from_str(&both.compare(document).await).unwrap();
    let path = json!(["films", "nodes", 0, "scoreDistribution", "histogram"]);
    assert_eq!(response["errors"][0]["path"], path);
    let document = "{ films(first: 1) { edges { node { reviews(last: -1) { totalCount } } } } }";
    let response: Value = serde_json::from_str(&both.compare(document).await).unwrap();
    assert_eq!(
        response["errors"][0]["path"],
        json!(["films", "edges", 0, "node", "reviews"])
    );
}
