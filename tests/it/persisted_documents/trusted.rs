//! Trusted documents, which the operator provides.

use std::fs;

use clap::Parser;
use marquee::{config::Cli, http::Server};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{COUNT, SUCCESS, extension, get, hash, post, rejected_with, request_for_hash};
use crate::support::{TestDatabase, TestServer, socket::Socket};

const NAMES: &str = "query Names($first: Int!) { films(first: $first) { nodes { title } } }\n";

/// Creates a directory with two documents.
fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("count.graphql"), COUNT).unwrap();
    fs::write(directory.path().join("names.graphql"), NAMES).unwrap();
    fs::write(directory.path().join("notes.txt"), "no document").unwrap();
    directory
}

/// Returns the same documents as a manifest of Apollo's tools.
fn manifest() -> Value {
    json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [
            { "id": "count", "name": "Count", "type": "query", "body": COUNT },
            { "id": hash(NAMES), "name": "Names", "type": "query", "body": NAMES },
        ],
    })
}

/// Writes a file into a temporary directory.
fn file(text: &str) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("documents.json");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

/// Starts a server with the demo catalogue and trusted documents.
async fn server(path: &str, mode: &str) -> TestServer {
    let (documents, mode) = (format!("--documents={path}"), format!("--persisted={mode}"));
    TestServer::with_arguments(TestDatabase::demo().await, &[&documents, &mode])
}

#[tokio::test]
async fn documents_of_a_directory_are_named_by_their_hashes() {
    let directory = directory();
    for mode in ["allow", "only"] {
        let server = server(directory.path().to_str().unwrap(), mode).await;
        let id = hash(NAMES);
        for mut request in [
            request_for_hash(&id, None),
            json!({ "documentId": format!("sha256:{id}") }),
            json!({ "documentId": id }),
            json!({ "id": id }),
        ] {
            request["variables"] = json!({ "first": 1 });
            let response = server.send(request).await;
            assert_eq!(
                response.body["data"]["films"]["nodes"]
                    .as_array()
                    .map(Vec::len),
                Some(1)
            );
        }
        let extensions = extension(&hash(COUNT)).to_string();
        assert_eq!(
            get(&server, &[("extensions", &extensions)]).await.status(),
            200
        );
    }
}

#[tokio::test]
async fn documents_of_a_manifest_are_named_by_their_ids() {
    let relay = json!({ "count": COUNT, (hash(NAMES)): NAMES });
    for text in [manifest().to_string(), relay.to_string()] {
        let (_directory, path) = file(&text);
        let server = server(&path, "only").await;
        for request in [
            json!({ "documentId": "count" }),
            json!({ "doc_id": "count" }),
            json!({ "id": "count" }),
            request_for_hash("count", None),
            request_for_hash(&hash(COUNT), None),
            json!({ "query": COUNT }),
        ] {
            assert_eq!(post(&server, request.clone()).await, SUCCESS, "{request}");
        }
        assert_eq!(get(&server, &[("id", "count")]).await.status(), 200);
    }
}

#[tokio::test]
async fn other_documents_are_rejected_when_only_trusted_ones_may_run() {
    let directory = directory();
    let server = server(directory.path().to_str().unwrap(), "only").await;
    let only = rejected_with("PERSISTED_QUERY_ONLY");
    let other = "{ films { totalCount } }";
    for request in [
        json!({ "query": other }),
        request_for_hash(&hash(other), Some(other)),
        request_for_hash(&hash(COUNT), Some(other)),
        json!({ "query": format!("{COUNT} ") }),
        json!({ "query": "{" }),
    ] {
        assert_eq!(post(&server, request.clone()).await, only, "{request}");
    }
    let unknown = rejected_with("PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(
        post(&server, request_for_hash(&hash(other), None)).await,
        unknown
    );
    assert_eq!(post(&server, json!({ "query": COUNT })).await, SUCCESS);
    assert_eq!(
        post(&server, request_for_hash(&hash(COUNT), Some(COUNT))).await,
        SUCCESS
    );
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", other).await;
    let message = socket.message().await;
    assert_eq!(
        message["payload"][0]["extensions"]["code"],
        "PERSISTED_QUERY_ONLY"
    );
}

/// Returns the error with which a server with these arguments fails to start.
async fn startup_error(arguments: &[&str]) -> String {
    let line = ["marquee", "--listen=127.0.0.1:0"].iter().chain(arguments);
    let args = Cli::try_parse_from(line).unwrap().serve;
    match Server::bind(&args, &sea_orm::sqlx::postgres::PgConnectOptions::new()).await {
        Ok(_) => panic!("the server started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_server_with_an_invalid_document_does_not_start() {
    let bad = "query Bad { films { totalCount nothing } }";
    for (text, expected) in [
        (
            json!({ "bad": bad }).to_string(),
            "the document bad: 1:32: ",
        ),
        (
            json!({ "a": COUNT, "b": "{" }).to_string(),
            "the document b: ",
        ),
        (
            manifest().to_string().replace("version\":1", "version\":3"),
            "version 3",
        ),
        ("{".to_owned(), "it isn't a manifest"),
        ("{}".to_owned(), "it contains no documents"),
    ] {
        let (_directory, path) = file(&text);
        let error = startup_error(&[&format!("--documents={path}")]).await;
        assert!(error.contains(&path) && error.contains(expected), "{error}");
    }
    let directory = directory();
    let path = directory.path().join("bad.graphql");
    fs::write(&path, bad).unwrap();
    let argument = format!("--documents={}", directory.path().display());
    let error_of_directory = startup_error(&[&argument]).await;
    assert!(
        error_of_directory.contains(path.to_str().unwrap()),
        "{error_of_directory}"
    );
    let missing = startup_error(&["--documents=/nowhere/at/all"]).await;
    assert!(missing.contains("/nowhere/at/all"), "{missing}");
}

#[tokio::test]
async fn conflicting_settings_are_reported() {
    let error = startup_error(&["--persisted=only"]).await;
    assert!(
        error.contains("--persisted only needs --documents"),
        "{error}"
    );
    let directory = directory();
    let documents = format!("--documents={}", directory.path().display());
    let error = startup_error(&["--persisted=off", &documents]).await;
    assert!(error.contains("contradict"), "{error}");
}
