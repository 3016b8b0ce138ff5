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
        "Jul 32, 2013",
        "Sun, Jul 15, 2013",
        "July 2013",
        "15.13.2013",
        "15.07.2013.1",
        "15/07.2013",
        "2013-07-15-01",
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

#[test]
fn months_may_be_words() {
    for text in [
        "July 15, 2013",
        "Jul 15, 2013",
        "jul. 15 2013",
        "15 July 2013",
        "15-Jul-2013",
        "15-JUL-13",
        "15/Jul/13",
        "2013 Jul 15",
        "Monday, July 15th, 2013",
        "Mon, 15 Jul 2013 10:30:00 +0200",
        "Jul 15, 2013 at 9:05 pm",
        "Jul 15, 2013, 10:30 GMT",
    ] {
        let day = read_date(text, None).map(|day| day.to_string());
        assert_eq!(day.as_deref(), Ok("2013-07-15"), "{text}");
    }
    assert_eq!(
        read_date("Sept 1, 1998", None).unwrap().to_string(),
        "1998-09-01"
    );
    assert_eq!(
        read_date("05-marca-21", None),
        Err(
            "has the month \"marca\", and months are read in English, German, French, Spanish and Italian: write the date as \
             YYYY-MM-DD"
                .to_owned()
        )
    );
}

#[test]
fn months_may_be_words_of_other_languages() {
    for text in [
        "8. März 2021",
        "8 mars 2021",
        "08-MARS-21",
        "8 de marzo de 2021",
        "8 marzo 2021",
        "8 mrz. 2021",
    ] {
        let day = read_date(text, None).map(|day| day.to_string());
        assert_eq!(day.as_deref(), Ok("2021-03-08"), "{text}");
    }
    let first = read_date("1er août 2021", None).map(|day| day.to_string());
    assert_eq!(first.as_deref(), Ok("2021-08-01"));
}

#[test]
fn a_year_of_four_digits_may_come_first_without_leading_zeros() {
    for text in [
        "2021-3-8",
        "2021/3/8",
        "2021.03.08",
        "2021-3-8 9:05",
        "2021-3-8T10:30:00+0000",
    ] {
        for order in [
            None,
            Some(DateOrder::MonthDayYear),
            Some(DateOrder::DayMonthYear),
        ] {
            assert_eq!(
                read_date(text, order).unwrap().to_string(),
                "2021-03-08",
                "{text}"
            );
        }
    }
}

#[test]
fn the_day_of_a_moment_is_the_one_in_its_zone() {
    for text in [
        "2023-05-25T23:30:00-0700",
        "2023-05-25T00:30:00+09:00",
        "2023-05-25T11:00:03+0000",
        "2023-05-25 11:00:03.25Z",
    ] {
        assert_eq!(
            read_date(text, None).unwrap().to_string(),
            "2023-05-25",
            "{text}"
        );
    }
}

#[test]
fn digits_that_can_mean_two_days_are_an_error() {
    for (text, days) in [
        ("3/4/2021", "2021-04-03 or 2021-03-04"),
        ("05-03-21", "2021-03-05 or 2021-05-03"),
        ("31/12/21", "2021-12-31 or 1931-12-21"),
    ] {
        assert_eq!(
            read_date(text, None),
            Err(format!(
                "{text:?} is {days}: write dates as YYYY-MM-DD, or give their order by --dates dmy, mdy or ymd"
            ))
        );
    }
    for (text, day) in [
        ("13/4/2021", "2021-04-13"),
        ("4/13/2021", "2021-04-13"),
        ("4/4/2021", "2021-04-04"),
        ("04.13.98 18:36", "1998-04-13"),
        ("99-12-31", "1999-12-31"),
    ] {
        assert_eq!(read_date(text, None).unwrap().to_string(), day, "{text}");
    }
}

#[test]
fn two_digits_of_a_year_mean_1930_to_2029() {
    for (text, day) in [
        ("05-03-21", "2021-03-05"),
        ("05-03-29", "2029-03-05"),
        ("05-03-30", "1930-03-05"),
        ("05-03-00", "2000-03-05"),
    ] {
        let read = read_date(text, Some(DateOrder::DayMonthYear));
        assert_eq!(read.unwrap().to_string(), day);
    }
    let read = read_date("21-03-05", Some(DateOrder::YearMonthDay));
    assert_eq!(read.unwrap().to_string(), "2021-03-05");
}

/// Returns the order of a column of these cells.
fn order(cells: &[&str]) -> Result<Option<DateOrder>, String> {
    let mut column = DateColumn::new();
    for cell in cells {
        column.observe(cell);
    }
    column.order().map_err(|error| error.to_string())
}

#[test]
fn a_column_decides_the_order_of_its_dates() {
    use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};

    for (cells, expected) in [
        (&["3/4/2021", "13/4/2021"][..], Some(DayMonthYear)),
        (&["3/4/2021", "4/13/2021", ""], Some(MonthDayYear)),
        (&["05-03-21", "22-11-98"], Some(DayMonthYear)),
        (&["05-03-21", "98-11-22"], Some(YearMonthDay)),
        (&["05-03-21", "13/04/2021"], Some(DayMonthYear)),
        (&["2021-03-08", "March 8, 2021", "n/a", "2021/3/8"], None),
        (&["4/4/2021"], None),
        // Each of these is clear alone.
        (&["13/4/2021", "4/13/2021"], None),
    ] {
        assert_eq!(order(cells), Ok(expected), "{cells:?}");
    }
    assert_eq!(
        order(&["2021-01-01", "3/4/2021", "4/5/2021"]),
        Err(r#""3/4/2021" can mean several days, and no other date of the column decides which; give the order by --dates dmy, mdy or ymd"#.to_owned())
    );
    assert_eq!(
        order(&["13/4/2021", "4/13/2021", "3/4/2021"]),
        Err(r#""3/4/2021" can mean several days, and the other dates of the column are in different orders; give the order by --dates dmy, mdy or ymd"#.to_owned())
    );
}
