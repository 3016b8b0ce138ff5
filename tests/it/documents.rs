//! Documents that requests name instead of bringing them.

mod trusted;

use reqwest::{Response, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{TestDatabase, TestServer, socket::Socket};

pub const COUNT: &str = "query Count { films { totalCount } }";

/// The SHA-256 of a text, in hexadecimal digits.
pub fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// The extension by which a document of that hash is named.
pub fn extension(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// A request that names a document, and maybe brings it.
pub fn naming(hash: &str, text: Option<&str>) -> Value {
    let mut request = json!({ "extensions": extension(hash) });
    if let Some(text) = text {
        request["query"] = text.into();
    }
    request
}

/// The status of what is answered to a POST, and the code of its first error, if there is one.
pub async fn told(server: &TestServer, request: Value) -> (u16, Option<String>) {
    let answer = server.send(request).await;
    let code = &answer.body["errors"][0]["extensions"]["code"];
    (answer.status, code.as_str().map(str::to_owned))
}

pub fn refused(code: &str) -> (u16, Option<String>) {
    (400, Some(code.to_owned()))
}

const DONE: (u16, Option<String>) = (200, None);

/// A GET with parameters, as Apollo's client sends it.
async fn get(server: &TestServer, parameters: &[(&str, &str)]) -> Response {
    let url = Url::parse_with_params(&server.url("/graphql"), parameters).unwrap();
    let request = server.client().get(url);
    let accept = "application/graphql-response+json,application/json;q=0.9";
    request.header("accept", accept).send().await.unwrap()
}

#[tokio::test]
async fn a_document_is_brought_once_and_named_from_then_on() {
    let server = TestServer::empty().await;
    let hash = hash(COUNT);
    let unknown = server.send(naming(&hash, None)).await;
    assert_eq!(unknown.status, 400);
    // Clients look at the words.
    assert_eq!(
        unknown.body["errors"][0]["message"],
        "PersistedQueryNotFound"
    );
    assert_eq!(
        unknown.body["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    assert_eq!(told(&server, naming(&hash, Some(COUNT))).await, DONE);
    let named = server.send(naming(&hash, None)).await;
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
        assert_eq!(told(&server, request.clone()).await, DONE, "{request}");
    }
}

#[tokio::test]
async fn a_client_of_plain_json_gets_200_for_a_hash_that_nobody_knows() {
    let server = TestServer::empty().await;
    let request = server.client().post(server.url("/graphql"));
    let request = request.json(&naming(&hash(COUNT), None));
    let answer = request
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_document_is_named_by_get_as_well_and_a_mutation_never_runs_by_it() {
    let server = TestServer::empty().await;
    let mutation = "mutation { deleteFilm(input: {id: \"x\"}) { userErrors { code } } }";
    for (text, status) in [(COUNT, 200), (mutation, 405)] {
        let hash = hash(text);
        let extensions = extension(&hash).to_string();
        assert_eq!(
            get(&server, &[("extensions", &extensions)]).await.status(),
            400
        );
        server.send(naming(&hash, Some(text))).await;
        for parameters in [
            [("extensions", extensions.as_str())],
            [("documentId", &format!("sha256:{hash}"))],
            [("id", &hash)],
        ] {
            let answer = get(&server, &parameters).await;
            assert_eq!(answer.status(), status, "{parameters:?}");
        }
    }
}

#[tokio::test]
async fn a_document_may_be_brought_by_get() {
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
async fn a_document_that_is_no_good_is_never_kept() {
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
        let (status, told_code) = told(&server, naming(&hash(text), Some(text))).await;
        assert_eq!(status, 400, "{text}");
        // Which of its mistakes is told first is no matter of this test.
        assert!(
            [Some(code), Some("VALIDATION_FAILED")].contains(&told_code.as_deref()),
            "{told_code:?}"
        );
        let unknown = told(&server, naming(&hash(text), None)).await;
        assert_eq!(unknown, refused("PERSISTED_QUERY_NOT_FOUND"), "{text}");
    }
}

#[tokio::test]
async fn a_hash_is_taken_for_no_other_document() {
    let server = TestServer::empty().await;
    let foreign = hash("{ viewer { name } }");
    let mismatch = refused("PERSISTED_QUERY_HASH_MISMATCH");
    assert_eq!(told(&server, naming(&foreign, Some(COUNT))).await, mismatch);
    let not_found = refused("PERSISTED_QUERY_NOT_FOUND");
    for hash in [&foreign, &hash(COUNT), "", "x"] {
        assert_eq!(told(&server, naming(hash, None)).await, not_found, "{hash}");
    }
}

#[tokio::test]
async fn another_version_and_a_broken_extension_are_told_apart() {
    let server = TestServer::empty().await;
    let with =
        |extension: Value| json!({ "query": COUNT, "extensions": { "persistedQuery": extension } });
    let second = with(json!({ "version": 2, "sha256Hash": hash(COUNT) }));
    let answer = server.send(second).await;
    assert_eq!(
        answer.body["errors"][0]["message"],
        "PersistedQueryNotSupported"
    );
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_SUPPORTED"
    );
    for broken in [json!("x"), json!({ "version": 1 }), json!([])] {
        let code = told(&server, with(broken.clone())).await;
        assert_eq!(code, refused("BAD_REQUEST"), "{broken}");
    }
    assert_eq!(told(&server, with(Value::Null)).await, DONE);
    assert_eq!(told(&server, json!({})).await, refused("BAD_REQUEST"));
}

#[tokio::test]
async fn where_they_are_switched_off_clients_learn_to_bring_their_documents() {
    let server = TestServer::with(TestDatabase::empty().await, &["--persisted=off"]);
    let answer = server.send(naming(&hash(COUNT), None)).await;
    assert_eq!(
        answer.body["errors"][0]["message"],
        "PersistedQueryNotSupported"
    );
    assert_eq!(told(&server, naming(&hash(COUNT), Some(COUNT))).await, DONE);
    let unsupported = refused("PERSISTED_QUERY_NOT_SUPPORTED");
    for request in [naming(&hash(COUNT), None), json!({ "documentId": "x" })] {
        assert_eq!(told(&server, request).await, unsupported);
    }
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let server = TestServer::with(TestDatabase::empty().await, &["--apq-bytes=20000"]);
    let text = |number: usize| format!("{{ a{number}: __typename }} # {}", "x".repeat(2_000));
    for number in 0..50 {
        let text = text(number);
        assert_eq!(told(&server, naming(&hash(&text), Some(&text))).await, DONE);
    }
    let mut kept = 0;
    for number in 0..50 {
        let (status, _) = told(&server, naming(&hash(&text(number)), None)).await;
        kept += u32::from(status == 200);
    }
    assert!(kept < 10, "{kept}");
}

#[tokio::test]
async fn operations_of_a_socket_name_documents_as_well() {
    let server = TestServer::empty().await;
    let mut socket = Socket::open(server.address()).await;
    let mut run = async |payload: Value| {
        let message = json!({ "type": "subscribe", "id": "1", "payload": payload });
        socket.send(message).await;
        let answer = socket.message().await;
        if answer["type"] == "next" {
            assert_eq!(socket.message().await["type"], "complete");
            return answer["payload"]["data"]["films"]["totalCount"].clone();
        }
        answer["payload"][0]["extensions"]["code"].clone()
    };
    let hash = hash(COUNT);
    assert_eq!(run(naming(&hash, None)).await, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(run(naming(&hash, Some(COUNT))).await, 0);
    assert_eq!(run(naming(&hash, None)).await, 0);
    assert_eq!(
        run(json!({ "documentId": format!("sha256:{hash}") })).await,
        0
    );
}
