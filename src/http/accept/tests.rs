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
        ("odd, text/event-stream ;q=1.000", true),
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
fn the_members_of_several_headers_are_one_list() {
    let request = TestRequest::default()
        .append_header((ACCEPT, "text/html"))
        .append_header((ACCEPT, "application/graphql-response+json"))
        .append_header((ACCEPT, "text/event-stream"))
        .to_http_request();
    let negotiated = MediaType::negotiate(&request);
    assert_eq!(negotiated, Some(MediaType::GraphqlResponse));
    assert!(accepts_event_stream(&request));
}

#[test]
fn a_browser_that_opens_the_url_is_told_from_a_client_of_the_api() {
    const CHROMIUM: &str =
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    for (accept, expected) in [
        (CHROMIUM, true),
        ("text/html", true),
        ("text/html;q=0", false),
        ("text/html, application/json", false),
        ("*/*", false),
        ("application/graphql-response+json", false),
    ] {
        let request = TestRequest::default().insert_header((ACCEPT, accept));
        assert_eq!(
            is_page_visit(&request.to_http_request()),
            expected,
            "{accept}"
        );
    }
    let post = TestRequest::post().insert_header((ACCEPT, CHROMIUM));
    assert!(!is_page_visit(&post.to_http_request()));
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
        ("application/json ;q=1.000", Some(Json)),
        ("application/json ; charset=utf-8", Some(Json)),
        (
            "json, application/graphql-response+json;q=high, application/json;q=0.1",
            Some(GraphqlResponse),
        ),
        ("*", Some(Json)),
        ("text/html, *;q=0.1", Some(Json)),
        (",, application/json,", Some(Json)),
        (
            "text/html; title=\"a, application/json\", application/graphql-response+json",
            Some(GraphqlResponse),
        ),
        ("text/html; title=\"a, application/json\"", None),
        ("*/*;q=0", None),
        // What can't be read expresses no preference.
        ("", Some(Json)),
        ("json", Some(Json)),
        (";;, ,/", Some(Json)),
    ] {
        assert_eq!(negotiated(accept), expected, "{accept}");
    }
}
