use super::*;

#[test]
fn a_date_of_digits_is_read_in_its_order() {
    use DateOrder::{DayMonthYear, MonthDayYear};

    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    for (order, text, expected) in [
        (DayMonthYear, "3/4/2024", day(2024, 4, 3)),
        (MonthDayYear, "3/4/2024", day(2024, 3, 4)),
        (DayMonthYear, "31.12.2023", day(2023, 12, 31)),
        (MonthDayYear, "12-31-2023", day(2023, 12, 31)),
        (MonthDayYear, "31.12.2023", None),
        (DayMonthYear, "3/4/24", None),
        (DayMonthYear, "3/4.2024", None),
        (DayMonthYear, "2024/4/3", None),
        (DayMonthYear, "3/4/2024/1", None),
        (DayMonthYear, "3/4/0000", None),
        (DayMonthYear, "+3/4/2024", None),
        (DayMonthYear, "", None),
    ] {
        assert_eq!(order.read(text), expected, "{text} {order:?}");
    }
}
