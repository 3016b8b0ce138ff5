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
        let day = date(&Cell::text(text), None).map(|day| day.to_string());
        assert_eq!(day.as_deref(), Ok("2013-07-15"), "{text}");
    }
    for text in ["0001-01-01", "9999-12-31"] {
        assert_eq!(date(&Cell::text(text), None).unwrap().to_string(), text);
    }
}

#[test]
fn a_date_of_digits_is_read_in_the_given_order() {
    let day = |text, order| date(&Cell::text(text), Some(order)).map(|day| day.to_string());
    let (dmy, mdy) = (DateOrder::DayMonthYear, DateOrder::MonthDayYear);
    assert_eq!(day("3/4/2024", dmy).as_deref(), Ok("2024-04-03"));
    assert_eq!(day("3/4/2024", mdy).as_deref(), Ok("2024-03-04"));
    assert_eq!(day("2013-07-15", dmy).as_deref(), Ok("2013-07-15"));
    assert!(day("31.12.2023", mdy).is_err());
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
        assert_eq!(date(&Cell::text(text), None), Err(reason));
    }
    assert_eq!(
        date(&Cell::Number(super::super::Number::Unsigned(2013)), None),
        Err("must be a date of the form YYYY-MM-DD, not 2013".to_owned())
    );
}
