//! The listener: disconnects, and their effect on subscribers.

use super::*;

const CHANGES: &str =
    "subscription { reviewChanged { kind reviewId review { score } film { slug } version } }";

#[tokio::test]
async fn a_terminated_listener_reconnects_and_sends_resync() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let of_film =
        format!("subscription {{ reviewChanged(film: \"{LAMP}\") {{ kind film {{ slug }} }} }}");
    let score =
        format!("subscription {{ scoreChanged(film: \"{LAMP}\") {{ score {{ reviewCount }} }} }}");
    socket.subscribe("all", CHANGES).await;
    socket.subscribe("film", &of_film).await;
    socket.subscribe("score", &score).await;
    let mut added = Socket::open(server.address()).await;
    added
        .subscribe("added", "subscription { reviewAdded { score } }")
        .await;
    let listener = wait_for_listeners(&connection, 1).await.remove(0);
    // One batch of statements, so that the change happens while no session LISTENs: the old session has ended by then,
    // and the server reconnects only after a tenth of a second.
    run(
        &connection,
        &format!(
            "SELECT pg_terminate_backend({listener}), pg_sleep(0.03);
             INSERT INTO review (film_id, critic_id, score, score_rule) VALUES (1, 1, 60, 'given')"
        ),
    )
    .await;
    let mut received = Vec::new();
    for _ in 0..3 {
        let message = socket.message().await;
        received.push((
            message["id"].to_string(),
            message["payload"]["data"].clone(),
        ));
    }
    received.sort_by(|one, other| one.0.cmp(&other.0));
    let resync =
        json!({"kind": "RESYNC", "reviewId": null, "review": null, "film": null, "version": null});
    assert_eq!(
        received,
        [
            ("\"all\"".to_owned(), json!({"reviewChanged": resync})),
            (
                "\"film\"".to_owned(),
                json!({"reviewChanged": {"kind": "RESYNC", "film": {"slug": "lamp"}}})
            ),
            (
                "\"score\"".to_owned(),
                json!({"scoreChanged": {"score": {"reviewCount": 1}}})
            ),
        ]
    );
    // `reviewAdded` has no event for a resync, so the server closes the socket.
    assert_eq!(
        added.close_frame().await,
        (4290, "Events were lost".to_owned())
    );
    wait_for_listeners(&connection, 1).await;
    add_review(&connection, 2, 1, 70).await;
    assert_eq!(socket.next("all").await["reviewChanged"]["kind"], "ADDED");
}

#[tokio::test]
async fn each_review_is_sent_once_in_order_although_read_connections_break() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe("1", "subscription { reviewAdded { score } }")
        .await;
    for score in [60, 61, 62, 63] {
        add_review(&connection, 1, 1, score).await;
        let received = socket.next("1").await;
        assert_eq!(received["reviewAdded"]["score"], score, "{received}");
        let ended = texts(
            &connection,
            "SELECT pg_terminate_backend(pid, 5000)::text AS text FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> 'marquee live'",
        )
        .await;
        assert!(ended.contains(&"true".to_owned()), "{ended:?}");
        run(&connection, "DELETE FROM review").await;
    }
    assert_eq!(socket.try_message().await, None);
}

#[tokio::test]
async fn unknown_payloads_on_the_channel_are_ignored() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    socket.subscribe("1", CHANGES).await;
    for word in [
        "hello",
        "",
        "{\"added\":[[1]]}",
        "{\"added\":[[1,2,\"x\"]]}",
    ] {
        run(
            &connection,
            &format!("SELECT pg_notify('marquee_changes', '{word}')"),
        )
        .await;
    }
    add_review(&connection, 1, 1, 60).await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "ADDED");
}

#[tokio::test]
async fn a_notification_of_a_missing_review_is_a_change_without_a_review() {
    let (server, connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    socket.subscribe("1", CHANGES).await;
    run(
        &connection,
        "SELECT pg_notify('marquee_changes', '{\"added\":[[77,1,1]]}')",
    )
    .await;
    let change = socket.next("1").await["reviewChanged"].take();
    assert_eq!(
        (&change["kind"], &change["review"]),
        (&json!("ADDED"), &json!(null))
    );
    run(&connection, "TRUNCATE review").await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "RESYNC");
}

#[tokio::test]
async fn fast_clients_receive_a_large_import_and_a_stalled_client_is_disconnected() {
    const MANY: i64 = 5_000;
    let (server, connection) = start().await;
    let mut stuck = Socket::open(server.address()).await;
    let fields: Vec<String> = (0..50).map(|n| format!("a{n}: excerpt")).collect();
    let fields = fields.join(" ");
    stuck
        .subscribe(
            "1",
            &format!("subscription {{ reviewAdded {{ {fields} }} }}"),
        )
        .await;
    let mut prompt = Vec::new();
    for _ in 0..2 {
        let mut socket = Socket::open(server.address()).await;
        socket
            .subscribe("1", "subscription { reviewAdded { id } }")
            .await;
        prompt.push(socket);
    }
    let begin = std::time::Instant::now();
    run(
        &connection,
        &format!(
            "INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 1000) FROM generate_series(1, {MANY})"
        ),
    )
    .await;
    let receive_all = async |mut socket: Socket| {
        for n in 1..=MANY {
            let id = socket.next("1").await["reviewAdded"]["id"].take();
            let id = marquee::global_id::GlobalId::decode(id.as_str().unwrap());
            assert_eq!(id.unwrap().key, n);
        }
        assert_eq!(socket.try_message().await, None);
    };
    let sockets = prompt.into_iter().map(receive_all);
    futures_util::future::join_all(sockets).await;
    tokio::time::sleep(Duration::from_secs(12).saturating_sub(begin.elapsed())).await;
    let mut rest = Vec::new();
    let mut stuck = stuck.into_connection();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stuck, &mut rest).await;
    assert!(rest.len() < 100_000_000, "{} bytes", rest.len());
}
