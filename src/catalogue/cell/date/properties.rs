use chrono::{Datelike, NaiveDate};
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// A day whose year can be written with two digits.
fn day() -> impl Strategy<Value = NaiveDate> {
    (1930_i32..=2029, 1_u32..=365)
        .prop_map(|(year, day)| NaiveDate::from_yo_opt(year, day).unwrap())
}

/// A cell of a column of dates: often a date in digits.
fn cell() -> impl Strategy<Value = String> {
    let formats = select(vec![
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%y",
        "%m-%d-%y",
        "%y-%m-%d",
        "%Y-%m-%d",
        "%-d/%-m/%Y",
        "%-m/%-d/%y",
        "%b %d, %Y",
    ]);
    prop_oneof![
        8 => (day(), formats).prop_map(|(day, format)| day.format(format).to_string()),
        1 => "[0-9]{0,4}[-/.][0-9]{1,2}[-/.][0-9]{0,4}( [0-9]:[0-9]{2})?",
        1 => any::<String>(),
    ]
}

/// Returns the numbers in a text; a year of two digits as the year that it means.
fn numbers(text: &str) -> Vec<u32> {
    let digits = text.split(|c: char| !c.is_ascii_digit());
    digits.filter_map(|number| number.parse().ok()).collect()
}

proptest! {
    #[test]
    fn a_written_day_is_read(day in day()) {
        for format in [
            "%Y-%m-%d", "%Y-%-m-%-d", "%Y/%m/%d", "%B %-d, %Y", "%b %d, %Y", "%b %d %Y", "%-d %B %Y", "%d-%b-%y", "%d-%b-%Y",
            "%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT23:59:59-0800", "%A, %B %-d, %Y",
        ] {
            let text = day.and_hms_opt(1, 2, 3).unwrap().format(format).to_string();
            prop_assert_eq!(read_date(&text, None), Ok(day), "{}", text);
        }
    }

    #[test]
    fn a_day_in_digits_is_read_in_its_order(day in day()) {
        for (format, order) in [
            ("%d/%m/%Y", DateOrder::DayMonthYear),
            ("%-d.%-m.%y", DateOrder::DayMonthYear),
            ("%m/%d/%Y", DateOrder::MonthDayYear),
            ("%-m-%-d-%y", DateOrder::MonthDayYear),
            ("%y-%m-%d", DateOrder::YearMonthDay),
        ] {
            let text = day.format(format).to_string();
            prop_assert_eq!(read_date(&text, Some(order)), Ok(day), "{}", text);
        }
    }

    #[test]
    fn under_the_order_of_its_column_a_cell_is_a_day_that_it_can_mean(cells in vec(cell(), 0..6)) {
        let mut column = DateColumn::new();
        for cell in &cells {
            column.observe(cell);
        }
        let Ok(order) = column.order() else { return Ok(()) };
        for cell in &cells {
            let Some(digits) = digits::Digits::split(cell.trim()) else { continue };
            let days: Vec<_> = digits.days().into_iter().flatten().collect();
            match read_date(cell, order) {
                Ok(day) => {
                    prop_assert!(days.contains(&day), "{}", cell);
                    let numbers = numbers(cell);
                    prop_assert!(numbers.contains(&day.month()) && numbers.contains(&day.day()), "{} {}", cell, day);
                    let year = day.year_ce().1;
                    prop_assert!(numbers.contains(&year) || year <= 2029 && numbers.contains(&(year % 100)));
                }
                Err(_) => prop_assert!(days.is_empty(), "{} {:?}", cell, order),
            }
        }
    }

    #[test]
    fn without_an_order_no_day_is_guessed(cell in cell()) {
        let mut column = DateColumn::new();
        column.observe(&cell);
        // A single ambiguous cell is an error in both, and a clear one in neither.
        if let Err(error) = column.order() {
            prop_assert!(cell.contains(error.example.trim_end_matches('…')));
            prop_assert!(read_date(&cell, None).is_err());
        }
    }

    #[test]
    fn any_text_is_a_date_or_an_error(text: String, order in proptest::option::of(select(&DateOrder::ALL[..]))) {
        let mut column = DateColumn::new();
        column.observe(&text);
        if let Err(reason) = read_date(&text, order) {
            prop_assert!(reason.chars().count() < 1_000);
        }
    }
}
