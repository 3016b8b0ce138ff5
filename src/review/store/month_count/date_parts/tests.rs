use chrono::Days as DayCount;
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
            days: [Some(days("2015-03-17", "2015-03-31", false)), None],
        }
    );
}

#[test]
fn the_days_are_those_to_the_nearer_end_of_the_month() {
    assert_eq!(
        parts(Some("2015-03-04"), Some("2016-08-20")),
        DateParts {
            months: Some(MonthRange::Between(date("2015-03-01"), date("2016-08-01"))),
            days: [
                Some(days("2015-03-01", "2015-03-03", true)),
                Some(days("2016-08-21", "2016-08-31", true)),
            ],
        }
    );
    assert_eq!(
        parts(None, Some("2016-08-03")).days,
        [None, Some(days("2016-08-01", "2016-08-03", false))]
    );
}

#[test]
fn a_range_within_a_month_has_its_days_or_those_that_it_lacks() {
    assert_eq!(
        parts(Some("2015-03-10"), Some("2015-03-25")),
        DateParts {
            months: Some(MonthRange::Between(date("2015-03-01"), date("2015-03-01"))),
            days: [
                Some(days("2015-03-01", "2015-03-09", true)),
                Some(days("2015-03-26", "2015-03-31", true)),
            ],
        }
    );
    assert_eq!(
        parts(Some("2015-03-15"), Some("2015-03-16")),
        DateParts {
            months: None,
            days: [Some(days("2015-03-15", "2015-03-16", false)), None],
        }
    );
}

fn days(first: &str, last: &str, is_excess: bool) -> Days {
    Days {
        first: date(first),
        last: date(last),
        is_excess,
    }
}

/// Returns how many parts of a range include a day, less those that subtract it.
fn count(parts: DateParts, day: NaiveDate) -> i32 {
    let in_months = match parts.months {
        None => false,
        Some(MonthRange::All) => true,
        Some(MonthRange::Between(first, last)) => (first..=last).contains(&start_of_month(day)),
    };
    let in_days = parts.days.into_iter().flatten();
    let in_days = in_days
        .filter(|days| (days.first..=days.last).contains(&day))
        .map(|days| if days.is_excess { -1 } else { 1 });
    i32::from(in_months) + in_days.sum::<i32>()
}

proptest! {
    #[test]
    fn each_day_of_a_range_is_in_one_part(start in 0_u64..800, days in 0_u64..800, open in 0..3) {
        let base = date("2015-01-01");
        let since = base + DayCount::new(start);
        let until = since + DayCount::new(days);
        let parts = DateParts::of((open != 0).then_some(since), (open != 1).then_some(until));
        for day in base.iter_days().take(1700) {
            let is_in_range = (open == 0 || since <= day) && (open == 1 || day <= until);
            prop_assert_eq!(count(parts, day), i32::from(is_in_range), "{}", day);
        }
        let ends = parts.days.into_iter().flatten();
        for Days { first, last, .. } in ends {
            prop_assert_eq!(start_of_month(first), start_of_month(last));
            prop_assert!((last - first).num_days() < 16, "{first} to {last}");
        }
    }
}
