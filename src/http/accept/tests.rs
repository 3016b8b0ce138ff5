use actix_web::test::TestRequest;

use super::*;

fn negotiated(accept: &str) -> Option<MediaType> {
    let request = TestRequest::default()
        .insert_header((ACCEPT, accept))
        .to_http_request();
    MediaType::negotiate(&request)
}

#[test]
fn a_client_without_an_accept_header_gets_json() {
    let request = TestRequest::default().to_http_request();
    assert_eq!(MediaType::negotiate(&request), Some(MediaType::Json));
}

#[test]
fn only_a_client_that_lists_event_streams_gets_one() {
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
        assert_eq!(accepts_event_stream(&request), expected, "{accept}");
    }
    assert!(!accepts_event_stream(
        &TestRequest::default().to_http_request()
    ));
}

#[test]
fn the_client_gets_its_preferred_media_type() {
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
