//! The costs of operations.

mod lists;

use super::{marquee_pipeline, pipeline, plan};
use crate::{
    document::schema::types::{Kind, base_type_name},
    graphql::price::Price,
    review::statistics::{CurrentStatistics, ReviewClass, Statistics},
    score::{Sentiment, Weighting},
};
use async_graphql::parser::types::BaseType;
use chrono::NaiveDate;
use std::sync::Arc;

/// The cost of a request without fields.
const REQUEST: usize = 100;

fn cost(query: &str, variables: &str) -> usize {
    plan(marquee_pipeline(), query, None, variables)
        .unwrap()
        .cost
        .total
}

/// The cost of a page of an empty catalogue, without its items.
const fn page(size: usize) -> usize {
    60 + 12 + size / 4
}

/// The cost of a lookup by key.
const LOOKUP: usize = 60 + 2;

#[test]
fn every_field_counts_times_the_length_of_its_page() {
    for (query, variables, expected) in [
        ("{ __typename }", "{}", 1),
        ("{ a: __typename b: __typename }", "{}", 2),
        ("{ films { totalCount } }", "{}", page(20) + 1 + (60 + 1)),
        ("{ films { nodes { id } } }", "{}", page(20) + 1 + 1 + 20),
        (
            "{ films(first: 3) { nodes { id title } edges { cursor } } }",
            "{}",
            page(3) + 1 + (1 + 6) + (1 + 3),
        ),
        ("{ films(last: 7) { nodes { id } } }", "{}", page(7) + 2 + 7),
        (
            "query($n: Int) { films(first: $n) { nodes { id } } }",
            r#"{"n": 5}"#,
            page(5) + 2 + 5,
        ),
        (
            "query($n: Int = 6) { films(first: $n) { nodes { id } } }",
            "{}",
            page(6) + 2 + 6,
        ),
        (
            "{ films(first: 2) { nodes { reviews(first: 3) { nodes { score } } } } }",
            "{}",
            // The reviews of both films are read by one statement.
            page(2) + 2 + 60 + 2 * (12 + 2 + 3),
        ),
        (
            "{ nodes(ids: [\"a\", \"b\"]) { id } }",
            "{}",
            4 * 60 + 2 + 1 + 2,
        ),
        (
            "{ nodes(ids: [\"a\"]) { ... on Film { title year } ... on Critic { name } } }",
            "{}",
            4 * 60 + 2 + 1 + 2,
        ),
        (
            "{ film(by: {slug: \"a\"}) { title score { value } } }",
            "{}",
            LOOKUP + 2 + (10 + 2),
        ),
        (
            "{ critic(by: {slug: \"a\"}) { score { value } } }",
            "{}",
            LOOKUP + 1 + (60 + 10 + 2),
        ),
        (
            "{ review(id: \"a\") { critic { name } } }",
            "{}",
            LOOKUP + 1 + LOOKUP + 2,
        ),
    ] {
        assert_eq!(cost(query, variables), REQUEST + expected, "{query}");
    }
}

#[test]
fn an_empty_page_costs_what_is_read_for_it() {
    for (query, expected) in [
        ("{ films(first: 0) { __typename } }", 2),
        ("{ films(last: 0) { pageInfo { endCursor } } }", 3),
        (
            "{ films(first: 0) { nodes { id reviews { nodes { id } } } edges { cursor } } }",
            3,
        ),
        ("{ films(first: 0) { totalCount } }", 2 + 60),
        (
            "{ films(first: 0) { pageInfo { hasNextPage } } }",
            page(0) + 3,
        ),
        ("{ films(first: 0) { pageInfo { hasPreviousPage } } }", 3),
        (
            "{ films(last: 0) { pageInfo { hasPreviousPage } } }",
            page(0) + 3,
        ),
        (
            "{ films(first: 2) { nodes { reviews(first: 0) { pageInfo { hasNextPage } } } } }",
            page(2) + 2 + 60 + 2 * (12 + 3),
        ),
    ] {
        assert_eq!(cost(query, "{}"), REQUEST + expected, "{query}");
    }
}

#[test]
fn rows_beyond_a_cursor_cost_an_empty_page() {
    for (query, expected) in [
        (
            "{ films(first: 3, after: \"x\") { pageInfo { hasNextPage } } }",
            page(3) + 3,
        ),
        (
            "{ films(first: 3, after: \"x\") { pageInfo { hasNextPage hasPreviousPage } } }",
            page(3) + page(0) + 4,
        ),
        (
            "{ films(last: 3, before: \"x\") { pageInfo { hasNextPage } } }",
            page(3) + page(0) + 3,
        ),
        (
            "{ films(first: 0, after: \"x\", before: \"y\") { pageInfo { hasNextPage hasPreviousPage } } }",
            3 * page(0) + 4,
        ),
        (
            "{ films(first: 3, after: null) { pageInfo { hasPreviousPage } } }",
            page(3) + 3,
        ),
    ] {
        assert_eq!(cost(query, "{}"), REQUEST + expected, "{query}");
    }
}

#[test]
fn a_field_that_include_leaves_out_costs_nothing() {
    let query = "query($all: Boolean!) { __typename films @include(if: $all) { nodes { id } } }";
    assert_eq!(cost(query, r#"{"all": false}"#), REQUEST + 1);
    assert_eq!(cost(query, r#"{"all": true}"#), REQUEST + 1 + page(20) + 22);
}

#[test]
fn a_mutation_costs_its_transaction_and_a_page_its_length() {
    let query = "mutation { deleteReview(input: {id: \"x\"}) { __typename } }";
    assert_eq!(cost(query, "{}"), REQUEST + 2 + 500);
    let query = "mutation($page: String!) { importPage(input: {film: {id: \"x\"}, text: $page}) { __typename } }";
    let variables = format!(r#"{{"page": "{}"}}"#, "x".repeat(12_000 - 1));
    assert_eq!(cost(query, &variables), REQUEST + 2 + 500 + 1_000);
}

/// Statistics of a catalogue whose reviews are all in one month. Few are mixed.
fn statistics() -> Statistics {
    let class = |sentiment, reviews| ReviewClass {
        month: NaiveDate::from_ymd_opt(2020, 1, 1),
        sentiment: Some(sentiment),
        is_scored: true,
        recommended: None,
        reviews,
    };
    Statistics {
        films: 50_000,
        critics: 5_000,
        publications: 500,
        of_films: vec![2_000; 100],
        of_critics: vec![8_000; 100],
        of_publications: vec![10_000; 100],
        classes: [
            class(Sentiment::Positive, 990_000),
            class(Sentiment::Mixed, 10_000),
        ]
        .into_iter()
        .collect(),
        weighting: Weighting::ByPublication,
        has_review_index: false,
    }
}

#[test]
fn what_the_database_examines_costs_by_the_size_of_the_catalogue() {
    let current = CurrentStatistics::default();
    current.store(Arc::new(statistics()));
    let pipeline = pipeline(&crate::graphql::schema::sdl()).with_statistics(Arc::new(current));
    let examined = |query: &str| {
        let cost = plan(&pipeline, query, None, "{}").unwrap().cost;
        cost.total - cost.base
    };
    let filter = "(filter: {since: \"2020-01-01\"})";
    let owners = |count: usize, filter: &str| {
        examined(&format!(
            "{{ publications(first: {count}) {{ nodes {{ score{filter} {{ value }} }} }} }}"
        ))
    };
    // 15 of 100 reviews are one unit.
    assert_eq!(
        [owners(1, filter), owners(2, filter), owners(2, "")],
        [1_500, 3_000, 0]
    );
    // Reviews are examined once, however many objects have the same publication.
    let nested = format!(
        "{{ films(first: 100) {{ nodes {{ reviews(first: 9) {{ nodes {{ publication {{ score{filter} {{ value }} }} }} }} }} }} }}"
    );
    assert_eq!(examined(&nested), 150_000);

    let page = |filter: &str| {
        examined(&format!(
            "{{ reviews(filter: {{{filter}}}) {{ nodes {{ id }} }} }}"
        ))
    };
    // 21 positive reviews are among 21 of a million, and 21 mixed ones among 2,100. No review is unscored.
    let pages = [
        "",
        "sentiment: [POSITIVE]",
        "sentiment: [MIXED]",
        "scored: false",
    ];
    assert_eq!(pages.map(page), [0, 1, 105, 0]);
    assert_eq!(
        examined("{ films(filter: {title: \"e\"}) { totalCount } }"),
        2 * 2_500
    );
}

#[test]
fn reviews_of_authors_cost_less_if_they_are_found_in_memory() {
    let current = CurrentStatistics::default();
    current.store(Arc::new(Statistics {
        weighting: Weighting::ByPublication,
        has_review_index: true,
        ..statistics()
    }));
    let pipeline = pipeline(&crate::graphql::schema::sdl()).with_statistics(Arc::new(current));
    let examined = |query: &str| {
        let cost = plan(&pipeline, query, None, "{}").unwrap().cost;
        cost.total - cost.base
    };
    let owners = |list: &str, field: &str| {
        examined(&format!(
            "{{ {list}(first: 100) {{ nodes {{ {field} }} }} }}"
        ))
    };
    let score = "score(filter: {scored: true}) { value }";
    let count = "reviews(filter: {scored: true}) { totalCount }";
    let page = "reviews(filter: {scored: true}) { nodes { id } }";
    assert_eq!(
        [score, count, page].map(|field| owners("publications", field)),
        [10_000, 20_000, 10_000]
    );
    assert_eq!(owners("critics", score), 8_000);
    // The index doesn't have the reviews of films, nor the other author of a review.
    assert_eq!(owners("films", score), 30_000);
    let critic = crate::global_id::GlobalId {
        kind: crate::global_id::Kind::Critic,
        key: 1,
    };
    let critic = critic.encode();
    let by_critic = format!("score(filter: {{critic: \"{critic}\"}}) {{ value }}");
    assert_eq!(owners("publications", &by_critic), 150_000);
    let all = format!("{{ reviews(filter: {{critic: \"{critic}\"}}) {{ totalCount }} }}");
    assert_eq!(examined(&all), 160);
}

#[test]
fn the_introspection_query_of_tools_is_far_below_the_limit() {
    let ty = "kind name ofType { ".repeat(9) + "name" + &" }".repeat(9);
    let query = format!(
        "{{ __schema {{ queryType {{ name }} types {{ kind name description specifiedByURL
            fields(includeDeprecated: true) {{ name description args {{ name description type {{ {ty} }} defaultValue }} type {{ {ty} }} isDeprecated deprecationReason }}
            inputFields {{ name type {{ {ty} }} defaultValue }} interfaces {{ {ty} }} enumValues {{ name }} possibleTypes {{ {ty} }} }}
            directives {{ name locations args {{ name type {{ {ty} }} }} }} }} }}"
    );
    let cost = cost(&query, "{}");
    assert!((1_000..30_000).contains(&cost), "{cost}");
}

#[test]
fn the_length_of_every_list_of_objects_is_known_or_short() {
    // A list without a rule in `list_size` counts as ten items. Before you add a list here, check that it has at most
    // ten, or add its length to `list_size`.
    let short = [
        // At most 50 can be written, and nearly all films and critics have only a few.
        "Critic.closestCritics",
        "Critic.externalIds",
        "Critic.furthestCritics",
        "Critic.outliers",
        "Critic.perYear",
        "Film.externalIds",
        "Film.alternativeTitles",
        "FilmFacets.decades",
        "FilmFacets.genres",
        "FilmFacets.verdicts",
        "FilmFacets.years",
        "Film.publishedScores",
        "Film.similarFilms",
        "Film.topQuotes",
        // A file has few tables, with few columns each, and a preview has ten rows.
        "FileRecord.values",
        "FileTable.columns",
        "ImportFilePayload.firstRecords",
        "ImportFilePayload.rowErrors",
        "ImportFilePayload.similarNames",
        "ImportFilePayload.tables",
        "ImportPagePayload.lineErrors",
        "ImportPagePayload.similarNames",
        "Publication.outliers",
        "Publication.perYear",
        "ScoreDistribution.histogram",
        "Query.nodes",
        "SearchEdge.snippet",
        "SiteRules.messages",
        "UserError.candidates",
    ];
    let pipeline = marquee_pipeline();
    for (parent, ty) in pipeline.schema.types() {
        for (name, field) in ty.fields().into_iter().flatten() {
            let is_list = matches!(field.ty.base, BaseType::List(_));
            let is_of_objects = pipeline
                .schema
                .find(base_type_name(&field.ty))
                .is_some_and(|ty| ty.fields().is_some());
            let is_page =
                parent.ends_with("Connection") && ["nodes", "edges"].contains(&name.as_str());
            let path = format!("{parent}.{name}");
            let is_known = is_page
                || parent.starts_with("__")
                || name == "userErrors"
                || short.contains(&path.as_str());
            assert!(!is_list || !is_of_objects || is_known, "{path}");
        }
    }
}

#[test]
fn no_argument_takes_a_list_of_lists() {
    // The validator's rule for lists of lists differs from that of graphql-js.
    let pipeline = marquee_pipeline();
    let is_nested = |ty: &async_graphql::parser::types::Type| match &ty.base {
        BaseType::List(inner) => matches!(inner.base, BaseType::List(_)),
        BaseType::Named(_) => false,
    };
    for (name, ty) in pipeline.schema.types() {
        let arguments = ty
            .fields()
            .into_iter()
            .flatten()
            .flat_map(|(_, field)| &field.arguments);
        let fields = match &ty.kind {
            Kind::Input { fields, .. } => &fields[..],
            _ => &[],
        };
        assert!(
            !arguments.chain(fields).any(|input| is_nested(&input.ty)),
            "{name}"
        );
    }
}

#[test]
fn every_field_that_reads_rows_has_a_price() {
    let pipeline = marquee_pipeline();
    let is_root = |name: &str| ["Query", "Mutation", "Subscription"].contains(&name);
    for (parent, ty) in pipeline.schema.types() {
        for (name, field) in ty.fields().into_iter().flatten() {
            // Only these fields have arguments and return values of their object: the histogram, excerpts and labels.
            let is_label = field.arguments.iter().all(|input| input.name == "locale");
            let is_value = ["histogram", "excerptText"].contains(&name.as_str()) || is_label;
            let is_resolved = is_root(parent) || !field.arguments.is_empty() && !is_value;
            let is_free = ["viewer", "rateLimit", "siteRules"].contains(&name.as_str());
            let is_introspection = parent.starts_with("__") || name.starts_with("__");
            assert!(
                !is_resolved || is_free || is_introspection || field.price != Price::Nothing,
                "{parent}.{name}"
            );
        }
    }
}
