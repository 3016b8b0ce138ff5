//! Subscriptions with the program itself: its commands notify its servers, and it stops while sockets are open.

use std::time::Instant;

use nix::sys::signal::Signal;

use super::*;
use crate::support::program::{DataDir, marquee, run as run_program, url};

/// Runs blocking code on another thread.
async fn run_blocking<T: Send + 'static>(blocking: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(blocking).await.unwrap()
}

#[tokio::test]
async fn an_import_notifies_subscribers_and_a_dry_run_does_not() {
    let (server, _connection) = start().await;
    let mut socket = Socket::open(server.address()).await;
    let document = "subscription { reviewAdded { score film { title } } }";
    socket.subscribe("1", document).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rows.csv");
    std::fs::write(
        &file,
        "film,critic,score\nLantern,Ann,71\nLantern,Bob,72\nWick,Ann,73\n",
    )
    .unwrap();
    let database = url(&server.database.options());
    for is_dry_run in [true, false] {
        let (file, database) = (file.clone(), database.clone());
        run_blocking(move || {
            let mut arguments = vec![
                "import",
                "csv",
                file.to_str().unwrap(),
                "--database-url",
                &database,
            ];
            arguments.extend(is_dry_run.then_some("--dry-run"));
            run_program(marquee(&arguments)).output();
        })
        .await;
        if is_dry_run {
            assert_eq!(socket.try_message().await, None);
        }
    }
    let mut received = Vec::new();
    for _ in 0..3 {
        received.push(socket.next("1").await["reviewAdded"].take());
    }
    let review = |score: u8, title: &str| json!({"score": score, "film": {"title": title}});
    received.sort_by_key(|review| review["score"].as_u64());
    assert_eq!(
        received,
        [
            review(71, "Lantern"),
            review(72, "Lantern"),
            review(73, "Wick")
        ]
    );
    assert_eq!(socket.try_message().await, None);
}

#[tokio::test]
async fn sigterm_closes_sockets_and_the_program_exits_promptly() {
    let (directory, program) = run_blocking(|| {
        let directory = DataDir::migrated();
        let program = directory.serve(&[]);
        (directory, program)
    })
    .await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = Socket::open(program.address()).await;
        socket
            .subscribe("1", "subscription { reviewAdded { id } }")
            .await;
        sockets.push(socket);
    }
    let begin = Instant::now();
    program.signal(Signal::SIGTERM);
    for socket in &mut sockets {
        assert_eq!(socket.close_frame().await, (1001, "Going away".to_owned()));
    }
    let result = run_blocking(|| program.wait()).await;
    let elapsed = begin.elapsed();
    assert!(result.status.success(), "{result:?}");
    assert!(elapsed < Duration::from_secs(4), "{elapsed:?}");
    drop(directory);
}

#[tokio::test]
async fn the_listener_reconnects_after_postgresql_restarts() {
    let (server_directory, program) = run_blocking(|| {
        let directory = DataDir::migrated();
        let program = directory.serve(&[]);
        let listeners = format!("SELECT count(*)::text AS value FROM ({LISTENERS}) AS listeners");
        while directory.sql(&listeners) != "1" {
            std::thread::sleep(Duration::from_millis(10));
        }
        directory
            .session()
            .execute("INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp')");
        (directory, program)
    })
    .await;
    let mut socket = Socket::open(program.address()).await;
    socket
        .subscribe("1", "subscription { reviewChanged { kind } }")
        .await;
    // Terminates every session, as crash recovery of PostgreSQL does.
    let directory = run_blocking(move || {
        let session = server_directory.session();
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
        session.execute("INSERT INTO review (film_id, byline) VALUES (1, 'x')");
        server_directory
    })
    .await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "RESYNC");
    let directory = run_blocking(move || {
        directory
            .session()
            .execute("INSERT INTO review (film_id, byline) VALUES (1, 'y')");
        directory
    })
    .await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "ADDED");
    let log = program.log();
    assert!(
        log.contains("no connection for change notifications"),
        "{log}"
    );
    assert!(
        log.contains("receiving change notifications again"),
        "{log}"
    );
    run_blocking(move || {
        program.signal(Signal::SIGTERM);
        program.wait();
        drop(directory);
    })
    .await;
}
