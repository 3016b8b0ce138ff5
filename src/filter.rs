//! What the filters of several domains share.

use crate::text;

/// Whole numbers from one to another, both included. An end that isn't given is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IntRange {
    /// The least.
    pub from: Option<i32>,
    /// The greatest.
    pub to: Option<i32>,
}

impl IntRange {
    /// Whether either end is given.
    #[must_use]
    pub const fn is_given(self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Whether no number from `least` to `greatest` is in the range.
    #[must_use]
    pub fn excludes_all(self, least: i32, greatest: i32) -> bool {
        let from = self.from.unwrap_or(least).max(least);
        let to = self.to.unwrap_or(greatest).min(greatest);
        from > to
    }
}

/// A text to look for within titles or names, in any case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Substring(String);

impl Substring {
    /// The text in the normal form of stored texts, so that "é" is found however it is written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text::normalised(text).into_owned())
    }

    /// Whether no stored title or name can contain it: none has a control character.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        self.0.contains(char::is_control)
    }

    /// As a pattern of PostgreSQL's `LIKE`: none of its characters means anything but itself.
    #[must_use]
    pub fn pattern(&self) -> String {
        let text = &self.0;
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
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(Substring::new(r"50%_\").pattern(), r"%50\%\_\\%");
    }

    #[test]
    fn a_text_in_pieces_is_the_same_text() {
        assert_eq!(Substring::new("Cafe\u{301}"), Substring::new("Caf\u{e9}"));
    }

    #[test]
    fn what_no_title_has_is_known_without_looking() {
        assert!(Substring::new("a\tb").excludes_all());
        assert!(!Substring::new("").excludes_all());
    }

    #[test]
    fn a_range_without_a_number_is_known_without_looking() {
        let range = |from, to| IntRange { from, to };
        for (range, expected) in [
            (range(None, None), false),
            (range(Some(60), Some(60)), false),
            (range(Some(61), Some(60)), true),
            (range(Some(101), None), true),
            (range(None, Some(-1)), true),
            (range(Some(-5), Some(200)), false),
        ] {
            assert_eq!(range.excludes_all(0, 100), expected, "{range:?}");
        }
    }
}
