//! The assembly of WebSocket frames to messages.

use std::{io::ErrorKind, str::Utf8Error};

use actix_web::web::Bytes;
use actix_ws::{CloseReason, Item, Message, MessageStream, ProtocolError};

use super::protocol::Close;

/// A message from a client.
#[derive(Debug)]
pub enum Incoming {
    /// A text message.
    Text(String),
    /// A binary message. The protocol has none.
    Binary,
    /// A ping, with the payload for the pong.
    Ping(Bytes),
    /// A pong.
    Pong,
    /// A Close frame.
    Close(Option<CloseReason>),
}

/// A reader of complete messages from a client.
pub struct MessageReader {
    frames: MessageStream,
    max_bytes: usize,
    /// Whether a fragmented message is text, and the bytes received so far.
    partial: Option<(bool, Vec<u8>)>,
}

impl MessageReader {
    /// Creates a reader of messages of up to `max_bytes` bytes.
    pub fn new(frames: MessageStream, max_bytes: usize) -> Self {
        Self {
            frames: frames.max_frame_size(max_bytes),
            max_bytes,
            partial: None,
        }
    }

    /// Returns the next message, or `None` once the connection is closed. This method is cancel-safe.
    ///
    /// # Errors
    ///
    /// When a frame is invalid or a message is too long. No further message can be read.
    pub async fn next(&mut self) -> Option<Result<Incoming, Close>> {
        loop {
            match self.frames.recv().await? {
                Ok(Message::Text(text)) => return Some(Ok(Incoming::Text(text.into()))),
                Ok(Message::Binary(_)) => return Some(Ok(Incoming::Binary)),
                Ok(Message::Ping(payload)) => return Some(Ok(Incoming::Ping(payload))),
                Ok(Message::Pong(_)) => return Some(Ok(Incoming::Pong)),
                Ok(Message::Close(reason)) => return Some(Ok(Incoming::Close(reason))),
                Ok(Message::Nop) => {}
                Ok(Message::Continuation(item)) => {
                    if let Some(message) = self.add_fragment(item).transpose() {
                        return Some(message);
                    }
                }
                Err(error) => return close_for_error(&error).map(Err),
            }
        }
    }

    fn add_fragment(&mut self, item: Item) -> Result<Option<Incoming>, Close> {
        let (bytes, is_last) = match item {
            Item::FirstText(bytes) => {
                self.partial = Some((true, Vec::new()));
                (bytes, false)
            }
            Item::FirstBinary(bytes) => {
                self.partial = Some((false, Vec::new()));
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some((is_text, payload)) = &mut self.partial else {
            return Err(Close::protocol_error());
        };
        if payload.len() + bytes.len() > self.max_bytes {
            return Err(Close::too_big());
        }
        payload.extend_from_slice(&bytes);
        if !is_last {
            return Ok(None);
        }
        let (is_text, payload) = (*is_text, std::mem::take(payload));
        self.partial = None;
        if !is_text {
            return Ok(Some(Incoming::Binary));
        }
        let text = String::from_utf8(payload).map_err(|_| Close::invalid_utf8())?;
        Ok(Some(Incoming::Text(text)))
    }
}

/// Returns the Close frame for an error of the frames, or `None` for an error of the connection.
fn close_for_error(error: &ProtocolError) -> Option<Close> {
    match error {
        ProtocolError::Overflow => Some(Close::too_big()),
        ProtocolError::Io(error) => {
            let cause = error.get_ref();
            let is_text = cause
                .and_then(|cause| cause.downcast_ref::<Utf8Error>())
                .is_some();
            match error.kind() {
                ErrorKind::InvalidData if is_text => Some(Close::invalid_utf8()),
                ErrorKind::InvalidData => Some(Close::protocol_error()),
                _ => None,
            }
        }
        _ => Some(Close::protocol_error()),
    }
}
