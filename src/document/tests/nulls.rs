//! Variables that are null at positions that allow no null.

use super::{super::error::Stage, Pipeline, pipeline, plan};

const SDL: &str = "
    type Query {
        film(by: By, page: Int! = 3, tags: [String!], all: [[Int!]], at: Point): Film
        one(by: By!): Film
        node: Node
    }
    type Mutation { add(input: Add!): Film }
    type Film implements Node { id: ID! title(in: String! = \"en\"): String }
    type Critic implements Node { id: ID! name: String }
    interface Node { id: ID! }
    input By @oneOf { id: ID slug: String at: Point }
    input Point { x: Int! y: Int! = 2 tags: [String!] by: By }
    input Add { title: String! year: Int! = 1999 }
";

fn schema() -> Pipeline {
    pipeline(SDL)
}

/// Returns the messages of the rejection of a request, without values for the variables that are not in `variables`.
fn rejection(query: &str, variables: &str) -> Vec<String> {
    let Err(error) = plan(&schema(), query, None, variables) else {
        panic!("accepted: {query} {variables}");
    };
    assert_eq!(error.stage, Stage::Variables, "{query}: {error}");
    let errors = error.errors.into_iter();
    errors
        .map(|error| {
            assert_eq!(error.locations.len(), 1, "{query}");
            error.message
        })
        .collect()
}

fn accept(query: &str, variables: &str) {
    if let Err(error) = plan(&schema(), query, None, variables) {
        panic!("{query} {variables}: {error:?}");
    }
}

const NULL_CONDITION: &str = "the variable \"$x\" is null, but is used as \"if\", which is of the type \"Boolean!\" and must not be null";

#[test]
fn a_null_condition_is_rejected_wherever_it_is_and_whatever_the_default() {
    for default in ["false", "true"] {
        for directive in ["skip", "include"] {
            let condition = format!("@{directive}(if: $x)");
            for selection in [
                format!("{{ film {{ id }} node {condition} {{ id }} }}"),
                format!("{{ film {{ id {condition} }} }}"),
                format!("{{ film {{ ...F {condition} }} }} fragment F on Film {{ id }}"),
                format!("{{ ...F }} fragment F on Query {{ film {{ id {condition} }} }}"),
                format!("{{ film {{ ... {condition} {{ id }} }} }}"),
                format!("{{ film {{ ... on Film {condition} {{ id }} }} }}"),
                format!("{{ ... {condition} {{ film {{ id }} }} }}"),
                format!("{{ node {{ ... on Film {{ title {condition} }} }} }}"),
                format!("{{ node {{ id {condition} }} }}"),
            ] {
                let query = format!("query($x: Boolean = {default}) {selection}");
                assert_eq!(
                    rejection(&query, r#"{"x": null}"#),
                    [NULL_CONDITION],
                    "{query}"
                );
                accept(&query, "{}");
                accept(&query, r#"{"x": true}"#);
            }
            let query = format!(
                "mutation($x: Boolean = {default}) {{ add(input: {{title: \"a\"}}) {condition} {{ id }} }}"
            );
            assert_eq!(
                rejection(&query, r#"{"x": null}"#),
                [NULL_CONDITION],
                "{query}"
            );
            accept(&query, "{}");
        }
    }
}

/// The specification evaluates `@skip` first.
#[test]
fn a_null_condition_of_a_skipped_selection_is_not_evaluated() {
    let query = "query($x: Boolean = true) { film { id title @include(if: $x) @skip(if: true) } }";
    accept(query, r#"{"x": null}"#);
    let query = "query($x: Boolean = true) { film @skip(if: true) { title @include(if: $x) } }";
    accept(query, r#"{"x": null}"#);
    // It applies to no object that the field can return.
    let query = "query($x: Boolean = true) { film { id ... on Node { ... on Critic { name @include(if: $x) } } } }";
    accept(query, r#"{"x": null}"#);
}

/// Returns the message for a variable that is null.
fn null_at(variable: &str, path: &str, ty: &str) -> String {
    format!(
        "the variable \"${variable}\" is null, but is used as \"{path}\", which is of the type \"{ty}\" and must not be null"
    )
}

#[test]
fn a_null_argument_of_a_non_null_type_is_rejected() {
    for (query, path, ty) in [
        (
            "query($x: Int = 5) { film(page: $x) { id } }",
            "page",
            "Int!",
        ),
        ("query($x: Int) { film(page: $x) { id } }", "page", "Int!"),
        (
            r#"query($x: String = "de") { film { title(in: $x) } }"#,
            "in",
            "String!",
        ),
        (
            r#"query($x: By = {slug: "a"}) { one(by: $x) { id } }"#,
            "by",
            "By!",
        ),
        (
            r#"mutation($x: Add = {title: "a"}) { add(input: $x) { id } }"#,
            "input",
            "Add!",
        ),
    ] {
        let expected = null_at("x", path, ty);
        assert_eq!(rejection(query, r#"{"x": null}"#), [expected], "{query}");
        accept(query, "{}");
    }
}

#[test]
fn a_null_in_a_list_or_an_input_object_is_rejected() {
    for (query, path, ty) in [
        (
            r#"query($x: String = "a") { film(tags: ["b", $x]) { id } }"#,
            "tags.1",
            "String!",
        ),
        (
            "query($x: Int = 1) { film(all: [[2, 3], [$x]]) { id } }",
            "all.1.0",
            "Int!",
        ),
        (
            "query($x: Int = 1) { film(at: {x: $x}) { id } }",
            "at.x",
            "Int!",
        ),
        (
            "query($x: Int) { film(at: {x: 1, y: $x}) { id } }",
            "at.y",
            "Int!",
        ),
        (
            r#"query($x: String = "a") { film(by: {at: {x: 1, tags: [$x]}}) { id } }"#,
            "by.at.tags.0",
            "String!",
        ),
        (
            r#"mutation($x: Int = 1) { a: add(input: {title: "a"}) { id } b: add(input: {title: "b", year: $x}) { id } }"#,
            "input.year",
            "Int!",
        ),
    ] {
        let expected = null_at("x", path, ty);
        assert_eq!(rejection(query, r#"{"x": null}"#), [expected], "{query}");
        accept(query, "{}");
    }
    // A position of a nullable type takes it.
    let query = r#"query($x: [String!] = ["a"]) { film(tags: $x) { id } }"#;
    accept(query, r#"{"x": null}"#);
}

#[test]
fn a_variable_without_a_value_takes_the_default_of_its_position() {
    for query in [
        "query($n: Int) { film(page: $n) { id } }",
        "query($y: Int) { film(at: {x: 1, y: $y}) { id } }",
        "query($l: String) { film { title(in: $l) } }",
        "query($t: [String!]) { film(tags: $t) { id } }",
    ] {
        accept(query, "{}");
    }
}

#[test]
fn a_nullable_variable_with_a_default_is_valid_in_a_one_of_input() {
    for (query, path) in [
        (
            r#"query($s: String = "a") { film(by: {slug: $s}) { id } }"#,
            "by.slug",
        ),
        (
            r#"query($s: ID = "a") { film(by: {id: $s}) { id } }"#,
            "by.id",
        ),
        (
            "query($s: Point = {x: 1}) { film(by: {at: $s}) { id } }",
            "by.at",
        ),
        (
            r#"query($s: String = "a") { film(at: {x: 1, by: {slug: $s}}) { id } }"#,
            "at.by.slug",
        ),
        (
            r#"query($s: String = "a") { ...Q } fragment Q on Query { one(by: {slug: $s}) { id } }"#,
            "by.slug",
        ),
    ] {
        accept(query, "{}");
        let value = if query.contains("Point =") {
            r#"{"s": {"x": 2}}"#
        } else {
            r#"{"s": "b"}"#
        };
        accept(query, value);
        let message = format!(
            "the variable \"$s\" is null, but is used as \"{path}\", which must not be null, because \"By\" needs exactly one of its fields"
        );
        assert_eq!(rejection(query, r#"{"s": null}"#), [message], "{query}");
    }
}

#[test]
fn a_nullable_variable_without_a_default_stays_invalid_in_a_one_of_input() {
    for query in [
        "query($s: String) { film(by: {slug: $s}) { id } }",
        "query($s: String = null) { film(by: {slug: $s}) { id } }",
        // Another operation's variable has a default.
        r#"query A($s: String = "a") { film(by: {slug: $s}) { id } } query B($s: String) { film(by: {slug: $s}) { id } }"#,
        r#"query($s: String = "a", $i: ID = "b") { film(by: {slug: $s, id: $i}) { id } }"#,
    ] {
        let Err(error) = plan(
            &schema(),
            query,
            Some("A").filter(|_| query.contains("query A")),
            "{}",
        ) else {
            panic!("accepted: {query}");
        };
        assert_eq!(error.stage, Stage::Validate, "{query}");
    }
}
