//! Subscriptions, from a change in the database to the client.

mod dead_connection;
mod event_streams;
mod events;
mod fan_out;
mod listener;
mod notifications;
mod origins;
mod processes;
mod protocol;
mod refusals;
mod resumed;
mod shutdown;
mod slow_clients;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use serde_json::{Value, json};

use crate::support::{LISTENERS, TestDatabase, TestServer, socket::Socket};

/// The global ids of the films 1 and 2.
const LAMP: &str = "RmlsbTox";
const MOTH: &str = "RmlsbToy";

/// Creates a database with two films and three critics.
async fn catalogue() -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    run(
        &connection,
        "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp'), ('moth', 'Moth');
         INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob'), ('cat', 'Cat')",
    )
    .await;
    (database, connection)
}

/// Starts a server that listens for changes of the catalogue, and returns it with a connection that can change the
/// catalogue.
async fn start() -> (TestServer, DatabaseConnection) {
    start_with(&[]).await
}

async fn start_with(arguments: &[&str]) -> (TestServer, DatabaseConnection) {
    let (database, connection) = catalogue().await;
    let server = TestServer::with_arguments(database, arguments);
    wait_for_listeners(&connection, 1).await;
    // Until it has received a notification, a subscription waits.
    server.clear_caches().await;
    (server, connection)
}

/// Waits until this many servers LISTEN, and returns the process ids of their listeners.
async fn wait_for_listeners(connection: &DatabaseConnection, servers: usize) -> Vec<String> {
    for _ in 0..1_000 {
        let listeners = texts(connection, LISTENERS).await;
        if listeners.len() == servers {
            return listeners;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the servers don't LISTEN");
}

/// Returns the rows of a statement that selects one text, in order.
async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    #[derive(FromQueryResult)]
    struct Row {
        text: String,
    }
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = Row::find_by_statement(statement).all(connection).await;
    rows.unwrap().into_iter().map(|row| row.text).collect()
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}

/// Adds a review of a film by a critic.
async fn add_review(connection: &DatabaseConnection, film: u32, critic: u32, score: u32) {
    let sql = format!(
        "INSERT INTO review (film_id, critic_id, score, score_rule) VALUES ({film}, {critic}, {score}, 'given')"
    );
    run(connection, &sql).await;
}
