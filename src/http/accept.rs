//! Which media type a client wants its answer in.

use std::cmp::Ordering;

use actix_web::{
    HttpRequest,
    http::header::{ACCEPT, Accept, CONTENT_TYPE, Header, HeaderName, HeaderValue, Quality},
};

/// The media types that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status says whether the request could be executed.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered with 200 whatever became of it.
    Json,
}

impl MediaType {
    /// As the `Content-Type` header has it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The header that tells it.
    pub const fn header(self) -> (HeaderName, HeaderValue) {
        (CONTENT_TYPE, HeaderValue::from_static(self.content_type()))
    }

    /// The type that the client likes best; `application/json` if it doesn't care, as clients of old expect. `None` if it wants
    /// neither.
    pub fn negotiate(request: &HttpRequest) -> Option<Self> {
        if !request.headers().contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let accept = Accept::parse(request).ok()?;
        let [graphql, json] = [Self::GraphqlResponse, Self::Json].map(|own| quality(&accept, own));
        match graphql.0.cmp(&json.0) {
            Ordering::Equal if json.0 == 0 => None,
            Ordering::Greater => Some(Self::GraphqlResponse),
            // Who names both alike reads the newer type; whom a wildcard lets through may know only the older one.
            Ordering::Equal if graphql.1 == NAMED => Some(Self::GraphqlResponse),
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

/// Whether a client says that it reads server-sent events. A wildcard says nothing: whoever sends one expects a single answer.
pub fn event_stream(request: &HttpRequest) -> bool {
    let Ok(accept) = Accept::parse(request) else {
        return false;
    };
    accept.0.iter().any(|item| {
        let named = ["text/event-stream", "text/*"].contains(&item.item.essence_str());
        named && item.quality > Quality::ZERO
    })
}

/// How exactly a range names a type.
const NAMED: u8 = 2;

/// How well a client likes a type: the quality that its most exact range gives it, in thousandths, and how exact that range is.
fn quality(accept: &Accept, own: MediaType) -> (u16, u8) {
    let matching = accept.0.iter().filter_map(|item| {
        let exactness = match item.item.essence_str() {
            essence if essence == own.essence() => NAMED,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        let quality = format!("{}", item.quality).parse::<f32>().unwrap_or(1.0);
        Some((exactness, quality))
    });
    matching
        .max_by_key(|(exactness, _)| *exactness)
        .map_or((0, 0), |(exactness, quality)| {
            (thousandths(quality), exactness)
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
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn negotiated(accept: &str) -> Option<MediaType> {
        let request = TestRequest::default()
            .insert_header((ACCEPT, accept))
            .to_http_request();
        MediaType::negotiate(&request)
    }

    #[test]
    fn who_says_nothing_gets_json() {
        let request = TestRequest::default().to_http_request();
        assert_eq!(MediaType::negotiate(&request), Some(MediaType::Json));
    }

    #[test]
    fn only_who_names_event_streams_gets_one() {
        for (accept, expected) in [
            ("text/event-stream", true),
            ("TEXT/event-stream; charset=utf-8", true),
            ("application/json, text/event-stream;q=0.1", true),
            ("text/*", true),
            ("text/event-stream;q=0", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            let request = TestRequest::default()
                .insert_header((ACCEPT, accept))
                .to_http_request();
            assert_eq!(event_stream(&request), expected, "{accept}");
        }
        assert!(!event_stream(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn the_client_gets_what_it_likes_best() {
        use MediaType::{GraphqlResponse, Json};
        for (accept, expected) in [
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            (
                "application/graphql-response+json, application/json",
                Some(GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json;q=0.9",
                Some(Json),
            ),
            (
                "application/graphql-response+json;q=0.5, */*;q=0.1",
                Some(GraphqlResponse),
            ),
            ("application/json; charset=utf-8", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("text/html, */*;q=0.8", Some(Json)),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("APPLICATION/JSON", Some(Json)),
        ] {
            assert_eq!(negotiated(accept), expected, "{accept}");
        }
    }
}
