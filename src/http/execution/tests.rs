use super::*;
use async_graphql::{PathSegment, ServerError, Value};

const LIMITS: ResponseLimits = ResponseLimits {
    max_bytes: 1_000,
    max_errors: 2,
};

/// Returns the results of responses as strings.
fn results(
    responses: impl Stream<Item = Response>,
    signals: Option<Arc<SubscriptionSignals>>,
) -> Vec<String> {
    let outcomes =
        to_events(responses, ResponseExtensions::default, LIMITS, signals).collect::<Vec<_>>();
    let outcomes = outcomes.now_or_never().unwrap();
    let to_string = |outcome| match outcome {
        ExecutionEvent::Next(body) => String::from_utf8(body).unwrap(),
        ExecutionEvent::Failed(error) => error.errors_json(),
        ExecutionEvent::Lost(_) => "lost".to_owned(),
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
