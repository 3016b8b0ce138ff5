//! The limits and the timeouts of HTTP/2.

use super::*;

/// The reason for which a stream was reset.
async fn reset_reason(sent: Sent) -> Option<Reason> {
    sent.try_response()
        .await
        .err()
        .and_then(|error| error.reason())
}

#[tokio::test]
async fn streams_count_as_connections_of_their_address() {
    let server = server(&["--connections-per-address=3"]).await;
    let mut connection = Connection::plain(&server).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let sent = connection.send(SUBSCRIPTION, "text/event-stream").await;
        streams.push(sent.response().await);
    }
    let refused = connection.send("{ __typename }", "application/json").await;
    assert_eq!(reset_reason(refused).await, Some(Reason::REFUSED_STREAM));
    drop(streams.pop());
    let begin = Instant::now();
    loop {
        let sent = connection.send("{ __typename }", "application/json").await;
        if sent.try_response().await.is_ok() {
            break;
        }
        assert!(
            begin.elapsed() < TIMEOUT,
            "the slot of the stream is not free"
        );
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn streams_count_as_connections_of_their_worker() {
    let server = server(&["--max-connections=2", "--connections-per-address=0"]).await;
    let mut connection = Connection::plain(&server).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let sent = connection.send(SUBSCRIPTION, "text/event-stream").await;
        streams.push(sent.response().await);
    }
    let refused = connection.send("{ __typename }", "application/json").await;
    assert_eq!(reset_reason(refused).await, Some(Reason::REFUSED_STREAM));
}

#[tokio::test]
async fn a_connection_has_at_most_a_hundred_open_streams() {
    let server = server(&["--connections-per-address=0"]).await;
    let mut connection = Connection::plain(&server).await;
    connection.query("{ __typename }").await;
    let mut streams = Vec::new();
    for _ in 0..100 {
        streams.push(connection.begin(post("application/json"), false).await);
    }
    // The server has announced the limit, so the client sends no further request until a stream is free.
    let mut more = connection.send("{ __typename }", "application/json").await;
    let waiting = timeout(Duration::from_millis(300), &mut more.response);
    assert!(waiting.await.is_err());
    drop(streams.pop());
    let (head, _) = more.response().await;
    assert_eq!(head.status().as_u16(), 200);
}

#[tokio::test]
async fn a_response_that_is_not_read_is_reset_and_its_connection_goes_on() {
    let server = server_with_reviews(95, 100_000, &["--write-timeout=1"]).await;
    let mut connection = Connection::plain(&server).await;
    let sent = connection.send(ALL_EXCERPTS, "application/json").await;
    let (_, mut unread) = sent.response().await;
    let part = |body: &mut RecvStream| {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match body.poll_data(&mut context) {
            std::task::Poll::Ready(part) => part,
            std::task::Poll::Pending => panic!("the stream is not reset"),
        }
    };
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(4) {
        let (status, _) = connection.query("{ films { totalCount } }").await;
        assert_eq!(status, 200);
        sleep(Duration::from_millis(100)).await;
    }
    let mut length = 0;
    let error = loop {
        match part(&mut unread) {
            Some(Ok(part)) => length += part.len(),
            Some(Err(error)) => break error,
            None => panic!("the response is complete"),
        }
    };
    assert_eq!(error.reason(), Some(Reason::CANCEL));
    assert!(length <= 64 << 10, "{length} bytes");
}

#[tokio::test]
async fn a_slow_but_steady_reader_gets_the_whole_response() {
    let server = server_with_reviews(95, 100_000, &["--write-timeout=2"]).await;
    let mut connection = Connection::plain(&server).await;
    let sent = connection.send(ALL_EXCERPTS, "application/json").await;
    let (_, mut body) = sent.response().await;
    let begin = Instant::now();
    let mut length = 0;
    while let Some(part) = next_part(&mut body).await {
        length += part.unwrap().len();
        if begin.elapsed() < Duration::from_secs(4) {
            sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(length > 9_500_000, "{length} bytes");
    assert!(
        begin.elapsed() > Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn bodies_have_the_limits_of_http_1_1() {
    let server = server(&["--body-timeout=1", "--max-body-bytes=2000"]).await;
    let mut connection = Connection::plain(&server).await;
    let slow = connection.begin(post("application/json"), false).await;
    let mut large = connection.begin(post("application/json"), false).await;
    large
        .body
        .send_data(vec![b' '; 4_000].into(), false)
        .unwrap();
    for (sent, expected) in [
        (large, (413, "BODY_TOO_LARGE")),
        (slow, (408, "REQUEST_TIMEOUT")),
    ] {
        let Sent {
            response,
            body: upload,
        } = sent;
        let (head, body) = timeout(TIMEOUT, response)
            .await
            .unwrap()
            .unwrap()
            .into_parts();
        let body: Value = serde_json::from_slice(&read(body).await).unwrap();
        let code = body["errors"][0]["extensions"]["code"].as_str().unwrap();
        assert_eq!((head.status.as_u16(), code), expected);
        drop(upload);
    }
    assert_eq!(connection.query("{ __typename }").await.0, 200);
}

#[tokio::test]
async fn headers_over_the_size_limit_are_rejected() {
    let server = server(&[]).await;
    let mut connection = Connection::plain(&server).await;
    let mut request = post("application/json");
    let value = "x".repeat(60_000).parse::<http::HeaderValue>().unwrap();
    for name in ["x-one", "x-two", "x-three"] {
        request.headers_mut().insert(name, value.clone());
    }
    let sent = connection.begin(request, true).await;
    let (head, _) = sent.response().await;
    assert_eq!(head.status().as_u16(), 431);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_one_with_an_open_stream_is_not() {
    let arguments = ["--keep-alive=1", "--head-timeout=1"];
    let server = server(&arguments).await;
    let mut idle = Connection::plain(&server).await;
    let mut open = Connection::plain(&server).await;
    assert_eq!(idle.query("{ __typename }").await.0, 200);
    let sent = open.send(SUBSCRIPTION, "text/event-stream").await;
    let (_, mut stream) = sent.response().await;
    let begin = Instant::now();
    // The server asks the client to open no further stream, which is no error.
    assert!(idle.closed().await.is_ok());
    assert!(begin.elapsed() > Duration::from_millis(900));
    sleep(Duration::from_secs(2)).await;
    add_review(&server, "still open").await;
    read_until(&mut stream, "still open").await;
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_after_its_preface_is_disconnected() {
    let server = server(&["--keep-alive=1", "--head-timeout=1"]).await;
    for bytes in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n",
        b"P",
        b"",
        // The begin of a HEADERS frame of which the rest is missing.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\x01\0\x01\x01\0",
    ] {
        let mut client = RawConnection::open(&server).await;
        client.send(bytes).await;
        client.read_to_end().await;
    }
}
