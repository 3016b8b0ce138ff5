//! Many who show a token at the same time: they are looked up together, and nobody is taken for another.

use std::time::Duration;

use marquee::access::Role;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{WHO, send, token};
use crate::support::TestServer;

#[tokio::test]
async fn those_who_ask_together_are_looked_up_together_and_each_is_who_they_are() {
    let server = TestServer::empty().await;
    let connection = server.database.connect(2);
    server.database.log_statements().await;
    let editor = token(&server.database, Role::Editor, None).await;
    let admin = token(&server.database, Role::Admin, None).await;
    // The public half of one with the secret of another, which nobody has.
    let public_half = "marquee_0123456789ab_".len();
    let mixed = format!("{}{}", &editor[..public_half], &admin[public_half..]);
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE api_token IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let asked = (0..30).map(async |number| {
        let (token, expected) = match number % 3 {
            0 => (&editor, "\"role\":\"EDITOR\""),
            1 => (&admin, "\"role\":\"ADMIN\""),
            _ => (&mixed, "this token is not known"),
        };
        let answer = send(&server, Some(&format!("Bearer {token}")), WHO).await;
        let told = answer.text().await.unwrap();
        assert!(told.contains(expected), "{told}");
    });
    let lookups = || server.database.logged("api_token_of");
    let before = lookups();
    let counting = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        held.rollback().await.unwrap();
    };
    futures_util::future::join(futures_util::future::join_all(asked), counting).await;
    let statements = lookups() - before;
    // Those that were sent while they had to wait, and what came together then.
    assert!((1..=10).contains(&statements), "{statements} statements");
    connection.close().await.unwrap();
}
