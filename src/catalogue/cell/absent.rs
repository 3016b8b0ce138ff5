//! Words that stand for no value.

/// The words and marks that files have in a column without a value.
const WORDS: [&str; 12] = [
    "none", "null", "nil", "nan", "n/a", "na", "n.a.", "tbd", "unknown", "-", "–", "—",
];

/// Returns whether a cell says that there is no value: it is blank, or has a word such as `n/a`, `none` or `tbd`.
#[must_use]
pub fn is_no_value(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_no_value_are_known_in_any_case() {
        for text in ["", " ", "none", "N/A", "-", "—", "tbd", " NaN "] {
            assert!(is_no_value(text), "{text:?}");
        }
        for text in ["0", "no", "--", "Nona", "n/a."] {
            assert!(!is_no_value(text), "{text:?}");
        }
    }
}
