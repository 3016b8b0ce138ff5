use actix_web::{
    http::{StatusCode, header::HeaderValue},
    test::TestRequest,
};
use proptest::prelude::*;

use super::*;

fn headers(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

#[test]
fn a_batch_is_refused_in_words() {
    for body in [
        r#"[{"query": "{ __typename }"}]"#,
        " \r\n[]",
        "\u{feff}[",
        r#"["query Op { __typename }", "Op", null, null, null, null, null]"#,
    ] {
        let parsed = RawRequest::from_body(&headers("application/json"), body.as_bytes());
        let error = parsed.unwrap_err();
        assert_eq!(error.status(), StatusCode::BAD_REQUEST, "{body}");
        assert!(error.errors_json().contains("batches"), "{error:?}");
    }
}

#[test]
fn only_json_in_utf_8_is_accepted() {
    let body = br#"{"query": "{ __typename }"}"#;
    for good in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/json; charset=utf8",
        "application/json;charset=UTF8",
        "application/json; charset=\"utf-8\"",
        "application/json; charset=us-ascii",
        "application/json; charset=ASCII",
        "application/json ;charset=utf-8",
        "application/json ; charset = utf-8",
        "application/json;",
        "application/json; charset",
        "application/json; odata.metadata=none; charset=utf-8",
    ] {
        assert!(
            RawRequest::from_body(&headers(good), body).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "text/plain; charset=\"application/json\"",
        "json",
        "",
    ] {
        let error = RawRequest::from_body(&headers(bad), body).unwrap_err();
        assert_eq!(error.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{bad}");
    }
    let error = RawRequest::from_body(&HeaderMap::new(), body).unwrap_err();
    assert_eq!(error.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn a_second_content_type_is_rejected() {
    let mut headers = headers("application/json");
    headers.append(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    let error = RawRequest::from_body(&headers, b"{}").unwrap_err();
    assert_eq!(error.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn an_array_is_no_request() {
    for body in [
        "[]",
        r#"["{ __typename }"]"#,
        r#"["query Op { __typename }", "Op", null, null, null, null, null]"#,
        r#"[{"query": "{ __typename }"}]"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "extensions": [[1, "abc"]]}"#,
    ] {
        let parsed = RawRequest::from_body(&headers("application/json"), body.as_bytes());
        let error = parsed.unwrap_err();
        assert_eq!(error.status(), StatusCode::BAD_REQUEST, "{body}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_and_utf_16_is_rejected_in_words() {
    let json = "{\"query\": \"{ __typename }\"}";
    let parse = |body: &[u8]| RawRequest::from_body(&headers("application/json"), body);
    let plain = parse(json.as_bytes()).unwrap();
    assert_eq!(parse(format!("\u{feff}{json}").as_bytes()).unwrap(), plain);
    let utf_16: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = parse(&[&[0xff, 0xfe], &utf_16[..]].concat()).unwrap_err();
    assert_eq!(error.status(), StatusCode::BAD_REQUEST);
    assert!(error.errors_json().contains("UTF-16"), "{error:?}");
}

#[test]
fn a_get_carries_json_in_its_query_string() {
    let request =
        TestRequest::with_uri("/graphql?query=%7Ba%7D&variables=%7B%22n%22%3A1%7D&operationName=")
            .to_http_request();
    let parameters = RawRequest::from_query_string(&request).unwrap();
    assert_eq!(parameters.query.as_deref(), Some("{a}"));
    assert_eq!(parameters.operation_name, None);
    assert_eq!(parameters.variables.unwrap()["n"], 1);
}

/// Returns the name of the document in a body.
fn name(body: &str) -> Result<Option<DocumentReference>, HttpError> {
    let request = RawRequest::from_body(&headers("application/json"), body.as_bytes());
    request.unwrap().document_name()
}

#[test]
fn a_document_is_named_in_one_of_four_ways() {
    let id = |id: &str| Some(DocumentReference::Id(id.to_owned()));
    let extension = DocumentReference::Extension {
        version: 1,
        hash: "abc".to_owned(),
    };
    let persisted = r#"{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}}"#;
    for (body, expected) in [
        (persisted, Some(extension)),
        (r#"{"documentId": "sha256:abc"}"#, id("sha256:abc")),
        (r#"{"documentId": "a", "query": "{a}"}"#, id("a")),
        (r#"{"doc_id": "a"}"#, id("a")),
        (r#"{"id": "a", "doc_id": 7}"#, id("a")),
        (r#"{"id": "a", "query": "{a}"}"#, None),
        (r#"{"id": 1}"#, None),
        (r#"{"extensions": {"persistedQuery": null}}"#, None),
    ] {
        assert_eq!(name(body).unwrap(), expected, "{body}");
    }
    for body in [
        r#"{"documentId": "a", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}}"#,
        r#"{"extensions": {"persistedQuery": {"version": "1", "sha256Hash": "abc"}}}"#,
        r#"{"extensions": {"persistedQuery": {"version": 1}}}"#,
        r#"{"extensions": {"persistedQuery": [1, "abc"]}}"#,
        r#"{"extensions": {"persistedQuery": "abc"}}"#,
    ] {
        assert_eq!(name(body).unwrap_err().status(), StatusCode::BAD_REQUEST);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_parsed_or_rejected(body: Vec<u8>) {
        if let Err(error) = RawRequest::from_body(&headers("application/json"), &body) {
            prop_assert_eq!(error.status(), StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn an_arbitrary_query_string_is_parsed_or_rejected(text in "[ -~]*") {
        let request = TestRequest::with_uri("/graphql").to_http_request();
        prop_assert_eq!(RawRequest::from_query_string(&request).unwrap(), RawRequest::default());
        if let Ok(uri) = format!("/graphql?{text}").parse::<actix_web::http::Uri>() {
            let request = TestRequest::default().uri(&uri.to_string()).to_http_request();
            if let Err(error) = RawRequest::from_query_string(&request) {
                prop_assert_eq!(error.status(), StatusCode::BAD_REQUEST);
            }
        }
    }
}
