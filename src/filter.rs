//! Types that the filters of several domains share.

use chrono::NaiveDate;

use crate::text::search::fold;

/// A range of integers, both ends included. An end of `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IntRange {
    /// The lowest number.
    pub from: Option<i32>,
    /// The highest number.
    pub to: Option<i32>,
}

impl IntRange {
    /// Returns whether the range has at least one end.
    #[must_use]
    pub const fn is_given(self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Returns whether the range contains a number. A missing number is only in a range without ends.
    #[must_use]
    pub fn contains(self, number: Option<i32>) -> bool {
        match number {
            None => !self.is_given(),
            Some(number) => {
                self.from.is_none_or(|from| from <= number) && self.to.is_none_or(|to| number <= to)
            }
        }
    }

    /// Returns whether the range contains no number from `min` to `max`.
    #[must_use]
    pub fn excludes_all(self, min: i32, max: i32) -> bool {
        let from = self.from.unwrap_or(min).max(min);
        let to = self.to.unwrap_or(max).min(max);
        from > to
    }
}

/// A range of days, both ends included. An end of `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateRange {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// Returns whether the range has at least one end.
    #[must_use]
    pub const fn is_given(self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Returns whether the range contains a day. A missing day is only in a range without ends.
    #[must_use]
    pub fn contains(self, day: Option<NaiveDate>) -> bool {
        match day {
            None => !self.is_given(),
            Some(day) => {
                self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
            }
        }
    }

    /// Returns whether the range contains no day.
    #[must_use]
    pub fn excludes_all(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from > to)
    }
}

/// A search string for titles or names, folded as searches compare them: without case and accents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Substring {
    folded: String,
    /// Whether folding has left nothing of the string.
    is_unfoldable: bool,
}

impl Substring {
    /// Creates a search string. It has no white space around it, as stored strings.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let folded = fold(text).trim().to_owned();
        Self {
            is_unfoldable: folded.is_empty() && !text.is_empty(),
            folded,
        }
    }

    /// Returns whether no stored title or name counts as containing the string: none has a control character, and a string
    /// of marks alone, of which folding leaves nothing, would be contained in all.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        self.is_unfoldable || self.folded.contains(char::is_control)
    }

    /// Returns the folded string.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Returns the pattern for PostgreSQL's `LIKE`, with wildcards escaped.
    #[must_use]
    pub fn pattern(&self) -> String {
        let text = &self.folded;
        let mut pattern = String::with_capacity(text.len() + 2);
        pattern.push('%');
        for character in text.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push('%');
        pattern
    }
}

#[cfg(test)]
mod tests;
