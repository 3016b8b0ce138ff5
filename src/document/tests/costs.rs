//! The costs of operations.

use super::{marquee_pipeline, plan};
use crate::document::schema::types::{Kind, base_type_name};
use async_graphql::parser::types::BaseType;

fn cost(query: &str, variables: &str) -> usize {
    plan(marquee_pipeline(), query, None, variables)
        .unwrap()
        .cost
}

#[test]
fn every_field_counts_times_the_length_of_its_page() {
    for (query, variables, expected) in [
        ("{ __typename }", "{}", 1),
        ("{ a: __typename b: __typename }", "{}", 2),
        ("{ films { totalCount } }", "{}", 2),
        ("{ films { nodes { id } } }", "{}", 1 + 1 + 20),
        (
            "{ films(first: 3) { nodes { id title } edges { cursor } } }",
            "{}",
            1 + (1 + 6) + (1 + 3),
        ),
        ("{ films(last: 7) { nodes { id } } }", "{}", 1 + 1 + 7),
        (
            "query($n: Int) { films(first: $n) { nodes { id } } }",
            r#"{"n": 5}"#,
            1 + 1 + 5,
        ),
        (
            "query($n: Int = 6) { films(first: $n) { nodes { id } } }",
            "{}",
            1 + 1 + 6,
        ),
        (
            "{ films(first: 2) { nodes { reviews(first: 3) { nodes { score } } } } }",
            "{}",
            2 + 2 * (2 + 3),
        ),
        ("{ nodes(ids: [\"a\", \"b\"]) { id } }", "{}", 1 + 2),
        (
            "{ nodes(ids: [\"a\"]) { ... on Film { title year } ... on Critic { name } } }",
            "{}",
            1 + 2,
        ),
    ] {
        assert_eq!(cost(query, variables), expected, "{query}");
    }
}

#[test]
fn a_field_that_include_leaves_out_costs_nothing() {
    let query = "query($all: Boolean!) { __typename films @include(if: $all) { nodes { id } } }";
    assert_eq!(cost(query, r#"{"all": false}"#), 1);
    assert_eq!(cost(query, r#"{"all": true}"#), 23);
}

#[test]
fn a_mutation_costs_more_than_its_fields() {
    let query = "mutation { deleteReview(input: {id: \"x\"}) { __typename } }";
    assert_eq!(cost(query, "{}"), 2 + 20);
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
    assert!((1_000..25_000).contains(&cost), "{cost}");
}

#[test]
fn the_length_of_every_list_of_objects_is_known_or_short() {
    // A list without a rule in `list_size` counts as ten items. Before you add a list here, check that it has at most
    // ten, or add its length to `list_size`.
    let short = [
        "Film.publishedScores",
        "ImportPagePayload.lineErrors",
        "ScoreDistribution.histogram",
        "Query.nodes",
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
