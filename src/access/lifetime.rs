//! Lifetimes of tokens as command line arguments, such as `90d`.

use std::str::FromStr;

use chrono::{DateTime, Days, Months, TimeDelta, Utc};

/// The maximum number of each unit, which is about a hundred years.
const MAX_BY_UNIT: [(char, u32); 5] = [
    ('m', 52_560_000),
    ('h', 876_000),
    ('d', 36_500),
    ('w', 5_200),
    ('y', 100),
];

/// A whole number of minutes, hours, days, weeks or years: `30m`, `12h`, `90d`, `4w`, `1y`. At most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    number: u32,
    unit: char,
}

/// A string is not a lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a whole number and a unit, such as 30m, 12h, 90d, 4w or 1y; at least 1 and at most 100 years"
)]
pub struct InvalidLifetime;

impl FromStr for Lifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = text.chars().next_back().ok_or(InvalidLifetime)?;
        let digits = &text[..text.len() - unit.len_utf8()];
        let (_, max) = MAX_BY_UNIT
            .into_iter()
            .find(|(known_unit, _)| *known_unit == unit)
            .ok_or(InvalidLifetime)?;
        // `u32::from_str` would accept a sign.
        let has_only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| has_only_digits);
        match number {
            Some(number) if (1..=max).contains(&number) => Ok(Self { number, unit }),
            _ => Err(InvalidLifetime),
        }
    }
}

impl Lifetime {
    /// Returns the end of the lifetime, given its start; `None` if `DateTime` can't represent it.
    #[must_use]
    pub fn end(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let number = i64::from(self.number);
        match self.unit {
            'm' => start.checked_add_signed(TimeDelta::try_minutes(number)?),
            'h' => start.checked_add_signed(TimeDelta::try_hours(number)?),
            'd' => start.checked_add_days(Days::new(self.number.into())),
            'w' => start.checked_add_days(Days::new(u64::from(self.number) * 7)),
            _ => start.checked_add_months(Months::new(self.number * 12)),
        }
    }
}

#[cfg(test)]
mod tests;
