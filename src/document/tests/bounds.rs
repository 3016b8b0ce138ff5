//! The bounds of arguments.

use serde_json::{Map, Value, json};

use super::pipeline;

const SDL: &str = "
    directive @constraint(maxLength: Int, maxItems: Int) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
    enum Size { S M L }
    input Filter {
        name: String @constraint(maxLength: 5)
        names: [String!] @constraint(maxLength: 5, maxItems: 2)
        sizes: [Size!]
        filter: Filter
    }
    type Query { things(filter: Filter, ids: [ID!] @constraint(maxItems: 2)): Int }
    type Mutation { add(filter: Filter): Int }";

/// The code, the limit and the value of an error.
type Exceeded = (&'static str, u64, u64);

/// The errors for an argument of `things` or `add`, and the first message.
fn rejected(
    root: &str,
    argument: &str,
    ty: &str,
    value: Value,
) -> (Vec<(String, u64, u64)>, String) {
    let pipeline = pipeline(SDL);
    let keyword = if root == "add" { "mutation" } else { "query" };
    let text = format!("{keyword}($value: {ty}) {{ {root}({argument}: $value) }}");
    let variables = Map::from_iter([("value".to_owned(), value)]);
    let document = pipeline.document(&text).unwrap();
    let Err(rejection) = pipeline.plan(&document, None, &variables) else {
        return (Vec::new(), String::new());
    };
    let errors = rejection.errors.iter().map(|error| {
        let extensions = serde_json::to_value(error.extensions.as_ref()).unwrap();
        let number = |name: &str| extensions[name].as_u64().unwrap();
        let code = extensions["code"].as_str().unwrap().to_owned();
        (code, number("limit"), number("value"))
    });
    (errors.collect(), rejection.errors[0].message.clone())
}

#[track_caller]
fn check(root: &str, argument: &str, ty: &str, value: Value, expected: &[Exceeded]) {
    let (errors, _) = rejected(root, argument, ty, value);
    let errors: Vec<_> = errors
        .iter()
        .map(|(code, limit, value)| (code.as_str(), *limit, *value))
        .collect();
    assert_eq!(errors, expected);
}

#[track_caller]
fn check_filter(filter: Value, expected: &[Exceeded]) {
    check("things", "filter", "Filter", filter, expected);
}

#[test]
fn a_string_is_measured_in_nfc_with_its_blanks() {
    check_filter(json!({"name": "five!"}), &[]);
    check_filter(json!({"name": "five! "}), &[("TOO_LONG", 5, 6)]);
    check_filter(json!({"name": "e\u{301}".repeat(5)}), &[]);
    check_filter(json!({"name": "e\u{301}".repeat(6)}), &[("TOO_LONG", 5, 6)]);
    check_filter(
        json!({"name": "x".repeat(100_000)}),
        &[("TOO_LONG", 5, 100_000)],
    );
}

#[test]
fn an_error_names_the_path_of_the_value_from_the_argument() {
    let filter = json!({"filter": {"filter": {"name": "longer"}}});
    let (_, message) = rejected("things", "filter", "Filter", filter);
    assert_eq!(
        message,
        "the argument `filter.filter.filter.name` of `things` is 6 characters long, and at most 5 are allowed"
    );
}

#[test]
fn equal_values_of_a_list_count_once_up_to_a_limit() {
    check_filter(json!({"names": vec!["a"; 20]}), &[]);
    check_filter(
        json!({"names": vec!["a"; 21]}),
        &[("TOO_MANY_VALUES", 20, 21)],
    );
    check_filter(
        json!({"names": ["a", "b", "c"]}),
        &[("TOO_MANY_VALUES", 2, 3)],
    );
}

#[test]
fn the_bound_applies_to_each_string_of_a_list_and_to_a_single_string() {
    check_filter(json!({"names": ["longer", "a"]}), &[("TOO_LONG", 5, 6)]);
    check_filter(json!({"names": "longer"}), &[("TOO_LONG", 5, 6)]);
}

#[test]
fn ids_and_lists_of_enums_have_bounds_by_their_type() {
    let ids = |ids: Value, expected: &[Exceeded]| check("things", "ids", "[ID!]", ids, expected);
    ids(json!(["x".repeat(64), 7]), &[]);
    ids(json!(["x".repeat(65)]), &[("TOO_LONG", 64, 65)]);
    ids(json!([1, 2, 3]), &[("TOO_MANY_VALUES", 2, 3)]);
    check_filter(json!({"sizes": vec!["S"; 30]}), &[]);
    check_filter(
        json!({"sizes": vec!["S"; 31]}),
        &[("TOO_MANY_VALUES", 30, 31)],
    );
}

#[test]
fn a_mutation_reports_in_its_payload_up_to_ten_times_the_bound() {
    let add =
        |filter: Value, expected: &[Exceeded]| check("add", "filter", "Filter", filter, expected);
    add(json!({"name": "x".repeat(50)}), &[]);
    add(json!({"name": "x".repeat(51)}), &[("TOO_LONG", 50, 51)]);
    let names = |count: usize| (0..count).map(|name| name.to_string()).collect::<Vec<_>>();
    add(json!({"names": names(20)}), &[]);
    add(json!({"names": names(21)}), &[("TOO_MANY_VALUES", 20, 21)]);
}

/// The code and the value of the first error of a request.
#[track_caller]
fn first_error(text: &str, variables: &Map<String, Value>) -> (Value, Value) {
    let pipeline = pipeline(SDL);
    let document = pipeline.document(text).unwrap();
    let rejection = pipeline.plan(&document, None, variables).unwrap_err();
    let extensions = serde_json::to_value(rejection.errors[0].extensions.as_ref()).unwrap();
    (extensions["code"].clone(), extensions["value"].clone())
}

#[test]
fn the_copies_of_arguments_are_counted() {
    let uses = |times| {
        format!(
            "query($id: ID!) {{ things(ids: [{}]) }}",
            "$id ".repeat(times)
        )
    };
    let variables = |length| Map::from_iter([("id".to_owned(), json!("x".repeat(length)))]);
    assert_eq!(first_error(&uses(2), &variables(200_000)).0, "TOO_LONG");
    let too_large = (json!("VARIABLES_TOO_LARGE"), Value::Null);
    assert_eq!(first_error(&uses(4_000), &variables(400_000)), too_large);
    // A literal within the limit is copied once, so its own error is reported.
    let names = "\"a\" ".repeat(9_000);
    let text = format!("{{ things(filter: {{names: [{names}]}}) }}");
    assert_eq!(first_error(&text, &Map::new()).0, "TOO_MANY_VALUES");
}

#[test]
fn an_error_in_a_list_names_the_item() {
    let (_, message) = rejected("things", "ids", "[ID!]", json!(["a", "x".repeat(65)]));
    assert!(message.contains("`ids.1`"), "{message}");
}

#[test]
fn an_integer_id_beyond_64_bits_is_rejected_before_execution() {
    let pipeline = pipeline(SDL);
    let document = pipeline
        .document("{ things(ids: [99999999999999999999]) }")
        .unwrap();
    let rejection = pipeline.plan(&document, None, &Map::new()).unwrap_err();
    assert!(
        rejection.errors[0].message.contains("64-bit"),
        "{rejection}"
    );
    assert_eq!(rejection.code(), "VALIDATION_FAILED");
}

#[test]
fn literals_have_the_same_bounds_as_variables() {
    let pipeline = pipeline(SDL);
    for (text, is_allowed) in [
        ("{ things(filter: {name: \"five!\"}) }", true),
        ("{ things(filter: {name: \"longer\"}) }", false),
        (
            "query($n: String = \"longer\") { things(filter: {name: $n}) }",
            false,
        ),
        (
            "{ things(filter: {name: \"longer\"}) @skip(if: true) __typename }",
            true,
        ),
    ] {
        let document = pipeline.document(text).unwrap();
        let plan = pipeline.plan(&document, None, &Map::new());
        assert_eq!(plan.is_ok(), is_allowed, "{text}");
    }
}
