use super::*;

fn day(text: &str) -> Option<String> {
    read(text, None)
        .map(|date| date.map_or_else(|problem| problem.to_string(), |date| date.to_string()))
}

#[test]
fn a_date_is_parsed_in_every_form_that_pages_use() {
    for text in [
        "Jul 15, 2013",
        "July 15, 2013",
        "JULY 15 2013",
        "Jul. 15, 2013",
        "Jul 15,2013",
        "15 Jul 2013",
        "15. July 2013",
        "2013-07-15",
        "2013-7-15",
    ] {
        assert_eq!(day(text).as_deref(), Some("2013-07-15"), "{text}");
    }
    assert_eq!(day("Sept 1, 2020").as_deref(), Some("2020-09-01"));
    assert_eq!(day("May 31, 2020").as_deref(), Some("2020-05-31"));
}

#[test]
fn a_text_in_the_form_of_a_date_that_is_not_a_valid_date_is_an_error() {
    for text in [
        "Feb 30, 2013",
        "29 Feb 2013",
        "2013-13-01",
        "0000-01-01",
        "15 juillet 2013",
        "7/15/2013",
        "15.07.2013",
        "2013/07/15",
    ] {
        let message =
            format!(r#"expected a day such as "Jul 15, 2013" or "2013-07-15", found {text:?}"#);
        assert_eq!(day(text), Some(message));
    }
}

#[test]
fn a_text_that_does_not_have_the_form_of_a_date_is_none() {
    for text in [
        "",
        "Jul",
        "July 2013",
        "Jul 15, 2013 was hot",
        "15",
        "80",
        "1-2",
        "1-2-3",
        "a-b-c",
        "Jul 150, 2013",
    ] {
        assert_eq!(day(text), None, "{text}");
    }
}
