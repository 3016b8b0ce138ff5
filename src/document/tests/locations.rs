//! The locations of errors. Lines end as in the specification; columns count UTF-16 code units, as in graphql-js.

use async_graphql::Pos;

use super::{super::error::Stage, marquee_pipeline};

/// The stage that rejects a document, and the location of its first error.
fn rejected(text: &str) -> (Stage, Pos) {
    let rejection = marquee_pipeline().document(text).unwrap_err();
    (rejection.stage, rejection.errors[0].locations[0])
}

#[test]
fn lines_end_only_with_lf_or_cr() {
    let at = |line, column| Pos { line, column };
    for (text, expected) in [
        ("{\n  nothing\n}", (Stage::Validate, at(2, 3))),
        ("{\r\n  nothing }", (Stage::Validate, at(2, 3))),
        ("{\r  nothing }", (Stage::Validate, at(2, 3))),
        ("# \u{2028}\u{85}\n{ nothing }", (Stage::Validate, at(2, 3))),
        ("{ a \u{b} }", (Stage::Parse, at(1, 5))),
        ("{ \u{c}", (Stage::Parse, at(1, 3))),
    ] {
        assert_eq!(rejected(text), expected, "{text:?}");
    }
}

#[test]
fn columns_count_utf_16_code_units() {
    for text in [
        "{ film(by: {slug: \"\u{1f39e}\"}) { nothing } }",
        "{ film(by: {slug: \"\u{1f39e}\"}) { ? } }",
    ] {
        assert_eq!(
            rejected(text).1,
            Pos {
                line: 1,
                column: 28
            },
            "{text}"
        );
    }
}
