//! Response bodies in small chunks, which reveal how fast the client reads them.

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

/// The size of a chunk in bytes. actix-web polls for the next one once less than this is left to write.
const PIECE: usize = 32 << 10;

/// The number of bytes that a client has to read within the write timeout, which then starts again.
const STRETCH: usize = 256 << 10;

/// A response body that is sent in small chunks and restarts the write timeout of its connection.
pub struct Paced {
    body: BoxBody,
    /// The unsent rest of the inner body's last chunk.
    rest: Bytes,
    /// The number of bytes until the write timeout starts again.
    stretch: usize,
    connection: Rc<Connection>,
}

impl Paced {
    /// Wraps the `body` of a response over `connection`.
    pub fn new(body: BoxBody, connection: Rc<Connection>) -> Self {
        // actix-web may finish a response without polling its body.
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
                // The client waits for the server here, so its timeout is off. The next chunk starts a new one.
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
