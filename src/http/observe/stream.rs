//! The observation of result streams.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;

use super::{super::execution::Outcome, Observation};

/// A result stream that is polled within the spans of its request.
struct Observed<S> {
    outcomes: Pin<Box<S>>,
    observation: Observation,
}

impl Observation {
    /// Observes the result stream of an operation until it ends or is dropped.
    pub fn stream<S: Stream<Item = Outcome>>(
        &self,
        outcomes: S,
    ) -> impl Stream<Item = Outcome> + use<S> {
        Observed {
            outcomes: Box::pin(outcomes),
            observation: self.clone(),
        }
    }
}

impl<S: Stream<Item = Outcome>> Stream for Observed<S> {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let Self {
            outcomes,
            observation,
        } = &mut *self;
        let polled = observation.scope(|| outcomes.as_mut().poll_next(cx));
        match &polled {
            Poll::Ready(Some(Outcome::Failed(refusal))) => {
                observation.note_refusal(refusal.codes());
            }
            Poll::Ready(Some(Outcome::Lost(loss))) => {
                observation.note_refusal(std::iter::once(loss.code()));
            }
            Poll::Ready(Some(Outcome::Next(_)) | None) | Poll::Pending => {}
        }
        polled
    }
}
