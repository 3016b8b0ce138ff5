//! A network that swallows what is sent, without a word to either side.

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

/// Passes on what comes until it swallows everything.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swallows: Arc<AtomicBool>) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if !swallows.load(Ordering::Acquire) && to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_listener_whose_connection_dies_in_silence_notices_and_listens_anew() {
    let (database, connection) = catalogue().await;
    let directory = tempfile::tempdir().unwrap();
    let socket = format!(".s.PGSQL.{}", database.options().get_port());
    let real = database.options().get_socket().unwrap().join(&socket);
    let between = UnixListener::bind(directory.path().join(&socket)).unwrap();
    // What was connected before is swallowed; what connects later is passed on.
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
            tokio::spawn(pass(client_read, server_write, Arc::clone(&swallows)));
            tokio::spawn(pass(server_read, client_write, swallows));
        }
    });
    let options = database.options().socket(directory.path());
    let server = TestServer::by(database, options);
    listening(&connection, 1).await;
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe("1", "subscription { reviewChanged { kind } }")
        .await;
    let begin = Instant::now();
    first.store(true, Ordering::Release);
    review(&connection, 1, 1, 60).await;
    // 15 seconds of silence, and 5 without an answer.
    let change = loop {
        if let Some(message) = socket.anything().await {
            break message;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "it is not noticed"
        );
    };
    assert_eq!(change["payload"]["data"]["reviewChanged"]["kind"], "RESYNC");
    review(&connection, 1, 2, 60).await;
    assert_eq!(socket.next("1").await["reviewChanged"]["kind"], "ADDED");
    drop(server);
    proxy.abort();
}
