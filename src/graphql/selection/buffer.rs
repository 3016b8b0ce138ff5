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
            Some(mut place) => {
                place.set(value);
                place
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
            placeholders: mut places,
            ..
        } = self;
        if places.is_empty() {
            return Ok(Value::Binary(json.into()));
        }
        poll_fn(|task| {
            let mut waits = false;
            for place in &mut places {
                let State::Waiting(future) = &mut place.state else {
                    continue;
                };
                match future.as_mut().poll(task) {
                    Poll::Ready(Ok(value)) => place.state = State::Filled(value),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => waits = true,
                }
            }
            if waits {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        })
        .await?;
        assemble(&json, &places).map_err(|error| write_error(&error, pos))
    }
}

/// The estimated size in bytes of the JSON of a value that isn't an object.
const ESTIMATED_VALUE_BYTES: usize = 8;

fn assemble<F>(json: &[u8], places: &[Placeholder<F>]) -> io::Result<Value> {
    let missing = places.iter().map(|place| match &place.state {
        State::Filled(Value::Binary(json)) => json.len(),
        State::Filled(_) | State::Waiting(_) => ESTIMATED_VALUE_BYTES,
    });
    let mut whole = Vec::with_capacity(json.len() + missing.sum::<usize>());
    let mut rest = json;
    let mut written = 0;
    for place in places {
        let (before, after) = rest.split_at(place.offset - written);
        whole.extend_from_slice(before);
        (rest, written) = (after, place.offset);
        if let State::Filled(value) = &place.state {
            write(value, &mut whole)?;
        }
    }
    whole.extend_from_slice(rest);
    Ok(Value::Binary(whole.into()))
}

fn write_error(error: &io::Error, pos: Pos) -> ServerError {
    internal_error(error).into_server_error(pos)
}
