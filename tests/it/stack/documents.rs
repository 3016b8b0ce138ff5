//! Deep and large documents and variables.

use std::sync::LazyLock;

use marquee::{
    document::{Pipeline, limits::Limits},
    metrics::CacheMetrics,
};
use serde_json::{Map, Value, json};

use super::{TIMES, on_half_a_stack};

/// Returns the pipeline of the served schema with ten times the default limits.
fn pipeline() -> &'static Pipeline {
    static PIPELINE: LazyLock<Pipeline> = LazyLock::new(|| {
        let Limits {
            bytes,
            tokens,
            depth,
            aliases,
            root_fields,
            directives,
            cost,
            variable_bytes,
            variable_depth,
        } = Limits::default();
        let limits = Limits {
            bytes: bytes * TIMES,
            tokens: tokens * TIMES,
            depth: depth * TIMES,
            aliases: aliases * TIMES,
            root_fields: root_fields * TIMES,
            directives: directives * TIMES,
            cost: cost * TIMES,
            variable_bytes: variable_bytes * TIMES,
            variable_depth: variable_depth * TIMES,
        };
        let sdl = marquee::graphql::schema::sdl();
        Pipeline::new(&sdl, limits, true, 0, CacheMetrics::default()).unwrap()
    });
    &PIPELINE
}

/// Parses, validates and plans a request, and drops the result. Returns whether the request is executable.
fn examine(query: &str, variables: &Map<String, Value>) -> bool {
    let pipeline = pipeline();
    let document = pipeline.document(query);
    document.is_ok_and(|document| pipeline.plan(&document, None, variables).is_ok())
}

/// Returns a text with this many nested pieces.
fn nested((open, close): (&str, &str), (more, less): (&str, &str), times: usize) -> String {
    [
        open,
        &more.repeat(times),
        " id ",
        &less.repeat(times),
        close,
    ]
    .concat()
}

#[test]
fn deeply_nested_documents_do_not_overflow_the_stack() {
    let around = [
        ("{ a ", "}"),
        ("{ films(first: 1) { nodes { score(filter: ", "}}}"),
        ("{ ... on Query ", "}"),
        ("{ ... ", "}"),
        ("query($v: [", "]) { a }"),
        ("query($v: Int = [", "]) { a }"),
        ("query($v: Int = {a: ", "}) { a }"),
        ("{ films(filter: {title: [", "]}) { totalCount } }"),
        ("{ films(filter: {year: ", "}) { totalCount } }"),
        ("{ film(by: ", ") { id } }"),
    ];
    let inner = [
        ("{", "}"),
        ("[", "]"),
        ("{a: ", "}"),
        ("{ ...on Query", "}"),
        ("", "!"),
    ];
    on_half_a_stack(move || {
        for around in around {
            for inner in inner {
                for times in [25, 130, 399, 1_000, 10_000] {
                    examine(&nested(around, inner, times), &Map::new());
                }
            }
        }
        // For a document that is valid against the schema, only the nesting decides.
        let deep = |times| {
            let around = ("{ film(by: {slug: \"a\"}) {", "} }");
            let inner = ("reviews(first: 1) { nodes { film { ", "} } }");
            examine(&nested(around, inner, times), &Map::new())
        };
        assert!(deep(32));
        assert!(!deep(33) && !deep(1_000));
    });
}

#[test]
fn large_documents_do_not_overflow_the_stack() {
    let many = 9_000;
    let numbered = |piece: &dyn Fn(usize) -> String| (0..many).map(piece).collect::<String>();
    let wide: Vec<_> = (0..1_900).map(|n| format!("a{n}: title")).collect();
    let wide = wide.join(" ");
    let queries = [
        format!("{{ films(first: 1) {{ nodes {{ {wide} }} }} }}"),
        format!("{{ {} }}", "__typename ".repeat(many)),
        format!("{{ {} }}", numbered(&|n| format!("a{n}: __typename "))),
        format!("{{ {} __typename }}", "...F ".repeat(many))
            + " fragment F on Query { __typename }",
        String::from("{ ...F0 }")
            + &numbered(&|n| format!(" fragment F{n} on Query {{ ...F{} }}", n + 1))
            + &format!(" fragment F{many} on Query {{ __typename }}"),
        String::from("{ ...F0 }")
            + &numbered(&|n| format!(" fragment F{n} on Query {{ ...F{} }}", (n + 1) % many)),
        format!("{{ __typename {} }}", "@include(if: true) ".repeat(many)),
        format!(
            "query({}) {{ __typename }}",
            numbered(&|n| format!("$v{n}: Int "))
        ),
        format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"a\" ".repeat(many)),
        format!(
            "{{ films(filter: {{ {} }}) {{ totalCount }} }}",
            "title: \"a\" ".repeat(many)
        ),
        numbered(&|n| format!("query Q{n} {{ __typename }} ")),
        format!(
            "query($v: ID! = \"a\") {{ nodes(ids: [{}]) {{ id }} }}",
            "$v ".repeat(many)
        ),
    ];
    on_half_a_stack(move || {
        let executable = queries.iter().filter(|query| examine(query, &Map::new()));
        // The first query is within all limits.
        assert!(executable.count() >= 1);
    });
}

/// The JSON parser limits the nesting, but a client's own variables may have any type.
#[test]
fn deep_and_large_variables_do_not_overflow_the_stack() {
    let depth = Limits::default().variable_depth * TIMES;
    let items = Limits::default().variable_bytes * TIMES / 8;
    on_half_a_stack(move || {
        let deep =
            |around: &dyn Fn(Value) -> Value| (0..depth).fold(json!("a"), |value, _| around(value));
        let list = deep(&|value| json!([value]));
        let object = deep(&|value| json!({"filter": value}));
        let values = [
            list,
            object,
            json!(vec!["POSITIVE"; items]),
            json!("x".repeat(items * 8)),
            json!(vec![json!({}); items]),
        ];
        let nested = "[".repeat(depth) + "String" + &"]".repeat(depth);
        for ty in [
            "[Sentiment!]",
            "ReviewFilter",
            "[ID!]!",
            "String",
            "FilmBy!",
            "AddReviewInput!",
            &nested,
        ] {
            let (field, argument) = match ty {
                "[Sentiment!]" => ("reviews(filter: {sentiment: $v}) { totalCount }", "query"),
                "ReviewFilter" => ("reviews(filter: $v) { totalCount }", "query"),
                "[ID!]!" => ("nodes(ids: $v) { id }", "query"),
                "FilmBy!" => ("film(by: $v) { id }", "query"),
                "AddReviewInput!" => ("addReview(input: $v) { __typename }", "mutation"),
                _ => ("films(filter: {title: $v}) { totalCount }", "query"),
            };
            let query = format!("{argument}($v: {ty}) {{ {field} }}");
            for value in &values {
                let variables = Map::from_iter([("v".to_owned(), value.clone())]);
                assert!(!examine(&query, &variables), "{query}");
            }
        }
        // Drops the nested values on this stack.
        drop(values);
    });
}
