use chrono::Days;
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn parts(since: Option<&str>, until: Option<&str>) -> DateParts {
    DateParts::of(since.map(date), until.map(date))
}

#[test]
fn without_dates_reviews_without_a_date_are_counted_too() {
    let all = parts(None, None);
    assert_eq!(
        (all.months, all.days),
        (Some(MonthRange::All), [None, None])
    );
}

#[test]
fn an_open_range_has_days_at_one_end() {
    let parts = parts(Some("2015-03-17"), None);
    assert_eq!(
        parts,
        DateParts {
            months: Some(MonthRange::Between(date("2015-04-01"), date("9999-12-01"))),
            days: [Some((date("2015-03-17"), date("2015-03-31"))), None],
        }
    );
}

#[test]
fn a_range_within_a_month_has_no_whole_month() {
    let parts = parts(Some("2015-03-02"), Some("2015-03-30"));
    assert_eq!(
        parts,
        DateParts {
            months: None,
            days: [Some((date("2015-03-02"), date("2015-03-30"))), None],
        }
    );
}

/// Returns whether the parts of a range include a day.
fn count(parts: DateParts, day: NaiveDate) -> usize {
    let in_months = match parts.months {
        None => false,
        Some(MonthRange::All) => true,
        Some(MonthRange::Between(first, last)) => (first..=last).contains(&start_of_month(day)),
    };
    let in_days = parts.days.into_iter().flatten();
    usize::from(in_months)
        + in_days
            .filter(|(first, last)| (*first..=*last).contains(&day))
            .count()
}

proptest! {
    #[test]
    fn each_day_of_a_range_is_in_one_part(start in 0_u64..800, days in 0_u64..800, open in 0..3) {
        let base = date("2015-01-01");
        let since = base + Days::new(start);
        let until = since + Days::new(days);
        let parts = DateParts::of((open != 0).then_some(since), (open != 1).then_some(until));
        for day in base.iter_days().take(1700) {
            let is_in_range = (open == 0 || since <= day) && (open == 1 || day <= until);
            prop_assert_eq!(count(parts, day), usize::from(is_in_range), "{}", day);
        }
        let ends = parts.days.into_iter().flatten();
        for (first, last) in ends {
            prop_assert_eq!(start_of_month(first), start_of_month(last));
        }
    }
}
