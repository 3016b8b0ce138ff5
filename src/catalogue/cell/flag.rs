//! Booleans.

use super::{Cell, Number, absent::is_no_value, expected};

/// Reads a boolean; `None` if the cell says in words that there is none.
pub(in crate::catalogue) fn flag(cell: &Cell<'_>) -> Result<Option<bool>, String> {
    read_or_none(cell, &[], "true or false")
}

/// Reads a critic's recommendation; `None` if the cell says in words that there is none. Besides booleans it accepts
/// `fresh` and `rotten`, the words of Rotten Tomatoes.
pub(in crate::catalogue) fn recommendation(cell: &Cell<'_>) -> Result<Option<bool>, String> {
    let extra_words = [("fresh", true), ("rotten", false)];
    read_or_none(cell, &extra_words, "true or false, or fresh or rotten")
}

fn read_or_none(
    cell: &Cell<'_>,
    extra_words: &[(&str, bool)],
    form: &str,
) -> Result<Option<bool>, String> {
    if let Some(flag) = read(cell, extra_words) {
        return Ok(Some(flag));
    }
    match cell {
        Cell::Text(text) if is_no_value(text) => Ok(None),
        _ => Err(expected(form, cell)),
    }
}

fn read(cell: &Cell<'_>, extra_words: &[(&str, bool)]) -> Option<bool> {
    const WORDS: [(&str, bool); 26] = [
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
        ("ja", true),
        ("nein", false),
        ("oui", true),
        ("non", false),
        ("si", true),
        ("sí", true),
        ("SÍ", true),
        ("sì", true),
        ("SÌ", true),
        // Spreadsheet programs write these in the language of the user.
        ("wahr", true),
        ("falsch", false),
        ("vrai", true),
        ("faux", false),
        ("verdadero", true),
        ("vero", true),
        ("falso", false),
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
