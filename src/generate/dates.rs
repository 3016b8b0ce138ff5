//! The dates of reviews.

use chrono::{Days, NaiveDate};

use super::random::Random;

/// Draws the date of a review. Most are within five weeks of the release, the others within two years
/// or at any time after it. Some reviews have no date. No date is after 2025-12-31. That day is fixed,
/// because with the system clock the same seed would give different catalogues.
pub(super) fn reviewed_on(release_date: NaiveDate, random: &mut Random) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(2025, 12, 31)?;
    let remaining = u32::try_from((last - release_date).num_days()).unwrap_or(0);
    let days = match random.below(100) {
        0..=5 => return None,
        6..=82 => random.below(36).min(random.below(36)),
        83..=91 => random.below(730),
        _ => random.below(remaining + 1),
    };
    release_date.checked_add_days(Days::new(days.min(remaining).into()))
}
