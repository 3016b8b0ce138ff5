//! The custom scalars.

use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as ChronoDateTime, Datelike, NaiveDate, SecondsFormat, Utc};

/// The specification of `Date`.
const DATE_URL: &str = "https://scalars.graphql.org/andimarek/local-date";
const DATE_ERROR: &str = "must be a date such as 2013-07-15";

/// The specification of `DateTime`.
const DATE_TIME_URL: &str = "https://scalars.graphql.org/andimarek/date-time";
const DATE_TIME_ERROR: &str = "must be an RFC 3339 timestamp such as 2013-07-15T09:30:00.000Z";

/// The maximum length of a timestamp in bytes. The parser alone accepts any number of fractional digits.
const MAX_DATE_TIME_BYTES: usize = 40;

/// A date without a time of day: `YYYY-MM-DD` (ISO 8601), in the Gregorian calendar, from year 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A date without a time of day: `YYYY-MM-DD` (ISO 8601), in the Gregorian calendar, from year 1 to 9999.
#[Scalar(
    name = "Date",
    specified_by_url = "https://scalars.graphql.org/andimarek/local-date"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        // Only the canonical form is valid. The parser alone accepts a missing zero and a sign.
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|date| (1..=9999).contains(&date.year()) && date.to_string() == *text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom(DATE_ERROR))
    }

    /// Rejects an invalid value before execution. During execution, an invalid argument would replace the results of
    /// the other fields by an error, even those of mutations that are already committed.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A timestamp in the format of RFC 3339. Outputs are in UTC with milliseconds: `2013-07-15T09:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub ChronoDateTime<Utc>);

/// A timestamp in the format of RFC 3339. Outputs are in UTC with milliseconds: `2013-07-15T09:30:00.000Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Some(text)
            .filter(|text| text.len() <= MAX_DATE_TIME_BYTES)
            .and_then(|text| ChronoDateTime::parse_from_rfc3339(text).ok())
            .map(|time| Self(time.to_utc()))
            .ok_or_else(|| InputValueError::custom(DATE_TIME_ERROR))
    }

    /// Rejects an invalid value before execution. During execution, an invalid argument would replace the results of
    /// the other fields by an error, even those of mutations that are already committed.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Returns the error message for a value of the scalar that is specified at `url`; `None` if the value is valid or the
/// scalar isn't one of this module. `text` is `None` for a value that isn't a string.
#[must_use]
pub fn check_scalar(url: &str, text: Option<&str>) -> Option<&'static str> {
    let value = || Value::String(text.unwrap_or_default().to_owned());
    match url {
        DATE_URL if text.is_none() || Date::parse(value()).is_err() => Some(DATE_ERROR),
        DATE_TIME_URL if text.is_none() || DateTime::parse(value()).is_err() => {
            Some(DATE_TIME_ERROR)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
