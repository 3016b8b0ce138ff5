//! Small documents that cause much work, and large documents: each is rejected early and with a small response.

use std::fmt::Write;

use super::{super::error::Stage, marquee_pipeline, plan};
use crate::error::code;

/// The error code of a rejected document. Checks that the errors are small.
fn rejection_code(query: &str) -> String {
    let rejection =
        plan(marquee_pipeline(), query, None, "{}").expect_err("the document wasn't rejected");
    let errors = serde_json::to_string(&rejection.errors).unwrap();
    assert!(errors.len() < 10_000, "{} bytes", errors.len());
    let extensions = rejection.errors[0].extensions.as_ref();
    match extensions.and_then(|extensions| extensions.get("code")) {
        Some(async_graphql::Value::String(code)) => code.clone(),
        _ => match rejection.stage {
            Stage::Parse => code::SYNTAX_ERROR.to_owned(),
            _ => code::VALIDATION_FAILED.to_owned(),
        },
    }
}

/// `count` fragments on `ty`, each of which spreads the next one twice.
fn doubling(count: usize, root: &str, ty: &str, innermost: &str) -> String {
    let mut query = format!("{{ {root} }}");
    for number in 0..count {
        let next = number + 1;
        let _ = write!(
            query,
            " fragment F{number} on {ty} {{ ...F{next} ...F{next} }}"
        );
    }
    let _ = write!(query, " fragment F{count} on {ty} {{ {innermost} }}");
    query
}

#[test]
fn fragments_that_spread_each_other_twice_are_counted_once_each() {
    for count in [25, 60] {
        let query = doubling(count, "...F0", "Query", "__typename");
        assert_eq!(rejection_code(&query), code::TOO_MANY_ROOT_FIELDS);
        let query = doubling(count, "...F0", "Query", "a: __typename");
        assert_eq!(rejection_code(&query), code::TOO_MANY_ALIASES);
    }
    let query = doubling(25, "films { nodes { ...F0 } }", "Film", "id");
    assert_eq!(rejection_code(&query), code::TOO_MANY_SELECTIONS);
    // A chain of more nested fragments than is allowed.
    let query = doubling(150, "...F0", "Query", "__typename");
    assert_eq!(rejection_code(&query), code::TOO_DEEP);
}

#[test]
fn unused_fragments_are_counted_as_well() {
    let query = doubling(25, "__typename", "Film", "id");
    assert_eq!(rejection_code(&query), code::TOO_MANY_SELECTIONS);
}

#[test]
fn cycles_of_fragments_are_reported_by_the_validator() {
    let query = "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }";
    assert_eq!(rejection_code(query), code::VALIDATION_FAILED);
}

#[test]
fn large_documents_are_rejected_by_their_size() {
    let fields = "a ".repeat(20_000);
    let directives = "@a ".repeat(5_000);
    let variables = (0..10_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "$v{number}: Int ");
        text
    });
    let aliases = (0..10_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "a{number}: __typename ");
        text
    });
    for query in [
        format!("{{ {fields} }}"),
        format!("{{ {} }}", "__typename ".repeat(20_000)),
        format!("{{ __typename {directives}{directives}{directives} }}"),
        format!("query({variables}) {{ __typename }}"),
        format!("{{ {aliases} }}"),
    ] {
        let code = rejection_code(&query);
        let expected = [code::TOO_MANY_TOKENS, code::DOCUMENT_TOO_LARGE];
        assert!(
            expected.contains(&code.as_str()),
            "{code}: {}",
            &query[..40]
        );
    }
    assert_eq!(
        rejection_code(&format!("{{ __typename {} }}", &directives[..3_000])),
        code::TOO_MANY_DIRECTIVES
    );
}

#[test]
fn deep_documents_are_rejected_before_anything_recurses() {
    for (open, close) in [
        ("{a", "}"),
        ("{a(b:[", "])}"),
        ("{...on Query", "}"),
        ("{a(b:{c:", "})}"),
    ] {
        for times in [5_000, 100_000] {
            let query = open.repeat(times) + &close.repeat(times);
            let code = rejection_code(&query);
            let expected = [
                code::TOO_DEEP,
                code::TOO_MANY_TOKENS,
                code::DOCUMENT_TOO_LARGE,
                code::SYNTAX_ERROR,
            ];
            assert!(expected.contains(&code.as_str()), "{code}");
        }
    }
    let nested = "films { nodes { reviews { nodes { film { ".repeat(6);
    let query = format!("{{ {nested} id {} }}", "} ".repeat(30));
    // `films` isn't a field of a film, but the depth is checked first.
    assert_eq!(rejection_code(&query), code::TOO_DEEP);
}

#[test]
fn nested_introspection_lists_are_rejected() {
    let nested = "fields { type { ".repeat(3);
    let query = format!(
        "{{ __schema {{ types {{ {nested} name {} }} }} }}",
        "} ".repeat(6)
    );
    assert_eq!(rejection_code(&query), code::TOO_DEEP);
    let wide = "fields { type { interfaces { possibleTypes { ";
    let query = format!("{{ __type(name: \"Film\") {{ {wide} name }} }} }} }} }} }}");
    assert_eq!(rejection_code(&query), code::TOO_DEEP);
}

#[test]
fn nested_pages_are_rejected_by_their_cost() {
    let query = "{ films(first: 100) { nodes { reviews(first: 100) { nodes { critic { reviews(first: 100) { nodes { id } } } } } } } }";
    assert_eq!(rejection_code(query), code::TOO_COSTLY);
}

#[test]
fn only_the_first_errors_are_reported() {
    let fields = (0..4_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, "x{number} ");
        text
    });
    let rejection = plan(
        marquee_pipeline(),
        &format!("{{ films {{ nodes {{ {fields} }} }} }}"),
        None,
        "{}",
    );
    let rejection = rejection.unwrap_err();
    assert_eq!(rejection.stage, Stage::Validate);
    assert_eq!(rejection.errors.len(), 20);
}
