//! Content negotiation of the response's media type.

use std::cmp::Ordering;

use actix_web::{
    HttpRequest,
    http::header::{ACCEPT, Accept, CONTENT_TYPE, Header, HeaderName, HeaderValue, Quality},
};

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
        if !request.headers().contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let accept = Accept::parse(request).ok()?;
        let [graphql, json] =
            [Self::GraphqlResponse, Self::Json].map(|media_type| quality(&accept, media_type));
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
    let Ok(accept) = Accept::parse(request) else {
        return false;
    };
    accept.0.iter().any(|item| {
        let is_event_stream = ["text/event-stream", "text/*"].contains(&item.item.essence_str());
        is_event_stream && item.quality > Quality::ZERO
    })
}

/// The specificity of a media range that names a type exactly.
const EXACT_MATCH: u8 = 2;

/// Returns the quality of a type in thousandths, by the client's most specific media range, and the specificity of that
/// range.
fn quality(accept: &Accept, media_type: MediaType) -> (u16, u8) {
    let matching = accept.0.iter().filter_map(|item| {
        let specificity = match item.item.essence_str() {
            essence if essence == media_type.essence() => EXACT_MATCH,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        let quality = format!("{}", item.quality).parse::<f32>().unwrap_or(1.0);
        Some((specificity, quality))
    });
    matching
        .max_by_key(|(specificity, _)| *specificity)
        .map_or((0, 0), |(specificity, quality)| {
            (thousandths(quality), specificity)
        })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a quality is from 0 to 1"
)]
fn thousandths(quality: f32) -> u16 {
    (quality.clamp(0.0, 1.0) * 1000.0) as u16
}

#[cfg(test)]
mod tests;
