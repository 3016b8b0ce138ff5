//! Parses manifests: files of trusted documents, which the build tools of clients write.

use serde::Deserialize;
use serde_json::Value;

use crate::json;

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
pub fn parse(text: &str) -> Result<Vec<ManifestEntry>, ManifestError> {
    let manifest: serde_json::Map<String, Value> = json::from_str(text)?;
    let is_apollo = manifest.get("operations").is_some_and(Value::is_array);
    if !is_apollo {
        let entries = manifest.into_iter().map(|(id, text)| {
            let text = json::from_value(text)?;
            Ok(ManifestEntry { id, text })
        });
        return entries.collect();
    }
    let member = |name: &str| manifest.get(name).cloned().unwrap_or_default();
    let (format, version) = (member("format"), member("version"));
    if format != APOLLO_FORMAT || version != 1 {
        return Err(ManifestError::Format(format, version));
    }
    let apollo: ApolloManifest = json::from_value(Value::Object(manifest))?;
    Ok(apollo.operations)
}

#[cfg(test)]
mod tests;
