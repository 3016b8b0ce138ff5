//! The language of a request, and the header of a response with labels.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};

use crate::translations::RequestLanguage;

/// Returns the values of `Accept-Language`. A value that is not text counts as none.
pub fn accept_language(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(ACCEPT_LANGUAGE);
    values.filter_map(|value| value.to_str().ok())
}

/// Returns the value of the header `Content-Language` for a response with labels in the language of the request.
pub fn content_language(language: &RequestLanguage) -> Option<HeaderValue> {
    match language.language().tag() {
        "en" => Some(HeaderValue::from_static("en")),
        "de" => Some(HeaderValue::from_static("de")),
        "fr" => Some(HeaderValue::from_static("fr")),
        // A language tag is ASCII, so it is valid in a header.
        other => HeaderValue::from_str(other).ok(),
    }
}
