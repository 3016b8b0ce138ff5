//! The observation of result streams.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream;

use super::{super::execution::ExecutionEvent, Observation};

/// A result stream that is polled within the spans of its request.
struct ObservedStream<S> {
    outcomes: Pin<Box<S>>,
    observation: Observation,
}

impl Observation {
    /// Observes the result stream of an operation until it ends or is dropped.
    pub fn stream<S: Stream<Item = ExecutionEvent>>(
        &self,
        outcomes: S,
    ) -> impl Stream<Item = ExecutionEvent> + use<S> {
        ObservedStream {
            outcomes: Box::pin(outcomes),
            observation: self.clone(),
        }
    }
}

impl<S: Stream<Item = ExecutionEvent>> Stream for ObservedStream<S> {
    type Item = ExecutionEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<ExecutionEvent>> {
        let Self {
            outcomes,
            observation,
        } = &mut *self;
        let poll = observation.call_in_spans(|| outcomes.as_mut().poll_next(cx));
        match &poll {
            Poll::Ready(Some(ExecutionEvent::Failed(error))) => {
                observation.record_error_codes(error.codes());
            }
            Poll::Ready(Some(ExecutionEvent::Lost(loss))) => {
                observation.record_error_codes(std::iter::once(loss.code()));
            }
            Poll::Ready(Some(ExecutionEvent::Next(_)) | None) | Poll::Pending => {}
        }
        poll
    }
}
