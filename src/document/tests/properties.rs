//! Properties of the pipeline for any document and any variables.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{super::properties, marquee_pipeline};

/// The pieces of random documents, valid and invalid.
const PIECES: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "@",
    "$",
    "...",
    "on",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "F",
    "Film",
    "Query",
    "Node",
    "films",
    "nodes",
    "edges",
    "reviews",
    "critic",
    "film",
    "id",
    "title",
    "score",
    "first",
    "10",
    "-1",
    "1e5",
    "\"x\"",
    "\"\"\"b\"\"\"",
    "null",
    "true",
    "ENUM",
    "skip",
    "include",
    "if",
    "__typename",
    "__schema",
    "types",
    "Int",
    "\u{feff}",
    "#c\n",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_gets_a_response(text in any::<String>()) {
        properties::a_request_is_rejected_with_messages_or_planned_within_the_limits(&text, &Map::new());
    }

    #[test]
    fn any_pieces_of_documents_get_a_response(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        properties::a_request_is_rejected_with_messages_or_planned_within_the_limits(&pieces.join(" "), &Map::new());
    }

    #[test]
    fn a_generated_operation_costs_at_least_its_fields(choices in prop::collection::vec(any::<u8>(), 0..200)) {
        properties::costs::a_generated_operation_costs_at_least_its_fields(&choices);
    }

    #[test]
    fn any_variables_get_a_response(filter in value(), review in value(), by in value()) {
        let pipeline = marquee_pipeline();
        for query in [
            "query($filter: FilmFilter, $by: FilmBy!) { film(by: $by) { id } films(filter: $filter) { totalCount } }",
            "mutation($review: AddReviewInput!) { addReview(input: $review) { __typename } }",
        ] {
            let document = pipeline.document(query).unwrap();
            let Value::Object(variables) = json!({"filter": filter, "review": review, "by": by}) else {
                unreachable!("the literal is an object");
            };
            if let Err(rejection) = pipeline.plan(&document, None, &variables) {
                prop_assert!(!rejection.errors.is_empty());
                prop_assert!(rejection.errors.len() <= 20);
            }
        }
    }

    #[test]
    fn a_cached_document_has_the_same_result(pieces in prop::collection::vec(prop::sample::select(&["films { totalCount }", "film(by: {id: \"a\"}) { id }", "nothing", "__typename"][..]), 1..4)) {
        let pipeline = marquee_pipeline();
        let text = format!("{{ {} }}", pieces.join(" "));
        let [first, second] = [(); 2].map(|()| pipeline.document(&text).is_ok());
        prop_assert_eq!(first, second);
        prop_assert_eq!(pipeline.cached(&text).is_some(), first);
    }
}
