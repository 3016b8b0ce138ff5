use proptest::prelude::*;
use serde_json::json;

use super::*;

fn entry(id: &str, text: &str) -> ManifestEntry {
    ManifestEntry {
        id: id.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn both_formats_are_parsed() {
    let apollo = json!({
        "format": APOLLO_FORMAT,
        "version": 1,
        "operations": [
            { "id": "1", "name": "A", "type": "query", "body": "query A { a }" },
            { "id": "2", "name": "B", "type": "mutation", "body": "mutation B { b }", "clientName": "web" },
        ],
    });
    let expected = [entry("1", "query A { a }"), entry("2", "mutation B { b }")];
    assert_eq!(parse(&apollo.to_string()).unwrap(), expected);
    let relay = json!({ "1": "query A { a }", "2": "mutation B { b }" });
    assert_eq!(parse(&relay.to_string()).unwrap(), expected);
    assert_eq!(parse("{}").unwrap(), []);
}

#[test]
fn an_invalid_manifest_is_rejected_with_the_reason() {
    for (text, expected) in [
        ("", "EOF"),
        ("[]", "invalid type: sequence"),
        (r#"{"1": 2}"#, "expected a string"),
        (
            r#"{"format": "x", "operations": []}"#,
            "the format \"x\", version null",
        ),
        (
            r#"{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}"#,
            "version 2",
        ),
        (
            r#"{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "1"}]}"#,
            "missing field `body`",
        ),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn parsing_any_text_does_not_panic(text: String) {
        let _ = parse(&text);
    }

    #[test]
    fn ids_and_texts_are_unchanged(texts: std::collections::BTreeMap<String, String>) {
        let entries = parse(&serde_json::to_string(&texts).unwrap()).unwrap();
        let parsed: std::collections::BTreeMap<_, _> =
            entries.into_iter().map(|entry| (entry.id, entry.text)).collect();
        prop_assert_eq!(parsed, texts);
    }
}
