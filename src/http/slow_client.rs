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
const CHUNK_BYTES: usize = 32 << 10;

/// The number of bytes that a client has to read within the write timeout, which then starts again.
pub const BYTES_PER_TIMEOUT: usize = 256 << 10;

/// A response body that is sent in small chunks and restarts the write timeout of its connection.
pub struct PacedBody {
    body: BoxBody,
    /// The unsent rest of the inner body's last chunk.
    rest: Bytes,
    /// The number of bytes until the write timeout starts again.
    bytes_until_restart: usize,
    connection: Rc<Connection>,
}

impl PacedBody {
    /// Wraps the `body` of a response over `connection`.
    pub fn new(body: BoxBody, connection: Rc<Connection>) -> Self {
        // actix-web may finish a response without polling its body.
        connection.start_write_timeout();
        Self {
            body,
            rest: Bytes::new(),
            bytes_until_restart: BYTES_PER_TIMEOUT,
            connection,
        }
    }

    fn next_chunk(&mut self) -> Bytes {
        let chunk = self.rest.split_to(self.rest.len().min(CHUNK_BYTES));
        self.bytes_until_restart =
            if let Some(remaining) = self.bytes_until_restart.checked_sub(chunk.len()) {
                remaining
            } else {
                self.connection.start_write_timeout();
                BYTES_PER_TIMEOUT
            };
        chunk
    }
}

impl MessageBody for PacedBody {
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
                self.connection.suspend_timeout();
                self.bytes_until_restart = 0;
            }
            match ready!(chunk) {
                Some(Ok(chunk)) => self.rest = chunk,
                end => return Poll::Ready(end),
            }
        }
        Poll::Ready(Some(Ok(self.next_chunk())))
    }
}

impl Drop for PacedBody {
    fn drop(&mut self) {
        self.connection.start_request_timeout();
    }
}
