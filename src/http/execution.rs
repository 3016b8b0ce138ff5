//! Operations that give results one after the other, whatever carries them.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Response, parser::types::OperationType};
use futures_util::{Stream, StreamExt, stream};

use super::{
    Worker,
    answer::{self, Refusal},
    graphql::Admitted,
};
use crate::{
    database::batch::Reader,
    error::code,
    live::graphql::{Signals, Source},
};

/// What comes of an operation.
#[derive(Debug)]
pub enum Outcome {
    /// A result, as JSON.
    Next(Vec<u8>),
    /// It failed as a whole; nothing follows.
    Failed(Refusal),
    /// Results were lost, because they were taken too slowly; nothing follows.
    Lost,
}

/// Runs an operation over the worker's connections. Whoever drops the stream drops the operation, with whatever it is doing.
pub fn run(admitted: Admitted, worker: &Worker) -> impl Stream<Item = Outcome> + use<> {
    let (source, signals) = Source::new(Arc::clone(&worker.shared.hub));
    let signals = (admitted.kind == OperationType::Subscription).then_some(signals);
    let request = admitted
        .request
        .data(Reader::new(admitted.session))
        .data(source);
    // A panic is a fault of ours like any other: it costs this operation, not what carries it.
    let responses = AssertUnwindSafe(worker.schema.execute_stream(request)).catch_unwind();
    let lost = signals.clone();
    let lost = stream::once(async move { lost.filter(|signals| signals.lost()) });
    responses
        .map(move |response| {
            let Ok(response) = response else {
                tracing::error!("the execution of an operation panicked");
                return Outcome::Failed(Refusal::internal());
            };
            outcome(response, signals.as_deref())
        })
        .chain(lost.filter_map(async |lost| lost.map(|_| Outcome::Lost)))
}

/// A subscription that doesn't come to stand fails as a request does, though its error was found at a field.
fn outcome(response: Response, signals: Option<&Signals>) -> Outcome {
    let at_a_field = response.errors.iter().any(|error| !error.path.is_empty());
    if at_a_field && signals.is_some_and(|signals| !signals.opened()) {
        return Outcome::Failed(Refusal::document(response.errors, code::INVALID_VALUE));
    }
    match answer::body(response) {
        Ok(body) => Outcome::Next(body),
        Err(refusal) => Outcome::Failed(refusal),
    }
}
