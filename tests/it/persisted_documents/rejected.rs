//! Hashes and documents that are rejected.

use serde_json::{Value, json};

use super::{COUNT, SUCCESS, hash, post, rejected_with, request_for_hash};
use crate::support::{TestDatabase, TestServer};

#[tokio::test]
async fn an_invalid_document_is_not_registered() {
    let server = TestServer::empty().await;
    for (text, code) in [
        ("{", "SYNTAX_ERROR"),
        ("{ nothing }", "VALIDATION_FAILED"),
        (
            "query A { a: __typename } query B { nothing }",
            "UNKNOWN_OPERATION",
        ),
        (
            "subscription { reviewAdded { id } nothing }",
            "VALIDATION_FAILED",
        ),
    ] {
        let (status, error_code) = post(&server, request_for_hash(&hash(text), Some(text))).await;
        assert_eq!(status, 400, "{text}");
        // The order of the errors is not tested here.
        assert!(
            [Some(code), Some("VALIDATION_FAILED")].contains(&error_code.as_deref()),
            "{error_code:?}"
        );
        let unknown = post(&server, request_for_hash(&hash(text), None)).await;
        assert_eq!(
            unknown,
            rejected_with("PERSISTED_QUERY_NOT_FOUND"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_hash_of_another_document_is_rejected() {
    let server = TestServer::empty().await;
    let foreign = hash("{ viewer { name } }");
    let mismatch = rejected_with("PERSISTED_QUERY_HASH_MISMATCH");
    assert_eq!(
        post(&server, request_for_hash(&foreign, Some(COUNT))).await,
        mismatch
    );
    let not_found = rejected_with("PERSISTED_QUERY_NOT_FOUND");
    for hash in [&foreign, &hash(COUNT), "", "x"] {
        assert_eq!(
            post(&server, request_for_hash(hash, None)).await,
            not_found,
            "{hash}"
        );
    }
}

#[tokio::test]
async fn an_unsupported_version_and_an_invalid_extension_have_different_errors() {
    let server = TestServer::empty().await;
    let with =
        |extension: Value| json!({ "query": COUNT, "extensions": { "persistedQuery": extension } });
    let second = with(json!({ "version": 2, "sha256Hash": hash(COUNT) }));
    let response = server.send(second).await;
    assert_eq!(
        response.body["errors"][0]["message"],
        "PersistedQueryNotSupported"
    );
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_SUPPORTED"
    );
    for broken in [json!("x"), json!({ "version": 1 }), json!([])] {
        let code = post(&server, with(broken.clone())).await;
        assert_eq!(code, rejected_with("BAD_REQUEST"), "{broken}");
    }
    assert_eq!(post(&server, with(Value::Null)).await, SUCCESS);
    assert_eq!(post(&server, json!({})).await, rejected_with("BAD_REQUEST"));
}

#[tokio::test]
async fn disabled_persisted_queries_make_clients_send_full_documents() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--persisted=off"]);
    let response = server.send(request_for_hash(&hash(COUNT), None)).await;
    assert_eq!(
        response.body["errors"][0]["message"],
        "PersistedQueryNotSupported"
    );
    assert_eq!(
        post(&server, request_for_hash(&hash(COUNT), Some(COUNT))).await,
        SUCCESS
    );
    let unsupported = rejected_with("PERSISTED_QUERY_NOT_SUPPORTED");
    for request in [
        request_for_hash(&hash(COUNT), None),
        json!({ "documentId": "x" }),
    ] {
        assert_eq!(post(&server, request).await, unsupported);
    }
}

#[tokio::test]
async fn the_size_of_registered_documents_is_bounded() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--apq-bytes=20000"]);
    let text = |number: usize| format!("{{ a{number}: __typename }} # {}", "x".repeat(2_000));
    for number in 0..50 {
        let text = text(number);
        assert_eq!(
            post(&server, request_for_hash(&hash(&text), Some(&text))).await,
            SUCCESS
        );
    }
    let mut registered = 0;
    for number in 0..50 {
        let (status, _) = post(&server, request_for_hash(&hash(&text(number)), None)).await;
        registered += u32::from(status == 200);
    }
    assert!(registered < 10, "{registered}");
}
