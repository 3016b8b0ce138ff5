//! Takes a text apart into what scores are made of.

use super::number::Number;
use super::quantity::Quantity;
use super::text::is_blank;

/// A piece of a score.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    Number(Number),
    /// A sign that is a fraction, such as `½`.
    Part(Quantity),
    /// Letters without anything between them.
    Word(&'a str),
    /// An asterisk or a filled star. The sign is kept because one score has only one kind.
    Star(char),
    EmptyStar,
    Slash,
    Percent,
    Plus,
    /// A hyphen, a minus sign or an en dash.
    Hyphen,
    /// Two dots or more.
    Range,
    Open,
    Close,
    /// What no score has.
    Other,
}

/// A token, and whether it follows the one before without a blank.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme<'a> {
    pub token: Token<'a>,
    pub is_glued: bool,
}

/// All tokens of a text.
pub(super) fn lex(text: &str) -> Vec<Lexeme<'_>> {
    let mut lexemes = Vec::new();
    let mut rest = text;
    loop {
        let start = rest.trim_start_matches(is_blank);
        let Some(first) = start.chars().next() else {
            return lexemes;
        };
        let (token, after) = split(start, first);
        lexemes.push(Lexeme {
            token,
            is_glued: start.len() == rest.len(),
        });
        rest = after;
    }
}

/// Splits the token off that `text`, whose first character is `first`, starts with.
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
    // The variation selector only says that a star is to be drawn as a picture.
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
