//! Scales that don't start at zero.

use super::cursor::is_one_of;
use super::scale::Link;
use super::token::{Lexeme, Token};

/// The words between the two ends of a scale: in English, German, French, Spanish and Portuguese, Dutch, and Russian.
pub(super) const RANGE_WORDS: [&str; 6] = ["to", "bis", "à", "a", "tot", "до"];

/// Returns whether the string contains a signed number, or a range as its scale that doesn't start at
/// zero.
///
/// Any signed number suffices: even a bare `+2` may be on a scale from -4 to +4.
pub(super) fn is_not_from_zero(lexemes: &[Lexeme]) -> bool {
    starts_with_sign(lexemes)
        || lexemes.windows(3).any(has_sign_after)
        || lexemes.windows(4).any(is_range_as_scale)
}

/// Returns whether the first token is the sign of a number.
fn starts_with_sign(lexemes: &[Lexeme]) -> bool {
    matches!(lexemes, [sign, number, ..] if is_signed(sign, number))
}

/// Returns whether the second token is the sign of a number. A hyphen or plus that directly follows
/// another token is not a sign: `1-5`, `B-3`.
fn has_sign_after(lexemes: &[Lexeme]) -> bool {
    let [previous, sign, number] = lexemes else {
        return false;
    };
    let is_attached = sign.is_adjacent
        && matches!(
            previous.token,
            Token::Number(_)
                | Token::Part(_)
                | Token::Word(_)
                | Token::Star(_)
                | Token::EmptyStar
                | Token::Percent
                | Token::Close
        );
    !is_attached && is_signed(sign, number)
}

fn is_signed(sign: &Lexeme, number: &Lexeme) -> bool {
    matches!(sign.token, Token::Plus | Token::Hyphen)
        && number.is_adjacent
        && matches!(number.token, Token::Number(_) | Token::Part(_))
}

/// Returns whether the tokens are a scale such as `of 1-5`, `of 1..5` or `of 1 to 5`.
fn is_range_as_scale(lexemes: &[Lexeme]) -> bool {
    let [link, minimum, separator, maximum] = lexemes else {
        return false;
    };
    let (Token::Word(link), Token::Number(minimum)) = (link.token, minimum.token) else {
        return false;
    };
    let is_range = match separator.token {
        Token::Range | Token::Hyphen => true,
        Token::Word(word) => is_one_of(word, &RANGE_WORDS),
        _ => false,
    };
    Link::is_of(link)
        && is_range
        && !minimum.value.is(0)
        && matches!(maximum.token, Token::Number(_))
}
