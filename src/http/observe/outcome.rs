//! How an operation ended, by the codes of its errors.

use crate::error::code;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, and nothing went wrong.
    Ok,
    /// It was executed, and fields have errors of the caller's.
    Errors,
    /// It was not executed, for a reason of the caller's.
    Refused,
    /// We, or the database, could not do what was asked.
    Failed,
    /// It was stopped before there was an answer, by its client or because what carried it was gone.
    Cancelled,
}

impl Outcome {
    /// The word for it in metrics, logs and traces.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Errors => "errors",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The outcome by the codes of all errors.
    #[must_use]
    pub fn of<'a>(executed: bool, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut codes = codes.into_iter().peekable();
        if codes.peek().is_none() && executed {
            return Self::Ok;
        }
        if codes.any(is_ours) {
            Self::Failed
        } else if executed {
            Self::Errors
        } else {
            Self::Refused
        }
    }
}

fn is_ours(of: &str) -> bool {
    // What takes too long was within the limits, so it is we who are too slow for them.
    [
        code::INTERNAL,
        code::UNAVAILABLE,
        code::OUTCOME_UNKNOWN,
        code::RESULT_UNAVAILABLE,
        code::DEADLINE_EXCEEDED,
    ]
    .contains(&of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_of_ours_is_enough_to_have_failed() {
        assert_eq!(Outcome::of(true, []), Outcome::Ok);
        assert_eq!(Outcome::of(true, ["FORBIDDEN"]), Outcome::Errors);
        assert_eq!(Outcome::of(false, ["FORBIDDEN"]), Outcome::Refused);
        assert_eq!(
            Outcome::of(true, ["FORBIDDEN", "INTERNAL"]),
            Outcome::Failed
        );
        for code in [
            "UNAVAILABLE",
            "OUTCOME_UNKNOWN",
            "RESULT_UNAVAILABLE",
            "DEADLINE_EXCEEDED",
        ] {
            assert_eq!(Outcome::of(false, [code]), Outcome::Failed, "{code}");
        }
    }
}
