//! A JSON buffer with placeholders for values that are still being resolved.

use std::{future::poll_fn, io, pin::Pin, task::Poll};

use async_graphql::{Pos, ServerError, ServerResult, Value};

use super::write;
use crate::error::internal_error;

/// A JSON buffer. Available values are written; pending values get a placeholder.
pub(super) struct JsonBuffer<F> {
    json: Vec<u8>,
    placeholders: Vec<Placeholder<F>>,
    /// The allocation of a completed future, which the next future reuses.
    spare: Option<Pin<Box<F>>>,
}

/// A placeholder for a value, at an offset of the JSON.
struct Placeholder<F> {
    offset: usize,
    state: State<F>,
}

enum State<F> {
    Waiting(Pin<Box<F>>),
    Filled(Value),
}

impl<F: Future<Output = ServerResult<Value>>> JsonBuffer<F> {
    pub fn new(json: Vec<u8>) -> Self {
        Self {
            json,
            placeholders: Vec::new(),
            spare: None,
        }
    }

    /// Returns the JSON that is written so far.
    pub fn json(&mut self) -> &mut Vec<u8> {
        &mut self.json
    }

    /// Polls a future once. Writes its value if it is ready, or adds a placeholder.
    pub async fn put(&mut self, value: F, pos: Pos) -> ServerResult<()> {
        let mut future = match self.spare.take() {
            Some(mut spare) => {
                spare.set(value);
                spare
            }
            None => Box::pin(value),
        };
        match poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await {
            Poll::Ready(value) => {
                write(&value?, &mut self.json).map_err(|error| write_error(&error, pos))?;
                self.spare = Some(future);
            }
            Poll::Pending => self.placeholders.push(Placeholder {
                offset: self.json.len(),
                state: State::Waiting(future),
            }),
        }
        Ok(())
    }

    /// Waits for all placeholders, and returns the complete JSON or the first error.
    pub async fn finish(self, pos: Pos) -> ServerResult<Value> {
        let Self {
            json,
            mut placeholders,
            ..
        } = self;
        if placeholders.is_empty() {
            return Ok(Value::Binary(json.into()));
        }
        poll_fn(|task| {
            let mut is_pending = false;
            for placeholder in &mut placeholders {
                let State::Waiting(future) = &mut placeholder.state else {
                    continue;
                };
                match future.as_mut().poll(task) {
                    Poll::Ready(Ok(value)) => placeholder.state = State::Filled(value),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => is_pending = true,
                }
            }
            if is_pending {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        })
        .await?;
        assemble(&json, &placeholders).map_err(|error| write_error(&error, pos))
    }
}

/// The estimated size in bytes of the JSON of a value that isn't an object.
const ESTIMATED_VALUE_BYTES: usize = 8;

fn assemble<F>(json: &[u8], placeholders: &[Placeholder<F>]) -> io::Result<Value> {
    let sizes = placeholders
        .iter()
        .map(|placeholder| match &placeholder.state {
            State::Filled(Value::Binary(json)) => json.len(),
            State::Filled(_) | State::Waiting(_) => ESTIMATED_VALUE_BYTES,
        });
    let mut output = Vec::with_capacity(json.len() + sizes.sum::<usize>());
    let mut remaining = json;
    let mut position = 0;
    for placeholder in placeholders {
        let (before, after) = remaining.split_at(placeholder.offset - position);
        output.extend_from_slice(before);
        (remaining, position) = (after, placeholder.offset);
        if let State::Filled(value) = &placeholder.state {
            write(value, &mut output)?;
        }
    }
    output.extend_from_slice(remaining);
    Ok(Value::Binary(output.into()))
}

fn write_error(error: &io::Error, pos: Pos) -> ServerError {
    internal_error(error).into_server_error(pos)
}
