//! Booleans.

use super::{Cell, Number, expected};

/// Reads a boolean.
pub(in crate::catalogue) fn flag(cell: &Cell<'_>) -> Result<bool, String> {
    read(cell, &[]).ok_or_else(|| expected("true or false", cell))
}

/// Reads a critic's recommendation. Besides booleans it accepts `fresh` and `rotten`, the words of Rotten Tomatoes.
pub(in crate::catalogue) fn recommendation(cell: &Cell<'_>) -> Result<bool, String> {
    read(cell, &[("fresh", true), ("rotten", false)])
        .ok_or_else(|| expected("true or false, or fresh or rotten", cell))
}

fn read(cell: &Cell<'_>, extra_words: &[(&str, bool)]) -> Option<bool> {
    const WORDS: [(&str, bool); 10] = [
        ("true", true),
        ("false", false),
        ("yes", true),
        ("no", false),
        ("1", true),
        ("0", false),
        ("y", true),
        ("n", false),
        ("t", true),
        ("f", false),
    ];
    match cell {
        Cell::Flag(flag) => Some(*flag),
        Cell::Number(Number::Integer(0) | Number::Unsigned(0)) => Some(false),
        Cell::Number(Number::Integer(1) | Number::Unsigned(1)) => Some(true),
        Cell::Text(text) => {
            let text = text.trim();
            let mut words = WORDS.iter().chain(extra_words);
            let (_, flag) = words.find(|(word, _)| word.eq_ignore_ascii_case(text))?;
            Some(*flag)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
