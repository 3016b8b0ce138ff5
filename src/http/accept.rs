//! Content negotiation of the response's media type.

use std::cmp::Ordering;

use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue},
    },
};

use super::media_type::MediaRange;

/// The media type of a single response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status shows whether the request was executed.
    GraphqlResponse,
    /// `application/json`: the response to a well-formed request has status 200, even with errors.
    Json,
}

impl MediaType {
    /// Returns the value of the `Content-Type` header.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// Returns the `Content-Type` header.
    pub const fn header(self) -> (HeaderName, HeaderValue) {
        (CONTENT_TYPE, HeaderValue::from_static(self.content_type()))
    }

    /// Returns the client's preferred type, or `None` if the client accepts neither. Without a preference it is
    /// `application/json`, which old clients expect.
    pub fn negotiate(request: &HttpRequest) -> Option<Self> {
        let accepted = accepted_ranges(request);
        if accepted.is_empty() {
            return Some(Self::Json);
        }
        let [graphql, json] =
            [Self::GraphqlResponse, Self::Json].map(|media_type| quality(&accepted, media_type));
        match graphql.0.cmp(&json.0) {
            Ordering::Equal if json.0 == 0 => None,
            Ordering::Greater => Some(Self::GraphqlResponse),
            // A client that lists both with equal quality supports the newer type. A client that sends a wildcard may
            // support only the older one.
            Ordering::Equal if graphql.1 == EXACT_MATCH => Some(Self::GraphqlResponse),
            _ => Some(Self::Json),
        }
    }

    const fn essence(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// Returns whether a client accepts server-sent events. `*/*` does not count, because a client that sends it expects a
/// single response.
pub fn accepts_event_stream(request: &HttpRequest) -> bool {
    accepts_any(request, &["text/event-stream", "text/*"])
}

/// Returns whether a request is that of a browser which opens the URL as a page. No browser lists the media types of the
/// API then, and clients of the API do.
pub fn is_page_visit(request: &HttpRequest) -> bool {
    let of_api = [MediaType::GraphqlResponse, MediaType::Json].map(MediaType::essence);
    [Method::GET, Method::HEAD].contains(request.method())
        && accepts_any(request, &["text/html"])
        && !accepts_any(request, &of_api)
}

/// Returns whether a client lists one of these media ranges, and doesn't reject it.
fn accepts_any(request: &HttpRequest, essences: &[&str]) -> bool {
    let ranges = accepted_ranges(request);
    let mut ranges = ranges.iter();
    ranges.any(|range| essences.contains(&range.essence.as_str()) && range.quality() > 0)
}

/// Returns the media ranges of all `Accept` headers that can be read.
pub fn accepted_ranges(request: &HttpRequest) -> Vec<MediaRange> {
    let mut ranges = Vec::new();
    for value in request.headers().get_all(ACCEPT) {
        let text = String::from_utf8_lossy(value.as_bytes());
        ranges.extend(MediaRange::parse_list(&text));
    }
    ranges
}

/// The specificity of a media range that names a type exactly.
const EXACT_MATCH: u8 = 2;

/// Returns the quality of a type in thousandths, by the client's most specific media range, and the specificity of that
/// range.
fn quality(accepted: &[MediaRange], media_type: MediaType) -> (u16, u8) {
    let matching = accepted.iter().filter_map(|range| {
        let specificity = match range.essence.as_str() {
            essence if essence == media_type.essence() => EXACT_MATCH,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        Some((specificity, range.quality()))
    });
    matching
        .max_by_key(|(specificity, _)| *specificity)
        .map_or((0, 0), |(specificity, quality)| (quality, specificity))
}

#[cfg(test)]
mod tests;
