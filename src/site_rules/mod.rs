//! The rules of the site: how scores are computed, and how reviews are read. They are one row of the database.
//!
//! A request takes the current rules once, before its first read, and computes everything by them. What the database
//! computes by its own rules, the stored scores of films, is read together with the generation of these rules. If they
//! differ, the read fails, and the request is executed again.

pub mod current;
pub mod draft;
pub mod file;
pub mod store;
pub mod worker;

use std::{collections::BTreeMap, num::NonZeroU16};

use chrono::NaiveDate;

use crate::{
    score::{Policy, PolicyDraft},
    translations::{SharedTranslations, Translations},
};

/// The rules of the site.
#[derive(Clone, Debug)]
pub struct SiteRules {
    /// The number of the version of these rules. Each change increments it.
    pub generation: i64,
    /// The policy by which scores are computed.
    pub policy: Policy,
    /// How scores and dates are read that don't state their scale or order.
    pub reading: ReadingRules,
    /// Whether a critic may have a review of a film for each publication, not only one.
    pub more_reviews_per_critic: bool,
    /// The texts of labels, by locale.
    pub messages: BTreeMap<String, String>,
    /// The languages of labels: the built-in ones with `messages`.
    pub translations: SharedTranslations,
}

impl PartialEq for SiteRules {
    /// Compares all but the languages, which follow from the texts.
    fn eq(&self, other: &Self) -> bool {
        let parts = |rules: &Self| {
            let more_reviews = rules.more_reviews_per_critic;
            (rules.scoring(), rules.reading, more_reviews)
        };
        parts(self) == parts(other) && self.messages == other.messages
    }
}

impl Eq for SiteRules {}

/// How scores and dates are read that don't state their scale or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingRules {
    /// The maximum number of stars.
    pub stars_out_of: NonZeroU16,
    /// The maximum of bare numbers; `None` if they are not read.
    pub bare_scores_out_of: Option<NonZeroU16>,
    /// The order in dates of digits, such as 3/4/2024; `None` if they are not read.
    pub date_order: Option<DateOrder>,
}

/// The order of the day and the month in a date of digits that ends with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// The day, then the month.
    DayMonthYear,
    /// The month, then the day.
    MonthDayYear,
}

/// The policy of scores that a statement or a key depends on, with the generation of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoringRules {
    /// The generation of the rules.
    pub generation: i64,
    /// The policy.
    pub policy: Policy,
}

impl SiteRules {
    /// Returns a copy whose reference counts are its own.
    #[must_use]
    fn unshared(&self) -> Self {
        Self {
            translations: self.translations.unshared(),
            ..self.clone()
        }
    }

    /// Returns the policy with the generation of the rules.
    #[must_use]
    pub fn scoring(&self) -> ScoringRules {
        ScoringRules {
            generation: self.generation,
            policy: self.policy,
        }
    }

    /// Returns the draft of the policy, of which a client may replace fields.
    #[must_use]
    pub fn policy_draft(&self) -> PolicyDraft {
        self.policy.draft()
    }
}

impl Default for SiteRules {
    /// Returns the rules of a new site.
    fn default() -> Self {
        Self {
            generation: 1,
            policy: Policy::default(),
            reading: ReadingRules::default(),
            more_reviews_per_critic: false,
            messages: BTreeMap::new(),
            translations: Translations::builtin().into(),
        }
    }
}

impl Default for ReadingRules {
    /// Returns rules that read neither bare numbers nor dates of digits, and with 4 stars, as usual in the American press.
    fn default() -> Self {
        Self {
            stars_out_of: NonZeroU16::MIN.saturating_add(3),
            bare_scores_out_of: None,
            date_order: None,
        }
    }
}

impl DateOrder {
    /// All orders.
    pub const ALL: [Self; 2] = [Self::DayMonthYear, Self::MonthDayYear];

    /// Returns the name in the database and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayMonthYear => "dmy",
            Self::MonthDayYear => "mdy",
        }
    }

    /// Reads a date of digits that ends with the year, such as `3/4/2024`, `03.04.2024` or `3-4-2024`. The year has four
    /// digits. `None` for any other text, and for a day that doesn't exist.
    #[must_use]
    pub fn read(self, text: &str) -> Option<NaiveDate> {
        let separator = text.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
        let mut parts = text.split(separator);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let number = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
            let is_number =
                lengths.contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten()
        };
        let (first, second) = (number(first, 1..=2)?, number(second, 1..=2)?);
        let year = number(year, 4..=4).filter(|year| *year > 0 && parts.next().is_none())?;
        let (day, month) = match self {
            Self::DayMonthYear => (first, second),
            Self::MonthDayYear => (second, first),
        };
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
    }

    /// Returns the order with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

#[cfg(test)]
mod tests;
