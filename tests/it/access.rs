//! Authentication and authorization: API tokens, JWTs, rejected credentials, and the secrecy of tokens.

mod anonymous;
mod commands;
mod concurrent_lookups;
mod invalid_credentials;
mod invalid_tokens;
mod jwt;
mod secrecy;
mod token_use;
mod tokens;

use std::process::Command;

use marquee::{
    access::{
        Role,
        api_token::TokenDraft,
        store,
        token::{RANDOM_BYTES, Token},
    },
    critic::CriticId,
};
use reqwest::Response;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use serde_json::{Value, json};

use crate::support::{
    TestDatabase, TestServer,
    program::{marquee, url},
};

/// Creates a token with the same function as the command does.
async fn token(database: &TestDatabase, role: Role, critic: Option<i64>) -> String {
    let connection = database.connect(1);
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).unwrap();
    let secret = Token::from_random(&random);
    let now = chrono::Utc::now();
    let draft = TokenDraft::new(role.name(), role, critic.map(CriticId), None, now).unwrap();
    store::write::add(&draft, &secret, "a test", &connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    secret.reveal()
}

/// Starts a server whose database has a critic with the slug `ann`.
async fn with_a_critic() -> TestServer {
    let database = TestDatabase::empty().await;
    execute(
        &database,
        "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann')",
    )
    .await;
    TestServer::with_database(database)
}

/// Returns the command that starts another server on a database.
fn server_process(database: &TestDatabase) -> Command {
    let address = url(&database.options());
    marquee(&[
        "serve",
        "--listen=127.0.0.1:0",
        "--workers=1",
        "--database-url",
        &address,
    ])
}

/// Executes SQL statements.
async fn execute(database: &TestDatabase, sql: &str) {
    let connection = database.connect(1);
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Returns the value of a statement that selects one text or null.
async fn value(connection: &DatabaseConnection, sql: &str) -> Option<String> {
    #[derive(FromQueryResult)]
    struct Row {
        value: Option<String>,
    }
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = Row::find_by_statement(statement).one(connection).await;
    row.unwrap().unwrap().value
}

/// Sends a document, with credentials if there are any.
async fn send(server: &TestServer, authorization: Option<&str>, document: &str) -> Response {
    let mut request = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "application/graphql-response+json")
        .json(&json!({ "query": document }));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    request.send().await.unwrap()
}

/// Sends a document with a token and returns the data of the response, which must have no errors.
async fn query(server: &TestServer, token: &str, document: &str) -> Value {
    let response = send(server, Some(&format!("Bearer {token}")), document).await;
    let mut body: Value = response.json().await.unwrap();
    assert_eq!(body.get("errors"), None, "{document}");
    body["data"].take()
}

/// Selects the viewer of a token.
const VIEWER: &str = "{ viewer { role name critic { slug } tokenExpiresAt } }";

/// Returns the status, the `WWW-Authenticate` challenge, and the code and message of the first error.
async fn error_of(response: Response) -> (u16, String, String, String) {
    let status = response.status().as_u16();
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body.get("data"), None, "{body}");
    let error = &body["errors"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (code, message) = (text(&error["extensions"]["code"]), text(&error["message"]));
    (status, challenge, code, message)
}

/// Asserts that the server rejects credentials as RFC 6750 specifies, and returns the reason.
async fn assert_rejected(server: &TestServer, authorization: &str) -> String {
    let response = send(server, Some(authorization), VIEWER).await;
    let (status, challenge, code, message) = error_of(response).await;
    assert_eq!(
        (status, code.as_str()),
        (401, "UNAUTHENTICATED"),
        "{authorization}"
    );
    assert_eq!(
        challenge,
        format!(
            "Bearer realm=\"marquee\", error=\"invalid_token\", error_description=\"{message}\""
        )
    );
    message
}
