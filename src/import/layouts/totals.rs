//! The row at the end of a table that has the totals or the means of the others.

use super::mapping::Mapping;
use crate::{catalogue::Column, text::folded};

/// The words that begin such a row, in English, German, French, Spanish and Portuguese, Italian, Dutch, and Russian.
const WORDS: [&str; 33] = [
    "total",
    "totals",
    "grand total",
    "sum",
    "average",
    "averages",
    "avg",
    "mean",
    "median",
    "average rating",
    "average score",
    "gesamt",
    "summe",
    "durchschnitt",
    "mittelwert",
    "schnitt",
    "insgesamt",
    "ø",
    "moyenne",
    "somme",
    "promedio",
    "media",
    "suma",
    "média",
    "soma",
    "totale",
    "somma",
    "totaal",
    "gemiddelde",
    "итого",
    "всего",
    "среднее",
    "сумма",
];

/// The years that a film may have.
const YEARS: std::ops::RangeInclusive<i16> = 1870..=2200;

/// Returns the word of a row that may have the totals of the rows above it: its only other cells are numbers, of which none
/// is the year of a film.
pub(super) fn word<'r>(mapping: &Mapping, row: &[&'r str]) -> Option<&'r str> {
    if mapping.has_kinds() {
        return None;
    }
    let filled = row
        .iter()
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty());
    let (numbers, mut others): (Vec<&str>, Vec<&str>) = filled.partition(|cell| is_number(cell));
    let word = others
        .pop()
        .filter(|_| others.is_empty() && !numbers.is_empty())?;
    let year = mapping
        .index_of(Column::FilmYear)
        .and_then(|index| row.get(index));
    let is_film =
        year.is_some_and(|year| year.trim().parse().is_ok_and(|year| YEARS.contains(&year)));
    let is_word = || {
        let folded = folded(word.trim_end_matches([':', ' ']));
        WORDS.contains(&folded.as_str())
    };
    (!is_film && is_word()).then_some(word)
}

/// Returns whether a text is a number, a percentage or a fraction.
fn is_number(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,%/+-".contains(c);
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(is_part)
        && text.matches('/').count() < 2
        && text.matches('-').count() < 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_a_percentage_or_a_fraction_but_no_day() {
        for text in ["7", "7.25", "1,234", "75 %", "3.8/5", "-1"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "-", "3/4/2021", "2021-03-04", "7 stars"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn the_words_are_folded() {
        for word in WORDS {
            assert_eq!(folded(word), word);
        }
    }
}
