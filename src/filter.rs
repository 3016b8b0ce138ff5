//! What the filters of several domains share.

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
}

/// A text to look for, as a pattern of PostgreSQL's `ILIKE`: none of its characters means anything but itself.
#[must_use]
pub fn contains_pattern(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(contains_pattern(r"50%_\"), r"%50\%\_\\%");
    }
}
