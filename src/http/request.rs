//! The parsing of GraphQL requests over HTTP.

pub mod parameters;

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::parameters::{Parameters, PersistedQueryExtension, json_object};
use super::{http_error::HttpError, media_type::MediaRange};
use crate::{
    json,
    mutation::key::is_valid_key,
    persisted_documents::{DocumentReference, PersistedDocuments, ResolvedDocument},
};

/// The parameters as sent. The request may name its document instead of containing it.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(
    rename_all = "camelCase",
    expecting = "a GraphQL request, which is an object with a string `query`"
)]
pub struct RawRequest {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
    document_id: Option<String>,
    /// The document id as Relay clients send it. Other clients may use the name differently, so it counts only if it is
    /// a string and nothing else names a document. The same goes for `id`.
    #[serde(rename = "doc_id")]
    doc_id: Option<Value>,
    id: Option<Value>,
}

impl RawRequest {
    /// Creates a request from the payload of a WebSocket message.
    pub fn new(
        query: Option<String>,
        operation_name: Option<String>,
        variables: Option<Map<String, Value>>,
        extensions: Option<Map<String, Value>>,
        document_id: Option<String>,
        doc_id: Option<Value>,
        id: Option<Value>,
    ) -> Self {
        Self {
            query,
            operation_name,
            variables,
            extensions,
            document_id,
            doc_id,
            id,
        }
    }

    /// Resolves the document of the request.
    ///
    /// # Errors
    ///
    /// When the document is missing or unknown, or the server's settings do not allow it.
    pub fn resolve(
        self,
        documents: &PersistedDocuments,
    ) -> Result<(Parameters, ResolvedDocument), HttpError> {
        let name = self.document_name()?;
        let document = documents
            .resolve(self.query, name.as_ref())
            .map_err(HttpError::from_unresolved)?;
        let parameters = Parameters {
            query: document.text.clone(),
            operation_name: self.operation_name,
            variables: self.variables,
            extensions: self.extensions,
        };
        Ok((parameters, document))
    }

    /// Returns the id or hash by which the request names its document, if it does.
    fn document_name(&self) -> Result<Option<DocumentReference>, HttpError> {
        let extensions = self.extensions.as_ref();
        let extension = extensions.and_then(|extensions| extensions.get("persistedQuery"));
        let extension = extension.filter(|extension| !extension.is_null());
        match (extension, &self.document_id) {
            (Some(_), Some(_)) => Err(HttpError::bad_request(
                "`documentId` and `extensions.persistedQuery` both name a document; send one of them",
            )),
            (Some(extension), None) => {
                let extension =
                    json::from_borrowed::<PersistedQueryExtension>(extension).map_err(|error| {
                        HttpError::bad_request(format!("`extensions.persistedQuery`: {error}"))
                    })?;
                Ok(Some(DocumentReference::Extension {
                    version: extension.version,
                    hash: extension.hash,
                }))
            }
            (None, Some(id)) => Ok(Some(DocumentReference::Id(id.clone()))),
            // Some clients send an empty `query` together with a name.
            (None, None) if self.query.as_ref().is_some_and(|query| !query.is_empty()) => Ok(None),
            (None, None) => {
                let mut others = [&self.doc_id, &self.id].into_iter().flatten();
                let id = others.find_map(Value::as_str);
                Ok(id.map(|id| DocumentReference::Id(id.to_owned())))
            }
        }
    }

    /// Parses the body of a POST.
    ///
    /// # Errors
    ///
    /// When the media type is not JSON in UTF-8, or the body is not a GraphQL request.
    pub fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, HttpError> {
        check_media_type(headers)?;
        if is_batch(body) {
            return Err(HttpError::bad_request(
                "batches of requests are not supported: send a JSON object for each operation, not an array",
            ));
        }
        if body.is_empty() {
            return Err(HttpError::bad_request(
                "the request body is empty; send a JSON object with a string `query`",
            ));
        }
        json::from_slice(body).map_err(|error| {
            HttpError::bad_request(format!(
                "the request body is not a GraphQL request: {error}"
            ))
        })
    }

    /// Parses the query string of a GET. `variables` and `extensions` are JSON.
    ///
    /// # Errors
    ///
    /// When a parameter is duplicated or invalid.
    pub fn from_query_string(request: &HttpRequest) -> Result<Self, HttpError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Raw {
            query: Option<String>,
            operation_name: Option<String>,
            variables: Option<String>,
            extensions: Option<String>,
            document_id: Option<String>,
            #[serde(rename = "doc_id")]
            doc_id: Option<String>,
            id: Option<String>,
        }

        let raw = actix_web::web::Query::<Raw>::from_query(request.query_string())
            .map_err(|error| {
                HttpError::bad_request(format!(
                    "the query string is not a GraphQL request: {error}"
                ))
            })?
            .into_inner();
        Ok(Self {
            query: raw.query,
            operation_name: raw.operation_name.filter(|name| !name.is_empty()),
            variables: json_object("variables", raw.variables)?,
            extensions: json_object("extensions", raw.extensions)?,
            document_id: raw.document_id,
            doc_id: raw.doc_id.map(Value::String),
            id: raw.id.map(Value::String),
        })
    }
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Returns the value of the `Idempotency-Key` header, if there is one.
///
/// # Errors
///
/// When the value is not a valid key, or the header occurs more than once.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, HttpError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let invalid = || {
        let message =
            "the header `Idempotency-Key` takes one key of 1 to 255 visible ASCII characters";
        HttpError::bad_request(message)
    };
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let key = value.to_str().ok().filter(|key| is_valid_key(key));
            Ok(Some(key.ok_or_else(invalid)?.to_owned()))
        }
        (Some(_), Some(_)) => Err(invalid()),
    }
}

/// Returns whether a body is an array, by which some clients send several requests.
fn is_batch(body: &[u8]) -> bool {
    body.strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(body)
        .trim_ascii_start()
        .starts_with(b"[")
}

/// Accepts only JSON in UTF-8, because any web page can send forms and plain text without a CORS preflight.
fn check_media_type(headers: &HeaderMap) -> Result<(), HttpError> {
    let mut values = headers.get_all(CONTENT_TYPE);
    let media_type = match (values.next().map(HeaderValue::to_str), values.next()) {
        (Some(Ok(value)), None) => MediaRange::parse(value),
        _ => None,
    };
    let is_json = media_type.is_some_and(|media_type| {
        let charset = media_type.parameter("charset");
        media_type.essence == "application/json" && charset.is_none_or(is_utf_8)
    });
    if is_json {
        Ok(())
    } else {
        Err(HttpError::unsupported_media_type(
            "send the request as `application/json`, in UTF-8",
        ))
    }
}

/// Returns whether a text of this charset is UTF-8: by one of its names, or because ASCII is a part of it.
fn is_utf_8(charset: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"]
        .iter()
        .any(|name| charset.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
