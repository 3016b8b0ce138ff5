//! Answers in pieces, so that it shows how fast a client takes them.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};

use super::connections::Connection;

/// How much is handed to actix-web at once. It asks for more once it has less than as much left to write.
const PIECE: usize = 32 << 10;

/// What a client has to take within the time that it has for that, until it gets as much time again.
const STRETCH: usize = 256 << 10;

/// A body in pieces.
pub struct Paced {
    body: BoxBody,
    /// What of the body's last chunk is not handed over yet.
    rest: Bytes,
    /// How much may be handed over before the client gets more time.
    stretch: usize,
    connection: Rc<Connection>,
}

impl Paced {
    /// Watches how the client at the other end of `connection` takes `body`.
    pub fn new(body: BoxBody, connection: Rc<Connection>) -> Self {
        // An answer may end without being asked for its body even once.
        connection.writes();
        Self {
            body,
            rest: Bytes::new(),
            stretch: STRETCH,
            connection,
        }
    }

    fn piece(&mut self) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.stretch = if let Some(left) = self.stretch.checked_sub(piece.len()) {
            left
        } else {
            self.connection.writes();
            STRETCH
        };
        piece
    }
}

impl MessageBody for Paced {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            let chunk = Pin::new(&mut self.body).poll_next(cx);
            if chunk.is_pending() {
                // It is the client who waits for us, and when there is more it has all the time for it.
                self.connection.is_served();
                self.stretch = 0;
            }
            match ready!(chunk) {
                Some(Ok(chunk)) => self.rest = chunk,
                end => return Poll::Ready(end),
            }
        }
        Poll::Ready(Some(Ok(self.piece())))
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        self.connection.waits();
    }
}
