//! Automatic persisted queries: requests that name a document by its hash.

mod rejected;
mod trusted;

use reqwest::{Response, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{TestServer, socket::Socket};

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
    for name in [
        json!({ "documentId": format!("sha256:{hash}") }),
        json!({ "doc_id": hash }),
        json!({ "id": hash }),
        json!({ "extensions": extension(&hash) }),
    ] {
        for query in [None, Some(json!(null)), Some(json!(""))] {
            let mut request = name.clone();
            if let Some(query) = query {
                request["query"] = query;
            }
            assert_eq!(run(request.clone()).await, 0, "{request}");
            assert_eq!(post(&server, request.clone()).await, SUCCESS, "{request}");
        }
    }
}
