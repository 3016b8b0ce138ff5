use super::*;

fn date(text: &str) -> Result<Value, Cow<'static, str>> {
    parse_date(text).map(|date| date.to_value())
}

fn date_time(text: &str) -> Result<String, Cow<'static, str>> {
    parse_date_time(text).map(|time| time.to_string())
}

#[test]
fn only_the_canonical_form_of_a_date_is_valid() {
    assert_eq!(date("2013-07-15"), Ok("2013-07-15".into()));
    assert_eq!(date("2024-02-29"), Ok("2024-02-29".into()));
    for text in [
        "2013-7-15",
        "+2013-07-15",
        "12013-07-15",
        "2013-07-15 ",
        "2013/07/15",
        "20130715",
        "2013-07",
        "2013-07-1é",
        "",
    ] {
        let error = date(text).unwrap_err();
        assert!(
            [DATE_ERROR, DATE_HAS_TIME].contains(&&*error),
            "{text}: {error}"
        );
    }
    assert!(Date::parse(Value::from(20_130_715)).is_err());
}

#[test]
fn a_day_that_does_not_exist_is_called_so() {
    for (text, reason) in [
        (
            "2024-02-30",
            "there is no 2024-02-30, because February 2024 has 29 days",
        ),
        (
            "2023-02-29",
            "there is no 2023-02-29, because February 2023 has 28 days",
        ),
        (
            "1900-02-29",
            "there is no 1900-02-29, because February 1900 has 28 days",
        ),
        (
            "2024-04-31",
            "there is no 2024-04-31, because April 2024 has 30 days",
        ),
        (
            "2024-05-00",
            "there is no 2024-05-00, because May 2024 has 31 days",
        ),
        ("2024-13-01", "there is no month 13"),
        ("2024-00-10", "there is no month 00"),
        ("0000-00-00", "the years are 0001 to 9999"),
        ("0000-01-01", "the years are 0001 to 9999"),
    ] {
        assert_eq!(
            date(text).unwrap_err(),
            format!("must be a day that exists: {reason}")
        );
        let timestamp = format!("{text}T09:30:00Z");
        let error = date_time(&timestamp).unwrap_err();
        assert_eq!(error, format!("must have a day that exists: {reason}"));
    }
}

#[test]
fn a_timestamp_is_no_date_and_a_date_no_timestamp() {
    assert_eq!(date("2013-07-15T09:30:00Z").unwrap_err(), DATE_HAS_TIME);
    assert_eq!(date("2013-07-15 09:30").unwrap_err(), DATE_HAS_TIME);
    assert_eq!(date_time("2013-07-15").unwrap_err(), DATE_TIME_ERROR);
}

/// The Python package `sgqlc` reads the digits of a fraction as a number of microseconds.
#[test]
fn a_timestamp_is_written_with_six_digits_of_a_fraction_or_none() {
    for (text, written) in [
        ("2013-07-15T09:30:00Z", "2013-07-15T09:30:00Z"),
        ("2013-07-15T09:30:00.000Z", "2013-07-15T09:30:00Z"),
        ("2013-07-15t09:30:00.815z", "2013-07-15T09:30:00.815000Z"),
        (
            "2013-07-15T11:30:00.8154+02:00",
            "2013-07-15T09:30:00.815400Z",
        ),
        ("2013-07-15T09:30:00.000001Z", "2013-07-15T09:30:00.000001Z"),
        (
            "2013-07-15T09:30:00.123456789Z",
            "2013-07-15T09:30:00.123456Z",
        ),
        ("2013-07-15T09:30:00.000000789Z", "2013-07-15T09:30:00Z"),
    ] {
        assert_eq!(date_time(text).as_deref(), Ok(written), "{text}");
    }
}

#[test]
fn a_timestamp_of_another_form_is_rejected() {
    for text in [
        "2013-07-15T09:30:00",
        "2013-07-15 09:30:00Z",
        "2013-07-15T09:30Z",
        "2013-07-15T24:00:00Z",
        "2013-07-15T09:60:00Z",
        "2013-07-15T09:30:60Z",
        "2013-07-15T09:30:00.1234567890Z",
        "2013-07-15T09:30:00+25:00",
        "2013-07-15T09:30:00 UTC",
        "+12013-07-15T09:30:00Z",
        "",
    ] {
        assert_eq!(date_time(text).unwrap_err(), DATE_TIME_ERROR, "{text}");
    }
}
