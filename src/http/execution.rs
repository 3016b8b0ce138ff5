//! The execution of an operation, for every transport.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    http::header::HeaderValue,
    rt::{self, task::JoinHandle},
};
use async_graphql::{Request, Response, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt, stream};

use super::{
    deadline::{mark_unreadable_payloads, with_deadline},
    http_error::HttpError,
    http_response::{self},
    limits::ResponseLimits,
    observe::Observation,
    prepare::{OperationInfo, PreparedRequest},
    response_body::ResponseExtensions,
    state::WorkerState,
    worker_time::{measure, measure_stream},
};
use crate::{
    database::pool::fair_queue::Permit,
    error::code,
    graphql::{
        budget::TextBudget,
        subscription::signals::{EventSource, Loss, SubscriptionSignals},
        types::rate_limit::RateLimitCharge,
    },
    loader::data_loader::DataLoader,
    translations::RequestLanguage,
};

/// An item of the result stream of an operation.
#[derive(Debug)]
pub enum ExecutionEvent {
    /// A result, as JSON.
    Next(Vec<u8>),
    /// The operation failed. This is the last item.
    Failed(HttpError),
    /// Events of a subscription were lost. This is the last item.
    Lost(Loss),
}

/// The response of a query or mutation, with the parts of the HTTP response.
pub struct Executed {
    /// The response of the executor.
    pub response: Response,
    /// The properties of the operation.
    pub operation: Arc<OperationInfo>,
    /// The language of the response, if it has labels in the language of the request.
    pub content_language: Option<HeaderValue>,
    /// The `extensions` of the response.
    pub extensions: ResponseExtensions,
    /// The loader, with the tags that the response depends on and the cost of its statements.
    pub loader: Arc<DataLoader>,
    /// The charge for the request, if its caller has a rate limit.
    pub charge: Option<RateLimitCharge>,
}

impl Executed {
    /// Returns whether a query has to be executed again, because the rules of the site or rows that it has read twice
    /// changed during its execution, or the texts of labels since its language was chosen.
    pub fn is_outdated(&self, language: &RequestLanguage) -> bool {
        let is_of_other_rules = || !language.is_of(&self.loader.rules().translations);
        self.operation.kind == OperationType::Query
            && (self.loader.is_inconsistent()
                || self.loader.has_outdated_rules()
                || is_of_other_rules())
    }
}

/// Executes a query or mutation. Dropping the future cancels it.
///
/// # Errors
///
/// When the operation exceeds the deadline, or panics.
pub async fn execute(
    prepared: PreparedRequest,
    worker: &WorkerState,
    time_left: Duration,
) -> Result<Executed, HttpError> {
    let kind = prepared.operation.kind;
    let started_at = Instant::now();
    let admission = &worker.shared.admission;
    let permit = admission.admit(&prepared.operation, &prepared.session, time_left);
    let _permit = permit.await?;
    let time_left = time_left.saturating_sub(started_at.elapsed());
    let session = prepared.session.with_deadline(time_left);
    let loader = worker.loader(session, prepared.uses_row_cache);
    let (request, loader, _) = with_data(prepared.request, loader, kind, worker);
    // The future has kilobytes, and each of the next lines moves it, so it is boxed.
    let execution = Box::pin(worker.schema.execute(request));
    let execution = measure(loader.session(), execution);
    // A panic ends this request with an internal error, and leaves the connection open.
    let execution = AssertUnwindSafe(execution).catch_unwind();
    let Ok(mut response) = with_deadline(time_left, kind, execution).await? else {
        tracing::error!("the execution of a request panicked");
        return Err(HttpError::internal());
    };
    prepared.patches.apply(&mut response);
    mark_unreadable_payloads(kind, &mut response);
    Ok(Executed {
        response,
        operation: prepared.operation,
        content_language: prepared.content_language,
        extensions: prepared.extensions,
        loader,
        charge: prepared.charge,
    })
}

/// Executes an operation as a stream of results. Dropping the stream cancels the operation.
pub fn execute_stream(
    prepared: PreparedRequest,
    worker: &WorkerState,
    observation: Observation,
) -> impl Stream<Item = ExecutionEvent> + use<> {
    let kind = prepared.operation.kind;
    let deadline = worker.shared.deadline;
    let (source, signals) = EventSource::new(Arc::clone(&worker.shared.broker));
    let signals = (kind == OperationType::Subscription).then_some(signals);
    let session = prepared.session.with_deadline(deadline);
    let loader = worker.loader(session, prepared.uses_row_cache);
    let (request, loader, budget) = with_data(prepared.request, loader, kind, worker);
    let patches = prepared.patches;
    let spawning = observation.clone();
    let session = loader.session().clone();
    let (admission, operation) = (
        Arc::clone(&worker.shared.admission),
        Arc::clone(&prepared.operation),
    );
    let admitted_session = session.clone();
    let admit = async move {
        admission
            .admit(&operation, &admitted_session, deadline)
            .await
    };
    let responses = worker.schema.execute_stream(request.data(source));
    let responses = measure_stream(session.clone(), responses);
    let responses = responses.map(move |mut response| {
        budget.reset();
        patches.apply(&mut response);
        mark_unreadable_payloads(kind, &mut response);
        observation.record_response(&response);
        response
    });
    let rate_limits = Arc::clone(&worker.shared.rate_limits);
    let extensions = move || {
        let used_units = rate_limits.units_of(session.used_time());
        prepared.extensions.with_used_units(used_units)
    };
    let events = to_events(
        responses,
        extensions,
        worker.shared.response_limits,
        signals,
    );
    if kind == OperationType::Subscription {
        events.left_stream()
    } else {
        single_event(kind, deadline, spawning, admit, events).right_stream()
    }
}

/// Adds the data of an execution to a request: the loader, and the budget of long strings.
fn with_data(
    request: Request,
    loader: DataLoader,
    kind: OperationType,
    worker: &WorkerState,
) -> (Request, Arc<DataLoader>, TextBudget) {
    let loader = Arc::new(loader);
    let budget = TextBudget::new(worker.shared.response_limits.max_bytes);
    let request = worker
        .add_request_data(request, Arc::clone(&loader), kind)
        .data(budget.clone());
    (request, loader, budget)
}

/// Returns the single result of a query or mutation, once it is admitted, within the deadline. It is executed by a task
/// of its own, which ends when the stream is dropped: the stream isn't polled while the client doesn't read, and others
/// wait for the permit.
fn single_event(
    kind: OperationType,
    deadline: Duration,
    observation: Observation,
    admit: impl Future<Output = Result<Option<Permit>, HttpError>> + 'static,
    outcomes: impl Stream<Item = ExecutionEvent> + 'static,
) -> impl Stream<Item = ExecutionEvent> {
    let started_at = Instant::now();
    let execution = async move {
        let _permit = match admit.await {
            Ok(permit) => permit,
            Err(error) => return Some(ExecutionEvent::Failed(error)),
        };
        let mut outcomes = pin!(outcomes);
        let time_left = deadline.saturating_sub(started_at.elapsed());
        let outcome = with_deadline(time_left, kind, outcomes.next()).await;
        outcome.unwrap_or_else(|error| Some(ExecutionEvent::Failed(error)))
    };
    let first = async move {
        let mut task = AbortOnDrop(rt::spawn(observation.in_spans(execution)));
        match (&mut task.0).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(error.cause = %error, "the execution of an operation panicked");
                Some(ExecutionEvent::Failed(HttpError::internal()))
            }
        }
    };
    stream::once(first).filter_map(async |outcome| outcome)
}

/// A task that is cancelled when its result is no longer needed.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Converts responses to results, each with the current `extensions`. `signals` are those of a subscription.
fn to_events(
    responses: impl Stream<Item = Response>,
    extensions: impl Fn() -> ResponseExtensions,
    limits: ResponseLimits,
    signals: Option<Arc<SubscriptionSignals>>,
) -> impl Stream<Item = ExecutionEvent> {
    // A panic ends this operation with an internal error, and leaves the connection open.
    let responses = AssertUnwindSafe(responses).catch_unwind();
    let lost = signals.clone();
    let lost = stream::once(async move { lost.and_then(|signals| signals.loss()) });
    responses
        .map(move |response| {
            let Ok(response) = response else {
                tracing::error!("the execution of an operation panicked");
                return ExecutionEvent::Failed(HttpError::internal());
            };
            to_event(response, (extensions(), limits), signals.as_deref())
        })
        .chain(lost.filter_map(async |lost| lost.map(ExecutionEvent::Lost)))
}

/// Converts a response to a result. An error before a subscription has opened fails the request, although it has a
/// path.
fn to_event(
    response: Response,
    (extensions, limits): (ResponseExtensions, ResponseLimits),
    signals: Option<&SubscriptionSignals>,
) -> ExecutionEvent {
    let has_field_error = response.errors.iter().any(|error| !error.path.is_empty());
    if has_field_error && signals.is_some_and(|signals| !signals.is_open()) {
        let error = HttpError::document(response.errors, code::INVALID_VALUE);
        return ExecutionEvent::Failed(error.with_error_limit(limits));
    }
    match http_response::serialize(response, extensions, limits) {
        Ok(serialized) => ExecutionEvent::Next(serialized.bytes),
        Err(error) => ExecutionEvent::Failed(error),
    }
}

#[cfg(test)]
mod tests;
