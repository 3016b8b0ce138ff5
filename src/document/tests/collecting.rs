//! The operations that the executor gets.

use async_graphql::parser::types::{Field, OperationType, Selection, SelectionSet};

use crate::graphql::schema::PRIVATE_FIELDS;

use super::{marquee_pipeline, pipeline, plan};

const SDL: &str = "
    type Query { film(slug: String = \"a\", tags: [String!], at: Point): Film any: Any node: Node films: [Film!]! }
    type Mutation { bump(by: Int! = 1): Film }
    type Film implements Node { id: ID! title: String! year: Int critic: Critic }
    type Critic implements Node { id: ID! name: String! film: Film }
    interface Node { id: ID! }
    union Any = Film | Critic
    input Point { x: Int y: Int = 2 }
";

/// The operation that is executed, as GraphQL text.
fn collected(query: &str, variables: &str) -> String {
    let plan = plan(&pipeline(SDL), query, None, variables).unwrap();
    let (_, operation) = plan.document.operations.iter().next().unwrap();
    assert!(operation.node.variable_definitions.is_empty());
    let kind = match operation.node.ty {
        OperationType::Query => "",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    format!("{kind}{}", set(&operation.node.selection_set.node))
}

fn set(set: &SelectionSet) -> String {
    let items = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => self::field(&field.node),
        Selection::InlineFragment(fragment) => {
            let on = &fragment.node.type_condition.as_ref().unwrap().node.on.node;
            format!("...{on}{}", self::set(&fragment.node.selection_set.node))
        }
        Selection::FragmentSpread(_) => panic!("a fragment spread isn't expanded"),
    });
    format!("{{{}}}", items.collect::<Vec<_>>().join(" "))
}

fn field(field: &Field) -> String {
    assert!(field.directives.is_empty());
    let mut text = String::new();
    if let Some(alias) = &field.alias {
        text = text + &alias.node + ":";
    }
    text += &field.name.node;
    if !field.arguments.is_empty() {
        let arguments = field.arguments.iter();
        let arguments = arguments.map(|(name, value)| format!("{}:{}", name.node, value.node));
        text = text + "(" + &arguments.collect::<Vec<_>>().join(",") + ")";
    }
    if !field.selection_set.node.items.is_empty() {
        text += &set(&field.selection_set.node);
    }
    text
}

#[test]
fn repeated_fields_are_merged() {
    for (query, expected) in [
        ("{ film { id } film { title id } }", "{film{id title}}"),
        (
            "mutation { bump { id } bump { title } }",
            "mutation{bump{id title}}",
        ),
        (
            "{ film { ...F id } ...Q } fragment Q on Query { film { year } } fragment F on Film { title }",
            "{film{title id year}}",
        ),
        (
            "{ film { critic { id } } ... { film { critic { name } } } }",
            "{film{critic{id name}}}",
        ),
        (
            "{ a: film { id } b: film { id } }",
            "{a:film{id} b:film{id}}",
        ),
    ] {
        assert_eq!(collected(query, "{}"), expected, "{query}");
    }
}

#[test]
fn skip_and_include_are_evaluated_with_the_defaults_of_variables() {
    let query = "query($a: Boolean! = true, $b: Boolean) { film { id @skip(if: $a) title @include(if: $a) } }"
        .replace(", $b: Boolean", "");
    assert_eq!(collected(&query, "{}"), "{film{title}}");
    assert_eq!(collected(&query, r#"{"a": false}"#), "{film{id}}");
    let query = "query($a: Boolean!) { film { ... @include(if: $a) { id } ...F @skip(if: $a) } } fragment F on Film { title }";
    assert_eq!(collected(query, r#"{"a": true}"#), "{film{id}}");
    assert_eq!(collected(query, r#"{"a": false}"#), "{film{title}}");
    assert_eq!(
        collected("{ film { id } films @skip(if: true) { id } }", "{}"),
        "{film{id}}"
    );
}

#[test]
fn an_argument_whose_variable_has_no_value_is_omitted() {
    let query = "query($s: String, $x: Int, $t: [String!]) { film(slug: $s, at: {x: $x, y: 1}, tags: $t) { id } }";
    assert_eq!(collected(query, "{}"), "{film(at:{y: 1}){id}}");
    assert_eq!(
        collected(query, r#"{"s": null, "x": 1, "t": "one"}"#),
        "{film(slug:null,at:{x: 1, y: 1},tags:[\"one\"]){id}}"
    );
}

#[test]
fn an_abstract_type_gets_an_inline_fragment_for_each_object_type() {
    for (query, expected) in [
        (
            "{ any { ... on Film { title } ... on Critic { name } } }",
            "{any{...Film{title} ...Critic{name}}}",
        ),
        (
            "{ any { __typename ... on Film { title } } }",
            "{any{...Film{__typename title} ...Critic{__typename}}}",
        ),
        ("{ node { id } }", "{node{id}}"),
        (
            "{ node { id ... on Film { title } ... on Node { __typename } } }",
            "{node{...Film{id title __typename} ...Critic{id __typename}}}",
        ),
        (
            "{ film { ... on Any { ... on Film { title } } ... on Node { id } } }",
            "{film{title id}}",
        ),
        ("{ any { __typename } }", "{any{__typename}}"),
    ] {
        assert_eq!(collected(query, "{}"), expected, "{query}");
    }
}

#[test]
fn the_kind_of_a_type_is_selected_next_to_its_interfaces() {
    let query = "{ __type(name: \"Node\") { i: interfaces { name } } }";
    assert_eq!(
        collected(query, "{}"),
        "{__type(name:\"Node\"){__marquee_kind_of_i:kind i:interfaces{name}}}"
    );
}

#[test]
fn an_operation_is_found_by_its_name() {
    let pipeline = marquee_pipeline();
    let two = "query A { __typename } mutation B { __typename }";
    let kind = |query: &str, name: Option<&str>| {
        plan(pipeline, query, name, "{}")
            .map(|plan| (plan.operation_type, plan.name))
            .ok()
    };
    assert_eq!(kind(two, None), None);
    assert_eq!(kind(two, Some("C")), None);
    assert_eq!(
        kind(two, Some("B")),
        Some((OperationType::Mutation, Some("B".to_owned())))
    );
    assert_eq!(
        kind("{ __typename }", None),
        Some((OperationType::Query, None))
    );
    assert_eq!(kind("{ __typename }", Some("A")), None);
}

#[test]
fn an_operation_is_private_if_it_selects_a_field_that_depends_on_the_caller() {
    let pipeline = marquee_pipeline();
    let is_private = |query: &str| plan(pipeline, query, None, "{}").unwrap().is_private;
    assert!(!is_private(
        "{ film(by: { slug: \"viewer\" }) { viewer: title } }"
    ));
    for field in PRIVATE_FIELDS {
        for query in [
            format!("{{ {field} {{ __typename }} }}"),
            format!("{{ a: {field} {{ __typename }} films {{ totalCount }} }}"),
            format!(
                "query {{ ...Fields }} fragment Fields on Query {{ ... {{ {field} {{ __typename }} }} }}"
            ),
        ] {
            assert!(is_private(&query), "{query}");
        }
    }
}
