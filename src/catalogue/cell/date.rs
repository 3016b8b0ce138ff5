//! Dates.

use chrono::NaiveDate;

use super::{Cell, expected};

/// Reads a date in the form of ISO 8601. The time of a timestamp is ignored.
pub(in crate::catalogue) fn date(cell: &Cell<'_>) -> Result<NaiveDate, String> {
    let read = match cell {
        Cell::Text(text) => day(text.trim()),
        _ => None,
    };
    read.ok_or_else(|| expected("a date of the form YYYY-MM-DD", cell))
}

fn day(text: &str) -> Option<NaiveDate> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date.as_bytes() else {
        return None;
    };
    let year = number(&[*y1, *y2, *y3, *y4])?;
    let is_year = year > 0;
    let day = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        number(&[*m1, *m2])?,
        number(&[*d1, *d2])?,
    )?;
    (is_year && (rest.is_empty() || is_time(rest))).then_some(day)
}

/// Returns whether this is the time of a timestamp: `T10:30` or ` 10:30`, with or without seconds and time zone.
fn is_time(text: &str) -> bool {
    let [b'T' | b' ', h1, h2, b':', m1, m2, rest @ ..] = text.as_bytes() else {
        return false;
    };
    let is_time = [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit());
    let is_rest = |byte: &u8| byte.is_ascii_digit() || b":.,+-Z".contains(byte);
    is_time && rest.iter().all(is_rest)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_with_or_without_a_time() {
        for text in [
            "2013-07-15",
            " 2013-07-15 ",
            "2013-07-15T10:30",
            "2013-07-15T10:30:00Z",
            "2013-07-15 10:30:00",
            "2013-07-15T10:30:00.123+02:00",
        ] {
            let day = date(&Cell::text(text)).map(|day| day.to_string());
            assert_eq!(day.as_deref(), Ok("2013-07-15"), "{text}");
        }
        for text in ["0001-01-01", "9999-12-31"] {
            assert_eq!(date(&Cell::text(text)).unwrap().to_string(), text);
        }
    }

    #[test]
    fn any_other_form_is_an_error() {
        for text in [
            "Jul 15, 2013",
            "15.07.2013",
            "2013-7-15",
            "2013-02-30",
            "0000-01-01",
            "10000-01-01",
            "-001-01-01",
            "2013-07-15T",
            "2013-07-15T10:30 nonsense",
            "2013-07-1é",
        ] {
            let reason = format!(r#"must be a date of the form YYYY-MM-DD, not "{text}""#);
            assert_eq!(date(&Cell::text(text)), Err(reason));
        }
        assert_eq!(
            date(&Cell::Number(super::super::Number::Unsigned(2013))),
            Err("must be a date of the form YYYY-MM-DD, not 2013".to_owned())
        );
    }
}
