//! The charge for the time that an operation uses beyond its cost.

use std::time::Duration;

use marquee::{
    access::Role,
    global_id::{GlobalId, Kind},
};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{graphql_request, header, limited, remaining};
use crate::{
    outage::{lock_tables, wait_for_running},
    support::{TestServer, socket::Socket},
};

const BURST: u32 = 1_000_000;

/// The time for which a statement waits for a lock.
const SLOW: Duration = Duration::from_millis(300);

/// The minimum cost of [`SLOW`]. At 10 microseconds a unit it is 30,000, but tests run at the same time in this process,
/// and their statements share the processors.
const SLOW_COST: u32 = 3_000;

const FILMS: &str = "{ films { nodes { title } } }";

/// Starts a server that charges a unit for 10 microseconds.
async fn charging() -> TestServer {
    charging_with_burst(BURST).await
}

async fn charging_with_burst(burst: u32) -> TestServer {
    let more = ["--cost-unit-time=10", "--answer-cache=0", "--row-cache=0"];
    let server = limited(burst, &more).await;
    // The first statement opens the connection, which is not charged.
    let response = graphql_request(&server, FILMS).send().await.unwrap();
    assert_eq!(response.status(), 200);
    server
}

/// Returns the remaining units of the address, as the next request shows them.
async fn remaining_units(server: &TestServer) -> u32 {
    let request = graphql_request(server, "{ __typename }");
    remaining(&request.send().await.unwrap())
}

/// Waits until the server's statement waits for the lock, and releases the lock after [`SLOW`].
async fn release(connection: &sea_orm::DatabaseConnection, lock: DatabaseTransaction) {
    wait_for_running(connection, 1).await;
    sleep(SLOW).await;
    lock.rollback().await.unwrap();
}

#[tokio::test]
async fn a_slow_operation_is_charged_for_its_time() {
    let server = charging().await;
    let connection = server.database.connect(2);
    let lock = lock_tables(&connection, "film").await;
    let request = server.client().post(server.url("/graphql"));
    let body = json!({ "query": FILMS, "extensions": { "cost": true } });
    let sending = request.json(&body).send();
    let (response, ()) = futures_util::future::join(sending, release(&connection, lock)).await;
    let response = response.unwrap();
    assert!(remaining(&response) <= BURST - SLOW_COST);
    assert!(
        header(&response, "ratelimit")
            .unwrap()
            .starts_with("\"address\";r=")
    );
    let body: Value = response.json().await.unwrap();
    let cost = &body["extensions"]["cost"];
    assert_eq!(cost["requested"], 199);
    let actual = cost["actual"].as_u64().unwrap();
    assert!(actual >= SLOW_COST.into(), "{cost}");
    let after = remaining_units(&server).await;
    assert!(after > BURST / 2, "{after}");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_client_that_disconnects_is_charged_as_well() {
    let server = charging().await;
    let connection = server.database.connect(2);
    let lock = lock_tables(&connection, "film").await;
    let sending = graphql_request(&server, FILMS).send();
    let sending = tokio::spawn(sending);
    wait_for_running(&connection, 1).await;
    sleep(SLOW).await;
    sending.abort();
    // The server cancels the statement.
    wait_for_running(&connection, 0).await;
    lock.rollback().await.unwrap();
    let remaining = remaining_units(&server).await;
    assert!(remaining <= BURST - SLOW_COST, "{remaining}");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn an_operation_over_a_socket_is_charged_for_its_time() {
    let server = charging().await;
    let connection = server.database.connect(2);
    let mut socket = Socket::open(server.address()).await;
    let lock = lock_tables(&connection, "film").await;
    socket.start("1", FILMS).await;
    release(&connection, lock).await;
    socket.next("1").await;
    let remaining = remaining_units(&server).await;
    assert!(remaining <= BURST - SLOW_COST, "{remaining}");
    connection.close().await.unwrap();
}

/// Reviews by critic 1, and triggers that make statements take long.
const SLOW_WRITES: &str = "
INSERT INTO review (film_id, critic_id, source, external_id, byline)
SELECT 1, 1, 'test', n, 'x' FROM generate_series(1, 400) AS n;
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT OR UPDATE ON review FOR EACH STATEMENT EXECUTE FUNCTION slow();";

#[tokio::test]
async fn a_slow_mutation_is_charged_for_its_time_by_its_rows() {
    let server = charging().await;
    let token = server.database.token(Role::Admin, None).await;
    server.database.execute(SLOW_WRITES).await;
    let id = |kind, key| GlobalId { kind, key }.encode();
    let actual_cost = async |mutation: &str, input: String| {
        let document =
            format!("mutation {{ {mutation}(input: {{{input}}}) {{ userErrors {{ message }} }} }}");
        let request = json!({ "query": document, "extensions": { "cost": true } });
        let body = server.send_as(&token, request).await.body;
        assert!(!body.to_string().contains("message"), "{body}");
        body["extensions"]["cost"]["actual"].as_u64().unwrap()
    };
    let (from, into) = (id(Kind::Critic, 1), id(Kind::Critic, 2));
    let film = id(Kind::Film, 1);
    let merge = format!("from: \"{from}\", into: \"{into}\"");
    let cost = actual_cost("mergeCritics", merge).await;
    assert!(cost >= SLOW_COST.into(), "{cost}");
    // A statement that changes one row may have waited for a lock, whether by itself or by a trigger.
    let add = format!("film: \"{film}\", byline: \"two\", score: 50");
    let cost = actual_cost("addReview", add).await;
    assert!(cost < SLOW_COST.into(), "{cost}");
    let connection = server.database.connect(2);
    let lock = lock_tables(&connection, "film").await;
    let update = format!("id: \"{film}\", title: \"New\"");
    let updating = actual_cost("updateFilm", update);
    let (cost, ()) = tokio::join!(updating, release(&connection, lock));
    assert!(cost < SLOW_COST.into(), "{cost}");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_bucket_that_time_has_emptied_rejects_the_next_request() {
    let server = charging_with_burst(SLOW_COST).await;
    let connection = server.database.connect(2);
    let lock = lock_tables(&connection, "film").await;
    let sending = graphql_request(&server, FILMS).send();
    let (response, ()) = futures_util::future::join(sending, release(&connection, lock)).await;
    let response = response.unwrap();
    assert_eq!((response.status().as_u16(), remaining(&response)), (200, 0));
    // One unit is refilled in a minute, but the debt comes first.
    let next = graphql_request(&server, "{ __typename }")
        .send()
        .await
        .unwrap();
    assert_eq!(next.status(), 429);
    let retry_after: u64 = header(&next, "retry-after").unwrap().parse().unwrap();
    assert!(retry_after > 10 * 60, "{retry_after}");
    connection.close().await.unwrap();
}
