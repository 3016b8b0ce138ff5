//! The response of a stream.

use std::{future::poll_fn, pin::Pin, time::Duration};

use actix_http::Response;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    http::{StatusCode, header},
    web::Bytes,
};
use chrono::Utc;
use h2::{Reason, SendStream, server::SendResponse};
use tokio::time::{Instant, sleep_until};

use super::StreamAbort;
use crate::http::slow_client::BYTES_PER_TIMEOUT;

/// The size of the largest frame in bytes.
const CHUNK_BYTES: usize = 16 << 10;

/// The headers that only HTTP/1.1 has (RFC 9113, 8.2.2).
const CONNECTION_HEADERS: [&str; 5] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

/// Sends a response. Resets the stream if the client reads too slowly, or the response is aborted.
pub async fn send(
    response: Response<BoxBody>,
    mut respond: SendResponse<Bytes>,
    is_head: bool,
    abort: &StreamAbort,
    write_timeout: Duration,
) {
    let (response, body) = response.into_parts();
    let size = body.size();
    let Some(head) = head(&response, size) else {
        tracing::error!("a response has a header that HTTP/2 does not allow");
        return respond.send_reset(Reason::INTERNAL_ERROR);
    };
    let is_complete = is_head || size.is_eof();
    // An error means that the stream or the connection has ended.
    let Ok(stream) = respond.send_response(head, is_complete) else {
        return;
    };
    if is_complete {
        return;
    }
    let mut sending = Sending {
        stream,
        write_timeout,
        deadline: Instant::now() + write_timeout,
        bytes_until_restart: BYTES_PER_TIMEOUT,
    };
    let end = tokio::select! {
        end = sending.send_body(body) => end,
        () = abort.aborted() => End::Abort,
    };
    match end {
        End::Complete => {}
        End::Abort => sending.stream.send_reset(Reason::CANCEL),
        End::Failed(error) => {
            tracing::error!(error.cause = %error, "the body of a response could not be sent");
            sending.stream.send_reset(Reason::INTERNAL_ERROR);
        }
    }
}

/// Returns the head of a response. `None` if a header is invalid.
fn head(response: &Response<()>, size: BodySize) -> Option<http::Response<()>> {
    let mut head = http::Response::builder().status(response.status().as_u16());
    for (name, value) in response.headers() {
        if !CONNECTION_HEADERS.contains(&name.as_str()) && name != header::CONTENT_LENGTH {
            head = head.header(name.as_str(), value.as_bytes());
        }
    }
    // The length of a 304 would be that of the response which the client has.
    if let BodySize::Sized(length) = size
        && response.status() != StatusCode::NOT_MODIFIED
    {
        head = head.header("content-length", length);
    }
    if !response.headers().contains_key(header::DATE) {
        let date = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT");
        head = head.header("date", date.to_string());
    }
    head.body(()).ok()
}

/// How a response ended.
enum End {
    /// All of it is sent, or the client has ended the stream.
    Complete,
    /// The client reads too slowly, or the response is aborted.
    Abort,
    /// The body has failed.
    Failed(Box<dyn std::error::Error>),
}

/// A body that is being sent. The client has to read [`BYTES_PER_TIMEOUT`] within the write timeout.
struct Sending {
    stream: SendStream<Bytes>,
    write_timeout: Duration,
    deadline: Instant,
    bytes_until_restart: usize,
}

impl Sending {
    async fn send_body(&mut self, mut body: BoxBody) -> End {
        loop {
            let mut has_waited = false;
            let next = poll_fn(|context| {
                let next = Pin::new(&mut body).poll_next(context);
                has_waited |= next.is_pending();
                next
            });
            let chunk = tokio::select! {
                biased;
                _ = poll_fn(|context| self.stream.poll_reset(context)) => return End::Complete,
                chunk = next => chunk,
            };
            match chunk {
                None => {
                    // An error means that the stream has ended.
                    let _ = self.stream.send_data(Bytes::new(), true);
                    return End::Complete;
                }
                Some(Err(error)) => return End::Failed(error),
                Some(Ok(chunk)) => {
                    // While the client waited for the server, its timeout was off.
                    if has_waited {
                        self.restart_timeout();
                    }
                    if let Err(end) = self.send_chunk(chunk).await {
                        return end;
                    }
                }
            }
        }
    }

    async fn send_chunk(&mut self, mut chunk: Bytes) -> Result<(), End> {
        while !chunk.is_empty() {
            self.stream.reserve_capacity(chunk.len().min(CHUNK_BYTES));
            let capacity = self.capacity().await?;
            let part = chunk.split_to(capacity.min(chunk.len()));
            self.bytes_until_restart = self.bytes_until_restart.saturating_sub(part.len());
            if self.bytes_until_restart == 0 {
                self.restart_timeout();
            }
            if self.stream.send_data(part, false).is_err() {
                return Err(End::Complete);
            }
        }
        Ok(())
    }

    /// Waits until the client takes more bytes, and returns their number.
    async fn capacity(&mut self) -> Result<usize, End> {
        while self.stream.capacity() == 0 {
            let capacity = tokio::select! {
                capacity = poll_fn(|context| self.stream.poll_capacity(context)) => capacity,
                () = sleep_until(self.deadline) => return Err(End::Abort),
            };
            if !matches!(capacity, Some(Ok(_))) {
                return Err(End::Complete);
            }
        }
        Ok(self.stream.capacity())
    }

    fn restart_timeout(&mut self) {
        self.deadline = Instant::now() + self.write_timeout;
        self.bytes_until_restart = BYTES_PER_TIMEOUT;
    }
}
