//! The parameters of a request, in the body or in the query string.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    access::{Role, Viewer},
    cache::response_cache::key::CacheKey,
    http::http_error::HttpError,
    json,
    mutation::key::RequestKey,
};

/// The parameters of a GraphQL request.
#[derive(Debug, Default, PartialEq)]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// The name of the operation to run.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Option<Map<String, Value>>,
    /// The protocol extensions of the request.
    pub(super) extensions: Option<Map<String, Value>>,
}

impl Parameters {
    /// Returns the idempotency key for all mutations of the request, from the value of the `Idempotency-Key` header.
    pub fn idempotency_key(&self, key: &str) -> RequestKey {
        let variables = Value::Object(self.variables.clone().unwrap_or_default());
        RequestKey::new(key, &self.query, self.operation_name.as_deref(), &variables)
    }

    /// Returns the key of a query in the response cache. It covers everything that the response depends on besides the
    /// catalogue: a critic may read more of their own reviews. A query that requests its cost is not cached and needs no
    /// key.
    pub fn cache_key(&self, viewer: &Viewer) -> CacheKey {
        let role = viewer.principal().map(|principal| principal.role);
        let critic = viewer.principal().and_then(|principal| principal.critic);
        let critic = critic.map(|critic| critic.0.to_le_bytes());
        // Serializing a parsed map can't fail.
        let variables = self
            .variables
            .as_ref()
            .filter(|variables| !variables.is_empty());
        let variables = variables.map(serde_json::to_vec).transpose();
        CacheKey::from_parts(&[
            role.map_or("", Role::name).as_bytes(),
            critic.as_ref().map_or(&[], <[u8; 8]>::as_slice),
            &[u8::from(self.operation_name.is_some())],
            self.operation_name
                .as_deref()
                .unwrap_or_default()
                .as_bytes(),
            &variables.unwrap_or_default().unwrap_or_default(),
            self.query.as_bytes(),
        ])
    }

    /// Returns whether the client requests the cost of the operation with `{"extensions": {"cost": true}}`.
    pub fn is_cost_requested(&self) -> bool {
        let extensions = self.extensions.as_ref();
        extensions.and_then(|extensions| extensions.get("cost")) == Some(&Value::Bool(true))
    }
}

/// The value of `extensions.persistedQuery`, which Apollo clients send.
#[derive(Deserialize)]
#[serde(expecting = "an object with `version` and `sha256Hash`")]
pub(super) struct PersistedQueryExtension {
    pub(super) version: i64,
    #[serde(rename = "sha256Hash")]
    pub(super) hash: String,
}

pub(super) fn json_object(
    name: &str,
    text: Option<String>,
) -> Result<Option<Map<String, Value>>, HttpError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    json::from_str(&text)
        .map_err(|error| HttpError::bad_request(format!("`{name}` is not a JSON object: {error}")))
}
