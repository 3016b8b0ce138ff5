//! The execution of an operation as a stream of results, for every streaming transport.

use std::{panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use async_graphql::{Response, parser::types::OperationType};
use futures_util::{Stream, StreamExt, stream};

use super::{
    Worker,
    answer::{self, Refusal},
    deadline::{tell_ended, within},
    limits::AnswerLimits,
    observe::Observation,
    prepare::Admitted,
    response::Extensions,
};
use crate::{
    error::code,
    graphql::{
        budget::TextBudget,
        subscription::{Loss, Signals, Source},
    },
};

/// An item of the result stream of an operation.
#[derive(Debug)]
pub enum Outcome {
    /// A result, as JSON.
    Next(Vec<u8>),
    /// The operation failed. This is the last item.
    Failed(Refusal),
    /// Events of a subscription were lost. This is the last item.
    Lost(Loss),
}

/// Executes an operation over the worker's connections. Dropping the stream cancels the operation.
pub fn run(
    admitted: Admitted,
    worker: &Worker,
    observation: Observation,
) -> impl Stream<Item = Outcome> + use<> {
    let (source, signals) = Source::new(Arc::clone(&worker.shared.hub));
    let signals = (admitted.facts.kind == OperationType::Subscription).then_some(signals);
    let deadline = worker.shared.deadline;
    let session = admitted.session.until(deadline);
    let budget = TextBudget::new(worker.shared.answers.bytes);
    let (mends, extensions, kind) = (admitted.mends, admitted.extensions, admitted.facts.kind);
    let loader = Arc::new(worker.loader(session, kind));
    let request = worker.equip(admitted.request, loader, kind);
    let request = request.data(source).data(budget.clone());
    let responses = worker.schema.execute_stream(request);
    let responses = responses.map(move |mut response| {
        budget.renew();
        mends.apply(&mut response);
        tell_ended(kind, &mut response);
        observation.executed(&response);
        response
    });
    let parts = (extensions, worker.shared.answers);
    let outcomes = outcomes(responses, parts, signals);
    if kind == OperationType::Subscription {
        outcomes.left_stream()
    } else {
        single(kind, deadline, outcomes).right_stream()
    }
}

/// Returns the single result of a query or mutation, within the deadline.
fn single(
    kind: OperationType,
    deadline: Duration,
    outcomes: impl Stream<Item = Outcome>,
) -> impl Stream<Item = Outcome> {
    let first = async move {
        let mut outcomes = pin!(outcomes);
        let outcome = within(deadline, kind, outcomes.next()).await;
        outcome.unwrap_or_else(|refusal| Some(Outcome::Failed(refusal)))
    };
    stream::once(first).filter_map(async |outcome| outcome)
}

/// Converts responses to results. `signals` are those of a subscription.
fn outcomes(
    responses: impl Stream<Item = Response>,
    (extensions, limits): (Extensions, AnswerLimits),
    signals: Option<Arc<Signals>>,
) -> impl Stream<Item = Outcome> {
    // A panic ends this operation with an internal error, and leaves the connection open.
    let responses = AssertUnwindSafe(responses).catch_unwind();
    let lost = signals.clone();
    let lost = stream::once(async move { lost.and_then(|signals| signals.lost()) });
    responses
        .map(move |response| {
            let Ok(response) = response else {
                tracing::error!("the execution of an operation panicked");
                return Outcome::Failed(Refusal::internal());
            };
            outcome(response, (extensions, limits), signals.as_deref())
        })
        .chain(lost.filter_map(async |lost| lost.map(Outcome::Lost)))
}

/// Converts a response to a result. An error before a subscription has opened fails the request, although it has a
/// path.
fn outcome(
    response: Response,
    (extensions, limits): (Extensions, AnswerLimits),
    signals: Option<&Signals>,
) -> Outcome {
    let at_a_field = response.errors.iter().any(|error| !error.path.is_empty());
    if at_a_field && signals.is_some_and(|signals| !signals.opened()) {
        let refusal = Refusal::document(response.errors, code::INVALID_VALUE);
        return Outcome::Failed(refusal.within(limits));
    }
    match answer::body(response, extensions, limits) {
        Ok(written) => Outcome::Next(written.bytes),
        Err(refusal) => Outcome::Failed(refusal),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, ServerError, Value};
    use futures_util::FutureExt;

    use super::*;

    const LIMITS: AnswerLimits = AnswerLimits {
        bytes: 1_000,
        errors: 2,
    };

    /// Returns the results of responses as strings.
    fn results(
        responses: impl Stream<Item = Response>,
        signals: Option<Arc<Signals>>,
    ) -> Vec<String> {
        let outcomes =
            outcomes(responses, (Extensions::default(), LIMITS), signals).collect::<Vec<_>>();
        let outcomes = outcomes.now_or_never().unwrap();
        let to_string = |outcome| match outcome {
            Outcome::Next(body) => String::from_utf8(body).unwrap(),
            Outcome::Failed(refusal) => refusal.errors(),
            Outcome::Lost(_) => "lost".to_owned(),
        };
        outcomes.into_iter().map(to_string).collect()
    }

    fn failed_at_a_field() -> Response {
        let error = ServerError::new("no", None);
        let path = vec![PathSegment::Field("reviewAdded".to_owned())];
        Response::from_errors(vec![error.with_path(path)])
    }

    #[test]
    fn a_panic_ends_the_operation_and_hides_its_cause() {
        let responses = stream::iter([1, 2, 3]).map(|n| {
            assert!(n < 2, "a secret");
            Response::new(Value::from(n))
        });
        let results = results(responses, None);
        assert_eq!(results.len(), 2, "{results:?}");
        assert_eq!(results[0], r#"{"data":1}"#);
        assert!(results[1].contains("INTERNAL") && !results[1].contains("secret"));
    }

    #[test]
    fn a_field_error_is_a_result_of_a_query_and_the_failure_of_an_unopened_subscription() {
        let result = results(stream::iter([failed_at_a_field()]), None);
        assert!(result[0].starts_with(r#"{"errors":[{"#), "{result:?}");
        let signals = Some(Arc::default());
        let failure = results(stream::iter([failed_at_a_field()]), signals);
        assert!(failure[0].starts_with(r#"[{"message":"no""#), "{failure:?}");
    }

    #[test]
    fn an_error_before_execution_fails_every_operation() {
        let rejected = || Response::from_errors(vec![ServerError::new("no", None)]);
        for signals in [None, Some(Arc::default())] {
            let results = results(stream::iter([rejected()]), signals);
            assert!(
                results[0].starts_with('[') && results[0].contains("VALIDATION_FAILED"),
                "{results:?}"
            );
        }
    }

    #[test]
    fn a_result_above_the_size_limit_becomes_an_error_and_the_next_one_is_sent() {
        let responses = [Value::from("x".repeat(1_000)), Value::from(1)].map(Response::new);
        let results = results(stream::iter(responses), None);
        assert!(
            results[0].contains("RESPONSE_TOO_LARGE") && results[0].contains("1011 bytes"),
            "{results:?}"
        );
        assert_eq!(results[1], r#"{"data":1}"#);
    }
}
