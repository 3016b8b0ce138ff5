//! The costs of a token, and the record of its last use.

use std::time::{Duration, Instant};

use marquee::access::Role;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{VIEWER, execute, query, send, server_process, token, value};
use crate::support::{TestServer, program::Program};

#[tokio::test]
async fn a_token_costs_one_statement_and_an_anonymous_request_none() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Admin, None).await;
    let cost = async |authorization: Option<&str>, document: &str| {
        let response = send(&server, authorization, document).await;
        let timing = response.headers()["server-timing"].to_str().unwrap();
        timing.to_owned()
    };
    let bearer = format!("Bearer {token}");
    for document in ["{ __typename }", "{ viewer { role name } }"] {
        let anonymous = cost(None, document).await;
        assert_eq!(anonymous, "sql;desc=\"0 statements in 0 round trips\"");
        // Recording the first use happens in the background and isn't counted.
        for _ in 0..2 {
            let authenticated = cost(Some(&bearer), document).await;
            assert_eq!(authenticated, "sql;desc=\"1 statements in 1 round trips\"");
        }
    }
    // Also if the request runs long enough for the recording to finish.
    let unused = super::token(&server.database, Role::Admin, None).await;
    let listed = cost(
        Some(&format!("Bearer {unused}")),
        "{ tokens { totalCount nodes { name critic { slug } } } }",
    )
    .await;
    assert_eq!(listed, "sql;desc=\"3 statements in 2 round trips\"");
}

#[tokio::test]
async fn the_use_of_a_token_is_recorded_once_a_minute_without_blocking_requests() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Editor, None).await;
    let connection = server.database.connect(2);
    let used = "SELECT last_used_at::text AS value FROM api_token";
    assert_eq!(value(&connection, used).await, None);
    query(&server, &token, VIEWER).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    let first = loop {
        if let Some(timestamp) = value(&connection, used).await {
            break timestamp;
        }
        assert!(
            Instant::now() < deadline,
            "the use of the token was not recorded"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    for _ in 0..5 {
        query(&server, &token, VIEWER).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(value(&connection, used).await, Some(first));

    // Another server would record the use again. A transaction that holds the row blocks the recording, but not the
    // responses.
    execute(&server.database, "UPDATE api_token SET last_used_at = NULL").await;
    let other = Program::ready(server_process(&server.database));
    let holder = connection.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM api_token FOR UPDATE")
        .await
        .unwrap();
    let client = reqwest::Client::new();
    for _ in 0..10 {
        let response = client
            .post(format!("http://{}/graphql", other.address()))
            .bearer_auth(&token)
            .json(&json!({ "query": VIEWER }))
            .timeout(Duration::from_secs(5));
        assert_eq!(response.send().await.unwrap().status(), 200);
    }
    holder.rollback().await.unwrap();
    drop(other);
}
