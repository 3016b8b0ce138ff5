use super::*;

#[test]
fn one_internal_error_makes_the_outcome_failed() {
    assert_eq!(OperationOutcome::from_codes(true, []), OperationOutcome::Ok);
    assert_eq!(
        OperationOutcome::from_codes(true, ["FORBIDDEN"]),
        OperationOutcome::Errors
    );
    assert_eq!(
        OperationOutcome::from_codes(false, ["FORBIDDEN"]),
        OperationOutcome::Rejected
    );
    assert_eq!(
        OperationOutcome::from_codes(true, ["FORBIDDEN", "INTERNAL"]),
        OperationOutcome::Failed
    );
    for code in [
        "UNAVAILABLE",
        "OUTCOME_UNKNOWN",
        "RESULT_UNAVAILABLE",
        "DEADLINE_EXCEEDED",
    ] {
        assert_eq!(
            OperationOutcome::from_codes(false, [code]),
            OperationOutcome::Failed,
            "{code}"
        );
    }
}
