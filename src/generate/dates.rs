//! When reviews appear.

use chrono::{Days, NaiveDate};

use super::random::Random;

/// Within five weeks of the release for most, sooner rather than later; for others within two
/// years, or whenever somebody sees an old film. Some sources don't say. Nothing is later than the
/// last day of the catalogue, which is fixed: the clock would make every run another catalogue.
pub(super) fn reviewed_on(opening: NaiveDate, random: &mut Random) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(2025, 12, 31)?;
    let left = u32::try_from((last - opening).num_days()).unwrap_or(0);
    let days = match random.below(100) {
        0..=5 => return None,
        6..=82 => random.below(36).min(random.below(36)),
        83..=91 => random.below(730),
        _ => random.below(left + 1),
    };
    opening.checked_add_days(Days::new(days.min(left).into()))
}
