//! Concurrent look-ups of tokens are batched, and each request gets its own viewer.

use std::time::Duration;

use marquee::access::Role;

use super::{VIEWER, send, token};
use crate::support::TestServer;

#[tokio::test]
async fn concurrent_token_lookups_are_batched_and_not_mixed_up() {
    let server = TestServer::empty().await;
    let connection = server.database.connect(2);
    server.database.log_statements().await;
    let editor = token(&server.database, Role::Editor, None).await;
    let admin = token(&server.database, Role::Admin, None).await;
    // The public id of one token with the secret of another, which is no valid token.
    let public_half = "marquee_0123456789ab_".len();
    let mixed = format!("{}{}", &editor[..public_half], &admin[public_half..]);
    let transaction = crate::outage::lock_tables(&connection, "api_token").await;
    let requests = (0..30).map(async |number| {
        let (token, expected) = match number % 3 {
            0 => (&editor, "\"role\":\"EDITOR\""),
            1 => (&admin, "\"role\":\"ADMIN\""),
            _ => (&mixed, "this token is unknown"),
        };
        let response = send(&server, Some(&format!("Bearer {token}")), VIEWER).await;
        let body = response.text().await.unwrap();
        assert!(body.contains(expected), "{body}");
    });
    let lookups = || server.database.logged("api_token_of");
    let before = lookups();
    let counting = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        transaction.rollback().await.unwrap();
    };
    futures_util::future::join(futures_util::future::join_all(requests), counting).await;
    let statements = lookups() - before;
    // One statement for those that are sent first, and few for the batches that form while it waits for the lock.
    assert!((1..=10).contains(&statements), "{statements} statements");
    connection.close().await.unwrap();
}
