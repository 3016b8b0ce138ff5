use proptest::prelude::*;

use super::*;

#[test]
fn a_media_type_is_read_as_clients_write_it() {
    for text in [
        "application/json;charset=utf-8",
        "application/json; charset=utf-8",
        "application/json ;charset=utf-8",
        "application/json ; charset = utf-8",
        " Application/JSON;CHARSET=\"utf-8\"",
        "application/json;;charset=utf-8;",
        "application/json; odd; =x; charset=utf-8",
        "application/json; title=\"a;b, \\\"c\"; charset=\"ut\\f-8\"",
    ] {
        let range = MediaRange::parse(text).unwrap();
        assert_eq!(range.essence, "application/json", "{text}");
        assert_eq!(range.parameter("charset"), Some("utf-8"), "{text}");
    }
    for text in [
        "",
        "json",
        "/json",
        "application/",
        "a b/c",
        "a/b/c",
        ";q=1",
    ] {
        assert_eq!(MediaRange::parse(text), None, "{text}");
    }
}

#[test]
fn members_that_cannot_be_read_are_skipped() {
    let list = ", json, application/json;x=\"a,b\" ,, *, text/html;q=0.5,é/ü,\ttext/*";
    let essences: Vec<_> = MediaRange::parse_list(list)
        .map(|range| range.essence)
        .collect();
    assert_eq!(essences, ["application/json", "*/*", "text/html", "text/*"]);
}

#[test]
fn a_quoted_string_that_does_not_end_hides_no_other_member() {
    for (list, expected) in [
        (
            "text/html;title=\"a, application/json",
            &["text/html", "application/json"][..],
        ),
        ("text/html;title=\", */*", &["text/html", "*/*"]),
        (
            "text/html;title=\"a\\\", application/json",
            &["text/html", "application/json"],
        ),
        ("a/b;x=\"1,2\", c/d;y=\"3, e/f", &["a/b", "c/d", "e/f"]),
    ] {
        let essences: Vec<_> = MediaRange::parse_list(list)
            .map(|range| range.essence)
            .collect();
        assert_eq!(essences, expected, "{list}");
    }
    let range = MediaRange::parse("text/html;title=\"a;q=0.5").unwrap();
    assert_eq!(range.quality(), 500);
}

#[test]
fn a_quality_that_is_missing_or_no_number_is_the_highest() {
    for (text, expected) in [
        ("a/b", 1_000),
        ("a/b;q=1", 1_000),
        ("a/b;q=1.000", 1_000),
        ("a/b;q=2", 1_000),
        ("a/b;q=0.8", 800),
        ("a/b;q=.8", 800),
        ("a/b;q=0.12345", 123),
        ("a/b;Q=\"0.5\"", 500),
        ("a/b;v=1 ; q = 0", 0),
        ("a/b;q=0.", 0),
        ("a/b;q=", 1_000),
        ("a/b;q=.", 1_000),
        ("a/b;q=high", 1_000),
        ("a/b;q=-1", 1_000),
    ] {
        assert_eq!(
            MediaRange::parse(text).unwrap().quality(),
            expected,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn an_arbitrary_list_is_read(text in "\\PC*") {
        for range in MediaRange::parse_list(&text) {
            prop_assert!(range.essence.contains('/') && range.quality() <= MAX_QUALITY);
        }
    }
}
