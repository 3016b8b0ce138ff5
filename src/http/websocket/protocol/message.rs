//! The messages of `graphql-transport-ws`: parsing those of clients, and formatting those of the server.

use serde_json::{Map, Value};

use crate::json;

/// The maximum length of an operation's id, in bytes. Clients use counters or UUIDs.
pub const MAX_ID_BYTES: usize = 256;

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `connection_init`, with a payload that may contain credentials.
    ConnectionInit(Option<Map<String, Value>>),
    /// `ping`, with the payload for the pong.
    Ping(Option<Map<String, Value>>),
    /// `pong`, in response to a ping or as a keep-alive.
    Pong,
    /// `subscribe`: runs an operation.
    Subscribe(Subscribe),
    /// `complete`: cancels the operation with this id.
    Complete(String),
}

/// An operation to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// The client's id of the operation.
    pub id: String,
    /// The document, unless the request names a persisted one.
    pub query: Option<String>,
    /// The name of the operation to run.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Option<Map<String, Value>>,
    /// The protocol extensions of the request.
    pub extensions: Option<Map<String, Value>>,
    /// The id of a persisted document.
    pub document_id: Option<String>,
    /// The same as Relay clients send it. These names may mean something else, and then count for nothing.
    pub doc_id: Option<Value>,
    /// The same under another name.
    pub id_in_payload: Option<Value>,
}

impl Message {
    /// Parses a message. The error is a short description that fits in a Close frame.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let message = json::from_str(text).map_err(|_| "The message is not JSON")?;
        let Value::Object(mut message) = message else {
            return Err("The message is not an object");
        };
        let kind = match message.remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => return Err("The message's type is not a string"),
            None => return Err("The message has no type"),
        };
        match kind.as_str() {
            "connection_init" => payload(&mut message).map(Self::ConnectionInit),
            "ping" => payload(&mut message).map(Self::Ping),
            "pong" => payload(&mut message).map(|_| Self::Pong),
            "subscribe" => subscribe(&mut message).map(Self::Subscribe),
            "complete" => id(&mut message).map(Self::Complete),
            "connection_ack" | "next" | "error" => Err("Only the server sends this type"),
            _ => Err("Unknown message type"),
        }
    }
}

fn subscribe(message: &mut Map<String, Value>) -> Result<Subscribe, &'static str> {
    let id = id(message)?;
    let Some(Value::Object(mut payload)) = message.remove("payload") else {
        return Err("The payload of subscribe is not an object");
    };
    let query = string(&mut payload, "query", "The query is not a string")?;
    let operation_name = string(
        &mut payload,
        "operationName",
        "The operationName is not a string",
    )?;
    let document_id = string(&mut payload, "documentId", "The documentId is not a string")?;
    let variables = object(
        payload.remove("variables"),
        "The variables are not an object",
    )?;
    let extensions = object(
        payload.remove("extensions"),
        "The extensions are not an object",
    )?;
    let names_document = |extensions: &Map<_, _>| extensions.contains_key("persistedQuery");
    let (doc_id, id_in_payload) = (payload.remove("doc_id"), payload.remove("id"));
    let is_named = document_id.is_some()
        || [&doc_id, &id_in_payload]
            .into_iter()
            .flatten()
            .any(Value::is_string)
        || extensions.as_ref().is_some_and(names_document);
    if query.is_none() && !is_named {
        return Err("The payload has no query");
    }
    Ok(Subscribe {
        id,
        query,
        operation_name,
        variables,
        extensions,
        document_id,
        doc_id,
        id_in_payload,
    })
}

fn string(
    payload: &mut Map<String, Value>,
    name: &str,
    error: &'static str,
) -> Result<Option<String>, &'static str> {
    match payload.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(error),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, &'static str> {
    match message.remove("id") {
        Some(Value::String(id)) if id.is_empty() => Err("The id is empty"),
        Some(Value::String(id)) if id.len() > MAX_ID_BYTES => Err("The id is too long"),
        Some(Value::String(id)) => Ok(id),
        Some(_) => Err("The id is not a string"),
        None => Err("The message has no id"),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, &'static str> {
    object(message.remove("payload"), "The payload is not an object")
}

fn object(
    value: Option<Value>,
    error: &'static str,
) -> Result<Option<Map<String, Value>>, &'static str> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(error),
    }
}

/// Formats `connection_ack`.
pub fn connection_ack() -> String {
    r#"{"type":"connection_ack"}"#.to_owned()
}

/// Formats `pong`, with the payload of the ping.
pub fn pong(payload: Option<Map<String, Value>>) -> String {
    payload.map_or_else(
        || r#"{"type":"pong"}"#.to_owned(),
        |payload| format!(r#"{{"type":"pong","payload":{}}}"#, Value::Object(payload)),
    )
}

/// Formats `next`. `payload` is JSON.
pub fn next(id: &str, payload: &str) -> String {
    with_payload("next", id, payload)
}

/// Formats `error`. `errors` is a JSON array.
pub fn error(id: &str, errors: &str) -> String {
    with_payload("error", id, errors)
}

/// Formats `complete`.
pub fn complete(id: &str) -> String {
    format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id))
}

fn with_payload(kind: &str, id: &str, payload: &str) -> String {
    let id = quoted(id);
    format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
