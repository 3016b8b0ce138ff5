//! A network connection that drops all data silently.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::*;

/// Forwards data until `swallows` is set.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swallows: Arc<AtomicBool>) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if !swallows.load(Ordering::Acquire) && to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_listener_with_a_dead_connection_reconnects() {
    let (database, connection) = catalogue().await;
    let directory = tempfile::tempdir().unwrap();
    let socket = format!(".s.PGSQL.{}", database.options().get_port());
    let real = database.options().get_socket().unwrap().join(&socket);
    let between = UnixListener::bind(directory.path().join(&socket)).unwrap();
    // Data of existing connections is dropped; new connections work.
    let first = Arc::new(AtomicBool::new(false));
    let swallows = Arc::clone(&first);
    let proxy = tokio::spawn(async move {
        loop {
            let (client, _) = between.accept().await.unwrap();
            let (client_read, client_write) = client.into_split();
            let server = UnixStream::connect(&real).await.unwrap();
            let (server_read, server_write) = server.into_split();
            let swallows = if swallows.load(Ordering::Acquire) {
                Arc::default()
            } else {
                Arc::clone(&swallows)
            };
            tokio::spawn(forward(client_read, server_write, Arc::clone(&swallows)));
            tokio::spawn(forward(server_read, client_write, swallows));
        }
    });
    let options = database.options().socket(directory.path());
    let server = TestServer::with_options(database, options);
    wait_for_listeners(&connection, 1).await;
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe("1", "subscription { reviewChanged { kind } }")
        .await;
    let begin = Instant::now();
    first.store(true, Ordering::Release);
    add_review(&connection, 1, 1, 60).await;
    // Probes are sent every two seconds. One that is not received for a second, and then for five more, is the last.
    let change = loop {
        if let Some(message) = socket.try_message().await {
            break message;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "the server does not detect the dead connection"
        );
    };
    assert_eq!(change["payload"]["data"]["reviewChanged"]["kind"], "RESYNC");
    add_review(&connection, 1, 2, 60).await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "ADDED");
    drop(server);
    proxy.abort();
}
