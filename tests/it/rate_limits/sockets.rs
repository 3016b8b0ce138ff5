//! Rate limits of WebSockets and event streams.

use serde_json::{Value, json};

use super::{TYPENAME_COST, graphql_request, limited, limited_on, remaining};
use crate::support::{TestDatabase, TestServer, socket::Socket};

#[tokio::test]
async fn an_operation_over_the_rate_limit_fails_and_its_socket_stays_open() {
    // Opening the connection costs one unit.
    let server = limited(1 + 2 * TYPENAME_COST, &[]).await;
    let mut socket = Socket::open(server.address()).await;
    for id in ["1", "2"] {
        socket.start(id, "{ __typename }").await;
        socket.next(id).await;
        assert_eq!(socket.message().await["type"], "complete");
    }
    for id in ["3", "4"] {
        socket.start(id, "{ __typename }").await;
        let message = socket.message().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!("error"))
        );
        assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    }
}

#[tokio::test]
async fn an_operation_over_a_socket_can_query_the_rate_limit() {
    let server = limited(1_000, &[]).await;
    let mut socket = Socket::open(server.address()).await;
    let mut ask = async || {
        socket.start("1", "{ rateLimit { cost remaining } }").await;
        let limit = socket.next("1").await["rateLimit"].take();
        assert_eq!(socket.message().await["type"], "complete");
        ["cost", "remaining"].map(|name| limit[name].as_u64().unwrap())
    };
    let [cost, remaining] = ask().await;
    assert_eq!(remaining, 1_000 - 1 - cost);
    assert_eq!(ask().await, [cost, remaining - cost]);
}

#[tokio::test]
async fn a_socket_over_the_rate_limit_is_closed_with_1013() {
    let server = limited(TYPENAME_COST, &[]).await;
    assert_eq!(
        graphql_request(&server, "{ __typename }")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let mut socket = Socket::raw(server.address()).await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(
        socket.close_frame().await,
        (1013, "Try again later".to_owned())
    );
}

#[tokio::test]
async fn a_client_behind_a_trusted_proxy_has_its_own_slots_and_bucket() {
    let more = ["--trusted-proxy=127.0.0.1", "--sockets-per-address=1"];
    let server = limited(1_000, &more).await;
    let open = async |address: &str| {
        let request = graphql_request(&server, "subscription { reviewAdded { id } }");
        let request = request.header("accept", "text/event-stream");
        request
            .header("x-forwarded-for", address)
            .send()
            .await
            .unwrap()
    };
    let first = open("192.0.2.1").await;
    assert_eq!(first.status(), 200);
    let refused = open("192.0.2.1").await;
    assert_eq!(refused.status(), 429);
    assert!(remaining(&refused) < remaining(&first));
    let other = open("192.0.2.2").await;
    assert_eq!(
        (other.status().as_u16(), remaining(&other)),
        (200, remaining(&first))
    );
}

#[tokio::test]
async fn an_event_stream_over_the_rate_limit_gets_429() {
    let server = limited(TYPENAME_COST, &[]).await;
    let open = async || {
        let request =
            graphql_request(&server, "{ __typename }").header("accept", "text/event-stream");
        request.send().await.unwrap()
    };
    assert_eq!(open().await.status(), 200);
    let refused = open().await;
    assert_eq!(refused.status(), 429);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
}

/// Returns the remaining units of the address's bucket after this request.
async fn remaining_units(server: &TestServer) -> u32 {
    remaining(
        &graphql_request(server, "{ __typename }")
            .send()
            .await
            .unwrap(),
    )
}

#[tokio::test]
async fn each_event_of_a_subscription_is_charged() {
    let database = TestDatabase::demo().await;
    let server = limited_on(database, 1_000, &[]);
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe("1", "subscription { reviewAdded { score } }")
        .await;
    let before = remaining_units(&server).await;
    let connection = server.database.connect(1);
    let insert =
        "INSERT INTO review (film_id, score, score_rule) SELECT min(id), 7, 'given' FROM film";
    for _ in 0..3 {
        sea_orm::ConnectionTrait::execute_unprepared(&connection, insert)
            .await
            .unwrap();
        socket.next("1").await;
    }
    // Three events, each with a lookup and two fields, and this request.
    let event = 60 + 2 + 2;
    assert_eq!(
        remaining_units(&server).await,
        before - 3 * event - TYPENAME_COST
    );
}
