//! Parses manifests: files of trusted documents, which the build tools of clients write.

use serde::Deserialize;
use serde_json::Value;

/// A document of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ManifestEntry {
    /// The id by which clients refer to the document.
    pub id: String,
    /// The text of the document.
    #[serde(rename = "body")]
    pub text: String,
}

/// The error of parsing a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The text isn't JSON, or doesn't have the structure of a manifest.
    #[error("it isn't a manifest: {0}")]
    Form(#[from] serde_json::Error),
    /// The format or the version is unknown.
    #[error(
        "the manifest has the format {0}, version {1}; supported are apollo-persisted-query-manifest, version 1, and an object of ids and texts"
    )]
    Format(Value, Value),
}

/// The value of `format` in Apollo's manifests. Relay's manifests don't name a format.
const APOLLO_FORMAT: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct ApolloManifest {
    operations: Vec<ManifestEntry>,
}

/// Parses a manifest: Apollo's, or an object of ids and texts, as Relay's compiler writes it.
///
/// # Errors
///
/// When the text is neither.
pub fn parse(json: &str) -> Result<Vec<ManifestEntry>, ManifestError> {
    let manifest: serde_json::Map<String, Value> = serde_json::from_str(json)?;
    let names_a_format = manifest.get("operations").is_some_and(Value::is_array);
    if !names_a_format {
        let each = manifest.into_iter().map(|(id, text)| {
            let text = serde_json::from_value(text)?;
            Ok(ManifestEntry { id, text })
        });
        return each.collect();
    }
    let member = |name: &str| manifest.get(name).cloned().unwrap_or_default();
    let (format, version) = (member("format"), member("version"));
    if format != APOLLO_FORMAT || version != 1 {
        return Err(ManifestError::Format(format, version));
    }
    let apollo: ApolloManifest = serde_json::from_value(Value::Object(manifest))?;
    Ok(apollo.operations)
}

#[cfg(test)]
mod tests {
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
            let read: std::collections::BTreeMap<_, _> =
                entries.into_iter().map(|entry| (entry.id, entry.text)).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
