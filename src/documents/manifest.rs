//! Manifests: files of trusted documents, as the build tools of clients write them.

use serde::Deserialize;
use serde_json::Value;

/// What a manifest holds of one document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// By what clients name it.
    pub id: String,
    /// Its text.
    #[serde(rename = "body")]
    pub text: String,
}

/// Why a text is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum NoManifest {
    /// It isn't JSON, or not of a manifest's form.
    #[error("it is no manifest: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of a format or a version that nobody knows here.
    #[error(
        "it is a manifest of the format {0}, version {1}; known are apollo-persisted-query-manifest, version 1, and an object of ids and texts"
    )]
    Format(Value, Value),
}

/// The one format of its own that has a name: Apollo's.
const APOLLO: &str = "apollo-persisted-query-manifest";

#[derive(Deserialize)]
struct Apollo {
    operations: Vec<Entry>,
}

/// Reads a manifest: Apollo's, or an object of ids and texts as Relay's compiler writes it.
///
/// # Errors
///
/// When it is neither.
pub fn parse(json: &str) -> Result<Vec<Entry>, NoManifest> {
    let manifest: serde_json::Map<String, Value> = serde_json::from_str(json)?;
    let names_a_format = manifest.get("operations").is_some_and(Value::is_array);
    if !names_a_format {
        let each = manifest.into_iter().map(|(id, text)| {
            let text = serde_json::from_value(text)?;
            Ok(Entry { id, text })
        });
        return each.collect();
    }
    let member = |name: &str| manifest.get(name).cloned().unwrap_or_default();
    let (format, version) = (member("format"), member("version"));
    if format != APOLLO || version != 1 {
        return Err(NoManifest::Format(format, version));
    }
    let apollo: Apollo = serde_json::from_value(Value::Object(manifest))?;
    Ok(apollo.operations)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn entry(id: &str, text: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn both_forms_are_read() {
        let apollo = json!({
            "format": APOLLO,
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
    fn what_is_neither_is_refused_and_says_why() {
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
        fn any_text_at_all_is_a_manifest_or_refused(text: String) {
            let _ = parse(&text);
        }

        #[test]
        fn ids_and_texts_come_out_as_they_are(texts: std::collections::BTreeMap<String, String>) {
            let entries = parse(&serde_json::to_string(&texts).unwrap()).unwrap();
            let read: std::collections::BTreeMap<_, _> =
                entries.into_iter().map(|entry| (entry.id, entry.text)).collect();
            prop_assert_eq!(read, texts);
        }
    }
}
