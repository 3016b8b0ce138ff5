//! A WebSocket client that sees every frame.

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

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// A connection that stands.
    pub async fn open(address: SocketAddr) -> Self {
        let mut socket = Self::raw(address).await;
        socket.send(json!({"type": "connection_init"})).await;
        assert_eq!(socket.message().await, json!({"type": "connection_ack"}));
        socket
    }

    /// A socket that speaks our sub-protocol, on which nothing is said yet.
    pub async fn raw(address: SocketAddr) -> Self {
        let protocol = [("sec-websocket-protocol", "graphql-transport-ws")];
        let opened = Self::handshake(address, &protocol).await;
        opened.unwrap_or_else(|(status, body)| panic!("{status} {body}"))
    }

    /// A socket by a handshake with these headers, or the status and the body of the refusal.
    pub async fn handshake(
        address: SocketAddr,
        headers: &[(&str, &str)],
    ) -> Result<Self, (u16, String)> {
        let url = format!("ws://{address}/graphql");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            let value = HeaderValue::from_str(value).unwrap();
            request.headers_mut().insert(name, value);
        }
        let stream = TcpStream::connect(address).await.unwrap();
        match timeout(PATIENCE, client_async(request, stream))
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

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// Sends any message of WebSocket's.
    pub async fn send_message(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    /// Sends a single frame, whole or not.
    pub async fn send_frame(&mut self, frame: Frame) {
        self.stream.send(Message::Frame(frame)).await.unwrap();
    }

    /// The next thing that comes; `None` once the connection is gone.
    pub async fn receive(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(PATIENCE, self.stream.next()).await;
        next.expect("something to come in time")
    }

    /// The next text message.
    pub async fn message(&mut self) -> Value {
        loop {
            match self.receive().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next text message, if one comes within a time in which it would.
    pub async fn anything(&mut self) -> Option<Value> {
        let some_time = Duration::from_millis(300);
        timeout(some_time, self.message()).await.ok()
    }

    /// The code and the reason of the Close frame that comes next, and sees the connection go.
    pub async fn closed(&mut self) -> (u16, String) {
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

    /// Subscribes, and waits until the subscription stands: an operation that was sent later has been answered.
    pub async fn subscribe(&mut self, id: &str, document: &str) {
        self.start(id, document).await;
        self.start("later", "{ __typename }").await;
        let answer = self.message().await;
        assert_eq!(
            (&answer["id"], &answer["type"]),
            (&json!("later"), &json!("next")),
            "{answer}"
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

    /// The data of the next result, which must be of this operation and without errors.
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

    /// Goes without saying a word.
    pub fn vanish(self) {
        drop(self.stream);
    }

    /// The connection below, for tests that stop reading.
    pub fn into_connection(self) -> TcpStream {
        self.stream.into_inner()
    }
}
