//! The events of subscriptions after a change of the rules.

use marquee::access::Role;
use serde_json::json;

use super::update;
use crate::support::{TestServer, socket::Socket};

#[tokio::test]
async fn subscribers_learn_that_the_rules_have_changed() {
    let server = TestServer::demo().await;
    let admin = server.database.token(Role::Admin, None).await;
    let data = server
        .query("{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { id score { verdict } } }")
        .await;
    assert_eq!(data["film"]["score"]["verdict"], "GENERALLY_FAVORABLE");
    let film = data["film"]["id"].as_str().unwrap();
    let mut socket = Socket::open(server.address()).await;
    let score = format!(
        "subscription {{ scoreChanged(film: \"{film}\") {{ score {{ value verdict }} }} }}"
    );
    socket.subscribe("score", &score).await;
    socket
        .subscribe("reviews", "subscription { reviewChanged { kind } }")
        .await;
    // The score stays the same, but not its verdict.
    update(
        &server,
        &admin,
        json!({"acclaimFrom": 70, "positiveFrom": 61}),
    )
    .await;
    let (mut has_score, mut has_resync) = (false, false);
    while !(has_score && has_resync) {
        let message = socket.message().await;
        let data = &message["payload"]["data"];
        if message["id"] == "score" {
            let score = &data["scoreChanged"]["score"];
            assert_eq!(*score, json!({"value": 76, "verdict": "UNIVERSAL_ACCLAIM"}));
            has_score = true;
        } else {
            assert_eq!(data["reviewChanged"]["kind"], "RESYNC");
            has_resync = true;
        }
    }
}

#[tokio::test]
async fn the_reviews_of_later_events_have_sentiments_under_the_new_rules() {
    let server = TestServer::demo().await;
    let admin = server.database.token(Role::Admin, None).await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewAdded { score sentiment } }";
    socket.subscribe("added", document).await;
    let add =
        "INSERT INTO review (film_id, score, score_rule) SELECT min(id), 65, 'given' FROM film";
    for (positive_from, sentiment) in [(61, "POSITIVE"), (70, "MIXED"), (60, "POSITIVE")] {
        update(&server, &admin, json!({"positiveFrom": positive_from})).await;
        server.database.execute(add).await;
        let event = socket.next("added").await;
        assert_eq!(event["reviewAdded"]["sentiment"], sentiment);
    }
}
