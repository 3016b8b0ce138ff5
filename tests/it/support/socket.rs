//! A WebSocket client that exposes every frame.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
        protocol::{CloseFrame, frame::Frame},
    },
};

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens a WebSocket and completes `connection_init`.
    pub async fn open(address: SocketAddr) -> Self {
        let mut socket = Self::raw(address).await;
        socket.send(json!({"type": "connection_init"})).await;
        assert_eq!(socket.message().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Opens a WebSocket and completes `connection_init` with a token.
    pub async fn open_as(token: &str, address: SocketAddr) -> Self {
        let mut socket = Self::raw(address).await;
        socket
            .send(json!({"type": "connection_init", "payload": {"token": token}}))
            .await;
        assert_eq!(socket.message().await["type"], "connection_ack");
        socket
    }

    /// Opens a WebSocket of the sub-protocol `graphql-transport-ws` without `connection_init`.
    pub async fn raw(address: SocketAddr) -> Self {
        let protocol = [("sec-websocket-protocol", "graphql-transport-ws")];
        let opened = Self::handshake(address, &protocol).await;
        opened.unwrap_or_else(|(status, body)| panic!("{status} {body}"))
    }

    /// Opens a WebSocket with these handshake headers. Returns the status and the body of the response if the server
    /// rejects the handshake.
    pub async fn handshake(
        address: SocketAddr,
        headers: &[(&str, &str)],
    ) -> Result<Self, (u16, String)> {
        Self::handshake_at(address, "/graphql", headers).await
    }

    /// Opens a WebSocket at a path, which may have a query string.
    pub async fn handshake_at(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, (u16, String)> {
        let url = format!("ws://{address}{path}");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().insert(name, value);
        }
        let stream = TcpStream::connect(address).await.unwrap();
        match timeout(TIMEOUT, client_async(request, stream))
            .await
            .unwrap()
        {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                let body = String::from_utf8_lossy(&body).into_owned();
                Err((response.status().as_u16(), body))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a JSON message.
    pub async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends a text message.
    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// Sends a WebSocket message.
    pub async fn send_message(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Sends a single frame, which may be a fragment of a message.
    pub async fn send_frame(&mut self, frame: Frame) {
        self.stream.send(Message::Frame(frame)).await.unwrap();
    }

    /// Returns the next message; `None` once the connection is closed.
    pub async fn receive(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(TIMEOUT, self.stream.next()).await;
        next.expect("a message before the timeout")
    }

    /// Returns the next text message. Skips pings and pongs.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.receive().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Returns the response to `connection_init`, or the code and the reason of the Close frame.
    pub async fn acknowledgement(&mut self) -> Result<Value, (u16, String)> {
        match self.receive().await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(Some(frame)))) => {
                Err((frame.code.into(), frame.reason.to_string()))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Returns the next text message if one arrives within 300 milliseconds.
    pub async fn try_message(&mut self) -> Option<Value> {
        let some_time = Duration::from_millis(300);
        timeout(some_time, self.message()).await.ok()
    }

    /// Returns the code and the reason of the next Close frame, and asserts that no message follows it.
    pub async fn close_frame(&mut self) -> (u16, String) {
        let frame = loop {
            match self.receive().await {
                Some(Ok(Message::Close(frame))) => break frame,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        let CloseFrame { code, reason } = frame.expect("a code");
        if let Some(Ok(message)) = self.receive().await {
            panic!("{message} after Close");
        }
        (code.into(), reason.to_string())
    }

    /// Subscribes and waits until the subscription is active: an operation that is started after it has completed.
    pub async fn subscribe(&mut self, id: &str, document: &str) {
        self.start(id, document).await;
        self.start("later", "{ __typename }").await;
        let response = self.message().await;
        assert_eq!(
            (&response["id"], &response["type"]),
            (&json!("later"), &json!("next")),
            "{response}"
        );
        let end = self.message().await;
        assert_eq!(
            (&end["id"], &end["type"]),
            (&json!("later"), &json!("complete")),
            "{end}"
        );
    }

    /// Starts an operation.
    pub async fn start(&mut self, id: &str, document: &str) {
        let payload = json!({"query": document});
        self.send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
    }

    /// Returns the data of the next result, which must belong to this operation and have no errors.
    pub async fn next(&mut self, id: &str) -> Value {
        let mut message = self.message().await;
        assert_eq!(
            (&message["id"], &message["type"]),
            (&json!(id), &json!("next")),
            "{message}"
        );
        assert_eq!(message["payload"].get("errors"), None, "{message}");
        message["payload"]["data"].take()
    }

    /// Drops the connection without a Close frame.
    pub fn abort(self) {
        drop(self.stream);
    }

    /// Returns the underlying TCP connection.
    pub fn into_connection(self) -> TcpStream {
        self.stream.into_inner()
    }
}
