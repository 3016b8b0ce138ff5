//! The program itself: changes by its commands are heard by its servers, and it stops with sockets open.

use std::time::Instant;

use nix::sys::signal::Signal;

use super::*;
use crate::support::program::{DataDir, marquee, run as run_program, url};

/// Runs something that blocks beside what is awaited.
async fn beside<T: Send + 'static>(blocking: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(blocking).await.unwrap()
}

#[tokio::test]
async fn what_an_import_stores_is_heard_and_what_one_only_tries_is_not() {
    let (server, _connection) = live().await;
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
    for tries in [true, false] {
        let (file, database) = (file.clone(), database.clone());
        beside(move || {
            let mut arguments = vec![
                "import",
                "csv",
                file.to_str().unwrap(),
                "--database-url",
                &database,
            ];
            arguments.extend(tries.then_some("--dry-run"));
            run_program(marquee(&arguments)).output();
        })
        .await;
        if tries {
            assert_eq!(socket.anything().await, None);
        }
    }
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(socket.next("1").await["reviewAdded"].take());
    }
    let review = |score: u8, title: &str| json!({"score": score, "film": {"title": title}});
    heard.sort_by_key(|review| review["score"].as_u64());
    assert_eq!(
        heard,
        [
            review(71, "Lantern"),
            review(72, "Lantern"),
            review(73, "Wick")
        ]
    );
    assert_eq!(socket.anything().await, None);
}

#[tokio::test]
async fn sigterm_closes_sockets_and_the_program_is_gone_in_a_moment() {
    let (directory, program) = beside(|| {
        let directory = DataDir::made();
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
        assert_eq!(socket.closed().await, (1001, "Going away".to_owned()));
    }
    let done = beside(|| program.wait()).await;
    let took = begin.elapsed();
    assert!(done.status.success(), "{done:?}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    drop(directory);
}

#[tokio::test]
async fn a_postgresql_that_is_restarted_is_listened_to_again() {
    let (server_directory, program) = beside(|| {
        let directory = DataDir::made();
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
    // Every session of PostgreSQL ends, as when it starts anew after one of them has crashed.
    let directory = beside(move || {
        let session = server_directory.session();
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
        session.execute("INSERT INTO review (film_id, byline) VALUES (1, 'x')");
        server_directory
    })
    .await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "RESYNC");
    let directory = beside(move || {
        directory
            .session()
            .execute("INSERT INTO review (film_id, byline) VALUES (1, 'y')");
        directory
    })
    .await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "ADDED");
    let log = program.log();
    assert!(
        log.contains("changes of the database are not heard"),
        "{log}"
    );
    assert!(
        log.contains("changes of the database are heard again"),
        "{log}"
    );
    beside(move || {
        program.signal(Signal::SIGTERM);
        program.wait();
        drop(directory);
    })
    .await;
}
