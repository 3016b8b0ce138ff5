//! The lexer of original scores.

use super::number::Number;
use super::quantity::Quantity;
use super::text::is_whitespace;

/// A token of a score.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    Number(Number),
    /// A fraction character, such as `½`.
    Part(Quantity),
    /// A run of letters.
    Word(&'a str),
    /// An asterisk or a filled star. The character is stored because a score has only one kind.
    Star(char),
    EmptyStar,
    Slash,
    Percent,
    Plus,
    /// A hyphen, a minus sign or an en dash.
    Hyphen,
    /// Two or more dots, or an ellipsis.
    Range,
    Open,
    Close,
    /// A character that no score contains.
    Other,
}

/// A token, and whether it directly follows the previous one, without whitespace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme<'a> {
    pub token: Token<'a>,
    pub is_adjacent: bool,
}

/// Splits a string into tokens.
pub(super) fn lex(text: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::new();
    let mut rest = text;
    loop {
        let start = rest.trim_start_matches(is_whitespace);
        let Some(first) = start.chars().next() else {
            return lexemes;
        };
        let (token, after) = split(start, first);
        lexemes.push(Lexeme {
            token,
            is_adjacent: start.len() == rest.len(),
        });
        rest = after;
    }
}

/// Splits off the first token of `text`, whose first character is `first`.
fn split(text: &str, first: char) -> (Token<'_>, &str) {
    if let Some((number, rest)) = Number::split(text) {
        return (Token::Number(number), rest);
    }
    if first.is_alphabetic() {
        let end = text
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        return (Token::Word(word), rest);
    }
    if text.starts_with("..") {
        return (Token::Range, text.trim_start_matches('.'));
    }
    let rest = text.strip_prefix(first).unwrap_or_default();
    // The variation selector only makes a star an emoji.
    let rest = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
    (sign(first), rest)
}

fn sign(sign: char) -> Token<'static> {
    match sign {
        '½' => Token::Part(Quantity::HALF),
        '¼' => Token::Part(Quantity::part(1, 4)),
        '¾' => Token::Part(Quantity::part(3, 4)),
        '⅓' => Token::Part(Quantity::part(1, 3)),
        '⅔' => Token::Part(Quantity::part(2, 3)),
        '*' | '★' | '⭐' => Token::Star(sign),
        '☆' => Token::EmptyStar,
        '/' | '⁄' | '∕' => Token::Slash,
        '%' => Token::Percent,
        '+' => Token::Plus,
        '-' | '‐' | '‑' | '−' | '–' => Token::Hyphen,
        '…' => Token::Range,
        '(' => Token::Open,
        ')' => Token::Close,
        _ => Token::Other,
    }
}
