use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn weeks_end_on_sunday_and_months_and_years_on_their_last_day() {
    for (of, week, month, year) in [
        ("2024-02-26", "2024-03-03", "2024-02-29", "2024-12-31"),
        ("2023-02-26", "2023-02-26", "2023-02-28", "2023-12-31"),
        // The week belongs to two years.
        ("2020-12-31", "2021-01-03", "2020-12-31", "2020-12-31"),
        ("9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31"),
        ("0001-01-01", "0001-01-07", "0001-01-31", "0001-12-31"),
    ] {
        let last = Interval::ALL.map(|interval| interval.last_day(day(of)));
        assert_eq!(last, [day(week), day(month), day(year)], "{of}");
    }
}

proptest! {
    #[test]
    fn intervals_follow_each_other_without_a_gap(days in 1_i32..=3_652_000) {
        let of = NaiveDate::from_num_days_from_ce_opt(days).unwrap();
        for interval in Interval::ALL {
            let last = interval.last_day(of);
            prop_assert!(last >= of);
            prop_assert_eq!(interval.last_day(last), last);
            let next = last.succ_opt().unwrap();
            if next.year() < 10_000 {
                prop_assert!(interval.last_day(next) > last);
            }
        }
    }
}
