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
