//! Days in the form `YYYY-MM-DD`.

use chrono::{Month, NaiveDate};

/// The reason why a text is no day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DayError {
    /// It has another form.
    Form,
    /// It has the form, but the calendar has no such day.
    Absent(String),
}

/// Parses a day of the years 1 to 9999 in its canonical form.
pub(super) fn parse_day(text: &str) -> Result<NaiveDate, DayError> {
    let [year, month, day] = numbers(text).ok_or(DayError::Form)?;
    if year == 0 {
        let reason = "the years are 0001 to 9999".to_owned();
        return Err(DayError::Absent(reason));
    }
    let name = u8::try_from(month)
        .ok()
        .and_then(|month| Month::try_from(month).ok());
    let Some(name) = name else {
        let reason = format!("there is no month {month:02}");
        return Err(DayError::Absent(reason));
    };
    let year_number = i32::try_from(year).map_err(|_| DayError::Form)?;
    NaiveDate::from_ymd_opt(year_number, month, day).ok_or_else(|| {
        let days = name.num_days(year_number).unwrap_or_default();
        let name = name.name();
        let reason = format!("there is no {text}, because {name} {year} has {days} days");
        DayError::Absent(reason)
    })
}

/// Returns the numbers of four, two and two digits with hyphens between them.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('-');
    let mut number = |digits| {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_number)
    };
    let numbers = [number(4)?, number(2)?, number(2)?];
    parts.next().is_none().then_some(numbers)
}
