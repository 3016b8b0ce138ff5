//! The custom scalars.

mod day;

use std::{borrow::Cow, fmt};

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as ChronoDateTime, NaiveDate, SecondsFormat, Timelike, Utc};

use self::day::{DayError, parse_day};
use crate::translations::is_language_tag;

/// The specification of `Date`.
const DATE_URL: &str = "https://scalars.graphql.org/andimarek/local-date";
const DATE_ERROR: &str = "must be a date such as 2013-07-15";
const DATE_HAS_TIME: &str = "must be a date without a time, such as 2013-07-15";

/// The specification of `DateTime`.
const DATE_TIME_URL: &str = "https://scalars.graphql.org/chillicream/date-time.html";
const DATE_TIME_ERROR: &str =
    "must be an RFC 3339 timestamp with an offset, such as 2013-07-15T09:30:00Z";

/// The specification of `Locale`.
const LOCALE_URL: &str = "https://www.rfc-editor.org/info/rfc5646";
const LOCALE_ERROR: &str = "must be a language tag with hyphens, such as de, de-AT or zh-Hant";

/// The maximum number of digits of a fraction of a second.
const MAX_FRACTION_DIGITS: usize = 9;

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
        match &value {
            Value::String(text) => parse_date(text).map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
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

/// Parses a date. Only the canonical form is valid.
fn parse_date(text: &str) -> Result<Date, Cow<'static, str>> {
    match parse_day(text) {
        Ok(day) => Ok(Date(day)),
        Err(DayError::Form) if text.get(..10).is_some_and(|day| parse_day(day).is_ok()) => {
            Err(DATE_HAS_TIME.into())
        }
        Err(DayError::Form) => Err(DATE_ERROR.into()),
        Err(DayError::Absent(reason)) => Err(format!("must be a day that exists: {reason}").into()),
    }
}

/// A timestamp in the format of RFC 3339. Outputs are in UTC, with six digits of a fraction of a second, or with none if
/// the fraction is zero: `2013-07-15T09:30:00.250000Z`, `2013-07-15T09:30:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime(pub ChronoDateTime<Utc>);

/// A timestamp in the format of RFC 3339. Outputs are in UTC, with six digits of a fraction of a second, or with none if
/// the fraction is zero: `2013-07-15T09:30:00.250000Z`, `2013-07-15T09:30:00Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/chillicream/date-time.html"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => parse_date_time(text).map_err(InputValueError::custom),
            _ => Err(InputValueError::expected_type(value)),
        }
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

/// Parses a timestamp. The parser alone also accepts a blank for the `T`, leap seconds, and any number of digits.
fn parse_date_time(text: &str) -> Result<DateTime, Cow<'static, str>> {
    if let Some(Err(DayError::Absent(reason))) = text.get(..10).map(parse_day) {
        return Err(format!("must have a day that exists: {reason}").into());
    }
    let has_separator = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    Some(text)
        .filter(|_| has_separator && digits <= MAX_FRACTION_DIGITS)
        .and_then(|text| ChronoDateTime::parse_from_rfc3339(text).ok())
        .filter(|time| time.nanosecond() < 1_000_000_000)
        .map(|time| DateTime(time.to_utc()))
        .ok_or_else(|| DATE_TIME_ERROR.into())
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some clients read the fraction as a number of microseconds, however many digits it has.
        let format = if self.0.timestamp_subsec_micros() == 0 {
            SecondsFormat::Secs
        } else {
            SecondsFormat::Micros
        };
        formatter.write_str(&self.0.to_rfc3339_opts(format, true))
    }
}

/// A language tag (BCP 47), such as "de", "de-AT" or "zh-Hant".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(pub String);

/// A language tag (BCP 47), such as "de", "de-AT" or "zh-Hant".
#[Scalar(
    name = "Locale",
    specified_by_url = "https://www.rfc-editor.org/info/rfc5646"
)]
impl ScalarType for Locale {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if is_language_tag(&text) => Ok(Self(text)),
            Value::String(_) => Err(InputValueError::custom(LOCALE_ERROR)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    /// Rejects an invalid value before execution. During execution, an invalid argument would replace the results of
    /// the other fields by an error, even those of mutations that are already committed.
    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(text) if is_language_tag(text))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Returns the error message for a value of the scalar that is specified at `url`; `None` if the value is valid or the
/// scalar isn't one of this module. `text` is `None` for a value that isn't a string.
#[must_use]
pub fn check_scalar(url: &str, text: Option<&str>) -> Option<Cow<'static, str>> {
    match (url, text) {
        (DATE_URL, None) => Some(DATE_ERROR.into()),
        (DATE_URL, Some(text)) => parse_date(text).err(),
        (DATE_TIME_URL, None) => Some(DATE_TIME_ERROR.into()),
        (DATE_TIME_URL, Some(text)) => parse_date_time(text).err(),
        (LOCALE_URL, Some(text)) if is_language_tag(text) => None,
        (LOCALE_URL, _) => Some(LOCALE_ERROR.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
