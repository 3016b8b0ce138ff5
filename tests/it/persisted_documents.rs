//! Automatic persisted queries: requests that name a document by its hash.

mod trusted;

use reqwest::{Response, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{TestDatabase, TestServer, socket::Socket};

pub const COUNT: &str = "query Count { films { totalCount } }";

/// Returns the SHA-256 of a text in hexadecimal digits.
pub fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// Returns the `persistedQuery` extension with a hash.
pub fn extension(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// Returns a request that names a document by its hash, with its text if there is one.
pub fn request_for_hash(hash: &str, text: Option<&str>) -> Value {
    let mut request = json!({ "extensions": extension(hash) });
    if let Some(text) = text {
        request["query"] = text.into();
    }
    request
}

/// Sends a POST request and returns the status and the code of the first error, if there is one.
pub async fn post(server: &TestServer, request: Value) -> (u16, Option<String>) {
    let response = server.send(request).await;
    let code = &response.body["errors"][0]["extensions"]["code"];
    (response.status, code.as_str().map(str::to_owned))
}

pub fn rejected_with(code: &str) -> (u16, Option<String>) {
    (400, Some(code.to_owned()))
}

const SUCCESS: (u16, Option<String>) = (200, None);

/// Sends a GET request with parameters, as Apollo Client does.
async fn get(server: &TestServer, parameters: &[(&str, &str)]) -> Response {
    let url = Url::parse_with_params(&server.url("/graphql"), parameters).unwrap();
    let request = server.client().get(url);
    let accept = "application/graphql-response+json,application/json;q=0.9";
    request.header("accept", accept).send().await.unwrap()
}

#[tokio::test]
async fn a_document_is_registered_once_and_then_named_by_its_hash() {
    let server = TestServer::empty().await;
    let hash = hash(COUNT);
    let unknown = server.send(request_for_hash(&hash, None)).await;
    assert_eq!(unknown.status, 400);
    // Clients compare the message.
    assert_eq!(
        unknown.body["errors"][0]["message"],
        "PersistedQueryNotFound"
    );
    assert_eq!(
        unknown.body["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    assert_eq!(
        post(&server, request_for_hash(&hash, Some(COUNT))).await,
        SUCCESS
    );
    let named = server.send(request_for_hash(&hash, None)).await;
    assert_eq!(
        named.body,
        json!({ "data": { "films": { "totalCount": 0 } } })
    );
    for request in [
        json!({ "documentId": format!("sha256:{hash}") }),
        json!({ "documentId": hash, "operationName": "Count" }),
        json!({ "doc_id": hash }),
        json!({ "id": hash }),
    ] {
        assert_eq!(post(&server, request.clone()).await, SUCCESS, "{request}");
    }
}

#[tokio::test]
async fn a_plain_json_client_gets_200_for_an_unknown_hash() {
    let server = TestServer::empty().await;
    let request = server.client().post(server.url("/graphql"));
    let request = request.json(&request_for_hash(&hash(COUNT), None));
    let response = request
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_persisted_query_runs_by_get_and_a_persisted_mutation_does_not() {
    let server = TestServer::empty().await;
    let mutation = "mutation { deleteFilm(input: {id: \"x\"}) { userErrors { code } } }";
    for (text, status) in [(COUNT, 200), (mutation, 405)] {
        let hash = hash(text);
        let extensions = extension(&hash).to_string();
        assert_eq!(
            get(&server, &[("extensions", &extensions)]).await.status(),
            400
        );
        server.send(request_for_hash(&hash, Some(text))).await;
        for parameters in [
            [("extensions", extensions.as_str())],
            [("documentId", &format!("sha256:{hash}"))],
            [("id", &hash)],
        ] {
            let response = get(&server, &parameters).await;
            assert_eq!(response.status(), status, "{parameters:?}");
        }
    }
}

#[tokio::test]
async fn a_document_can_be_registered_by_get() {
    let server = TestServer::empty().await;
    let extensions = extension(&hash(COUNT)).to_string();
    let brought = get(&server, &[("query", COUNT), ("extensions", &extensions)]).await;
    assert_eq!(brought.status(), 200);
    assert_eq!(
        get(&server, &[("extensions", &extensions)]).await.status(),
        200
    );
}

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

#[tokio::test]
async fn operations_over_a_websocket_can_name_documents() {
    let server = TestServer::empty().await;
    let mut socket = Socket::open(server.address()).await;
    let mut run = async |payload: Value| {
        let message = json!({ "type": "subscribe", "id": "1", "payload": payload });
        socket.send(message).await;
        let response = socket.message().await;
        if response["type"] == "next" {
            assert_eq!(socket.message().await["type"], "complete");
            return response["payload"]["data"]["films"]["totalCount"].clone();
        }
        response["payload"][0]["extensions"]["code"].clone()
    };
    let hash = hash(COUNT);
    assert_eq!(
        run(request_for_hash(&hash, None)).await,
        "PERSISTED_QUERY_NOT_FOUND"
    );
    assert_eq!(run(request_for_hash(&hash, Some(COUNT))).await, 0);
    assert_eq!(run(request_for_hash(&hash, None)).await, 0);
    assert_eq!(
        run(json!({ "documentId": format!("sha256:{hash}") })).await,
        0
    );
}
