//! The events of subscriptions.

mod delivery;
mod errors;

use std::collections::HashMap;

use super::*;

#[tokio::test]
async fn a_review_added_with_sql_is_sent_with_its_related_objects() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewAdded { id score version critic { name } film { title score { label } } } }";
    socket.subscribe("1", document).await;
    add_review(&connection, 1, 1, 60).await;
    let received = socket.next("1").await;
    assert_eq!(
        received,
        json!({"reviewAdded": {"id": "UmV2aWV3OjE", "score": 60, "version": 1, "critic": {"name": "Ann"},
            "film": {"title": "Lamp", "score": {"label": "No score yet - 1 of 4 reviews"}}}})
    );
    // Data that was loaded for one event is not cached for the next.
    add_review(&connection, 1, 2, 80).await;
    let label = &socket.next("1").await["reviewAdded"]["film"]["score"]["label"];
    assert_eq!(label, "No score yet - 2 of 4 reviews");
}

#[tokio::test]
async fn a_film_is_given_by_its_id_its_slug_or_its_title() {
    let (server, connection) = start().await;
    let mut sockets = Vec::new();
    for document in [
        format!("reviewAdded(film: \"{LAMP}\") {{ score }}"),
        "reviewAdded(filmBy: {slug: \"lamp\"}) { score }".to_owned(),
        "reviewChanged(filmBy: {titled: {title: \"LAMP\"}}) { review { score } }".to_owned(),
        "scoreChanged(filmBy: {slug: \"lamp\"}) { slug }".to_owned(),
    ] {
        let mut socket = Socket::open(server.address()).await;
        let document = format!("subscription {{ {document} }}");
        socket.subscribe("1", &document).await;
        sockets.push(socket);
    }
    add_review(&connection, 2, 1, 10).await;
    add_review(&connection, 1, 1, 60).await;
    let mut received = Vec::new();
    for socket in &mut sockets {
        received.push(socket.next("1").await);
    }
    assert_eq!(
        received,
        [
            json!({ "reviewAdded": { "score": 60 } }),
            json!({ "reviewAdded": { "score": 60 } }),
            json!({ "reviewChanged": { "review": { "score": 60 } } }),
            json!({ "scoreChanged": { "slug": "lamp" } }),
        ]
    );
}

#[tokio::test]
async fn each_change_shows_the_review_as_of_that_change() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewChanged { kind reviewId version review { score version createdAt updatedAt } film { slug } } }";
    socket.subscribe("1", document).await;
    run(
        &connection,
        "BEGIN; INSERT INTO review (film_id, critic_id, score, score_rule) VALUES (1, 1, 60, 'given');
         UPDATE review SET score = 70; UPDATE review SET film_id = 2; DELETE FROM review; COMMIT",
    )
    .await;
    let mut received = Vec::new();
    for _ in 0..4 {
        let change = socket.next("1").await["reviewChanged"].take();
        assert_eq!(change["reviewId"], "UmV2aWV3OjE");
        if !change["review"].is_null() {
            assert_eq!(change["review"]["version"], change["version"]);
            assert_eq!(change["review"]["createdAt"], change["review"]["updatedAt"]);
        }
        received.push(json!([
            change["kind"],
            change["version"],
            change["review"]["score"],
            change["film"]["slug"]
        ]));
    }
    assert_eq!(
        received,
        [
            json!(["ADDED", 1, 60, "lamp"]),
            json!(["UPDATED", 2, 70, "lamp"]),
            json!(["UPDATED", 3, 70, "moth"]),
            json!(["DELETED", 3, null, "moth"]),
        ]
    );
}

#[tokio::test]
async fn a_film_argument_limits_events_to_that_film() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let added = format!("subscription {{ reviewAdded(film: \"{MOTH}\") {{ score }} }}");
    let changed =
        format!("subscription {{ reviewChanged(film: \"{MOTH}\") {{ kind film {{ slug }} }} }}");
    socket.subscribe("added", &added).await;
    socket.subscribe("changed", &changed).await;
    add_review(&connection, 1, 1, 10).await;
    add_review(&connection, 2, 1, 20).await;
    let mut received = HashMap::new();
    for _ in 0..2 {
        let message = socket.message().await;
        received.insert(
            message["id"].to_string(),
            message["payload"]["data"].clone(),
        );
    }
    assert_eq!(received["\"added\""], json!({"reviewAdded": {"score": 20}}));
    assert_eq!(received["\"changed\""]["reviewChanged"]["kind"], "ADDED");
    // Subscribers of the previous film receive the move of a review.
    run(
        &connection,
        "UPDATE review SET film_id = 1, critic_id = 2 WHERE film_id = 2",
    )
    .await;
    let left = socket.next("changed").await;
    assert_eq!(
        left["reviewChanged"],
        json!({"kind": "UPDATED", "film": {"slug": "lamp"}})
    );
    assert_eq!(socket.try_message().await, None);
}

#[tokio::test]
async fn score_events_may_be_merged_but_the_last_one_is_sent() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = format!(
        "subscription {{ scoreChanged(film: \"{LAMP}\") {{ score {{ reviewCount mean }} }} }}"
    );
    socket.subscribe("1", &document).await;
    run(
        &connection,
        "UPDATE film SET title = 'The Lamp' WHERE id = 1",
    )
    .await;
    add_review(&connection, 2, 1, 50).await;
    assert_eq!(socket.try_message().await, None);
    for n in 1..=50 {
        run(
            &connection,
            &format!("INSERT INTO review (film_id, score, score_rule, source, external_id) VALUES (1, {n}, 'given', 's', '{n}')"),
        )
        .await;
    }
    let mut events = 0;
    loop {
        events += 1;
        let count = &socket.next("1").await["scoreChanged"]["score"]["reviewCount"];
        if count == 50 {
            break;
        }
    }
    assert!(events <= 50, "{events}");
    // A changed weight changes no reviews, but the score.
    run(
        &connection,
        "INSERT INTO publication (slug, name) VALUES ('post', 'Post');
         UPDATE review SET publication_id = 1 WHERE score = 50 AND film_id = 1",
    )
    .await;
    while socket.try_message().await.is_some() {}
    run(&connection, "UPDATE publication SET weight = 5000").await;
    assert_eq!(
        socket.next("1").await["scoreChanged"]["score"]["reviewCount"],
        50
    );
}
