//! Scales in the names of columns: `Stars (out of 5)`, `Score /10`, `Note sur 20`, `Rating (1-10)`.

use std::num::NonZeroU16;

use super::amount::{self, Form};
use super::cursor::Cursor;
use super::quantity::Quantity;
use super::scale::StatedScale;
use super::signed::RANGE_WORDS;
use super::token::{self, Token};

/// The brackets around the scale in a name.
const BRACKETS: [(char, char); 2] = [('(', ')'), ('[', ']')];

/// The largest scale. A larger number is a year, or of something else.
const MAX_SCALE: u16 = 1_000;

/// The number of characters of the longest scale. A name may be as long as its file, and each end of it is parsed.
const MAX_LENGTH: usize = 40;

/// Returns the name of a column without the scale that it states, and the scale. A scale from 1, as in
/// `Rating (1-10)`, is one of that maximum, because that is how its grades are written out: `7/10`.
#[must_use]
pub fn scale_of_name(name: &str) -> Option<(&str, NonZeroU16)> {
    let name = name.trim();
    for (open, close) in BRACKETS {
        if let Some(rest) = name.strip_suffix(close) {
            let (name, scale) = rest.rsplit_once(open)?;
            return Some((name.trim_end(), maximum(scale)?));
        }
    }
    let starts = name.char_indices().skip(1);
    let passed = name.chars().count().saturating_sub(MAX_LENGTH + 1);
    // The longest end that states a scale: `out of 5`, not `of 5`.
    starts
        .skip(passed)
        .filter_map(|(start, _)| name.split_at_checked(start))
        .filter(|(name, scale)| is_boundary(name, scale))
        .find_map(|(name, scale)| Some((name.trim_end(), maximum(scale)?)))
}

/// Returns whether no word goes on from one text to the next.
fn is_boundary(name: &str, scale: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric();
    let is_word = name.ends_with(is_part) && scale.starts_with(is_part);
    !is_word && !name.ends_with(['.', ',', '-'])
}

/// Returns the scale that a text states, all of it.
fn maximum(text: &str) -> Option<NonZeroU16> {
    let lexemes = token::lex(text);
    let scale = Cursor::parse_all(&lexemes, |cursor| {
        let stated = cursor.attempt(|cursor| {
            let stated = StatedScale::take(cursor)?.scale;
            let is_plain = stated.form == Form::Plain && !stated.is_spelled;
            is_plain.then_some(stated.value)
        });
        stated
            .or_else(|| cursor.attempt(range))
            .or_else(|| cursor.attempt(after_max))
    })?;
    let scale = scale
        .to_whole()
        .filter(|scale| (2..=MAX_SCALE).contains(scale))?;
    NonZeroU16::new(scale)
}

/// Consumes a range from 0 or 1, and returns its maximum: `1-10`, `0 to 100`.
fn range(cursor: &mut Cursor) -> Option<Quantity> {
    let minimum = plain_number(cursor)?;
    if !minimum.is(0) && !minimum.is(1) {
        return None;
    }
    cursor
        .take(|lexeme| match lexeme.token {
            Token::Hyphen | Token::Range => Some(()),
            _ => None,
        })
        .or_else(|| cursor.word(&RANGE_WORDS))?;
    plain_number(cursor)
}

/// Consumes `max 10` or `max. 10`.
fn after_max(cursor: &mut Cursor) -> Option<Quantity> {
    cursor.word(&["max", "maximum"])?;
    cursor.take(|lexeme| matches!(lexeme.token, Token::Other).then_some(()));
    plain_number(cursor)
}

fn plain_number(cursor: &mut Cursor) -> Option<Quantity> {
    let number = amount::single(cursor)?;
    (number.form == Form::Plain && !number.is_spelled).then_some(number.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_column_may_state_the_scale_of_its_grades() {
        for (text, name, scale) in [
            ("Stars (out of 5)", "Stars", 5),
            ("Score /10", "Score", 10),
            ("Score/10", "Score", 10),
            ("Note sur 20", "Note", 20),
            ("Nota (sobre 10)", "Nota", 10),
            ("Rating (1-10)", "Rating", 10),
            ("Rating [0 – 100]", "Rating", 100),
            ("Bewertung (von 10)", "Bewertung", 10),
            ("Bewertung 1 bis 10", "Bewertung", 10),
            ("Rating out of 5 stars", "Rating", 5),
            ("Оценка (из 10)", "Оценка", 10),
            ("Grade (max. 20)", "Grade", 20),
        ] {
            let scale = NonZeroU16::new(scale).expect("not zero");
            assert_eq!(scale_of_name(text), Some((name, scale)), "{text:?}");
        }
    }

    #[test]
    fn other_names_with_a_number_state_no_scale() {
        for text in [
            "",
            "Rating",
            "Rating (5)",
            "Rating 2",
            "Rating#2",
            "Score of 2019",
            "Proof 5",
            "Score (-4 to 4)",
            "Score (3-7)",
            "Score (/0)",
            "Rating (stars)",
            "column_10",
            "/10",
            "Score /10)",
        ] {
            assert_eq!(scale_of_name(text), None, "{text:?}");
        }
    }
    /// A name may be as long as its file.
    #[test]
    fn the_end_of_a_long_name_is_read() {
        let name = "(".repeat(450_000);
        assert_eq!(scale_of_name(&name), None);
        let scored = format!("{name} out of 5");
        let scale = NonZeroU16::new(5).unwrap();
        assert_eq!(scale_of_name(&scored), Some((&*name, scale)));
    }
}
