//! School grades.

use super::ScoreRule;
use super::cursor::{Cursor, is_one_of};
use super::quantity::Quantity;
use super::scaled_amount::ScaledAmount;
use super::token::{Lexeme, Token};

/// The sign after the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    None,
    Plus,
    Minus,
}

/// Parses `A+`, `B -`, `C-plus` or `D minus`.
pub(super) fn read(lexemes: &[Lexeme]) -> Option<ScaledAmount> {
    let (letter, sign) =
        Cursor::parse_all(lexemes, |cursor| Some((letter(cursor)?, sign(cursor))))?;
    let points = points(letter, sign)?;
    let (amount, scale) = (Quantity::whole(points), Quantity::whole(100));
    Some(ScaledAmount::new(amount, scale, ScoreRule::Letter))
}

/// Returns whether a word is the name of a sign after a grade.
pub(super) fn is_sign(word: &str) -> bool {
    is_one_of(word, &["plus", "minus"])
}

/// Returns the score of a grade, in the customary steps of a twelfth. The scores are listed because
/// A- and D- are rounded down and the others to the nearest. A is the highest grade and F the lowest,
/// so A+ equals A, and F- is not a grade.
const fn points(letter: char, sign: Sign) -> Option<u128> {
    Some(match (letter, sign) {
        ('A', Sign::Plus | Sign::None) => 100,
        ('A', Sign::Minus) => 91,
        ('B', Sign::Plus) => 83,
        ('B', Sign::None) => 75,
        ('B', Sign::Minus) => 67,
        ('C', Sign::Plus) => 58,
        ('C', Sign::None) => 50,
        ('C', Sign::Minus) => 42,
        ('D', Sign::Plus) => 33,
        ('D', Sign::None) => 25,
        ('D', Sign::Minus) => 16,
        ('F', Sign::Plus) => 8,
        ('F', Sign::None) => 0,
        _ => return None,
    })
}

fn letter(cursor: &mut Cursor) -> Option<char> {
    cursor.take(|lexeme| {
        let Token::Word(word) = lexeme.token else {
            return None;
        };
        let mut letters = word.chars();
        let first = letters.next()?.to_ascii_uppercase();
        letters.next().is_none().then_some(first)
    })
}

/// Consumes the sign after the letter, if there is one: `+`, `-`, `plus` or `-minus`.
fn sign(cursor: &mut Cursor) -> Sign {
    let word = cursor.attempt(|cursor| {
        cursor.joining_hyphen();
        let minus = cursor.word(&["minus"]).map(|()| Sign::Minus);
        minus.or_else(|| cursor.word(&["plus"]).map(|()| Sign::Plus))
    });
    let symbol = || {
        cursor.take(|lexeme| match lexeme.token {
            Token::Plus => Some(Sign::Plus),
            Token::Hyphen => Some(Sign::Minus),
            _ => None,
        })
    };
    word.or_else(symbol).unwrap_or(Sign::None)
}
