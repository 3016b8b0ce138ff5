//! A cursor over the tokens of a string.

use super::number::Number;
use super::quantity::Quantity;
use super::token::{Lexeme, Token};

/// A cursor over the tokens of a string. Each method that consumes tokens advances only if it
/// succeeds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    remaining: &'a [Lexeme<'a>],
}

impl<'a> Cursor<'a> {
    /// Parses all tokens by `grammar`; `None` if it fails or doesn't consume all of them.
    pub fn parse_all<T>(
        lexemes: &'a [Lexeme<'a>],
        grammar: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut cursor = Self { remaining: lexemes };
        let parsed = grammar(&mut cursor)?;
        cursor.remaining.is_empty().then_some(parsed)
    }

    /// Parses by `grammar`, and consumes nothing if it fails.
    pub fn attempt<T>(&mut self, grammar: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut lookahead = *self;
        let parsed = grammar(&mut lookahead)?;
        *self = lookahead;
        Some(parsed)
    }

    /// Consumes the next token if `pick` returns `Some` for it.
    pub fn take<T>(&mut self, pick: impl FnOnce(Lexeme<'a>) -> Option<T>) -> Option<T> {
        let (first, remaining) = self.remaining.split_first()?;
        let parsed = pick(*first)?;
        self.remaining = remaining;
        Some(parsed)
    }

    pub fn number(&mut self) -> Option<Number> {
        self.take(|lexeme| match lexeme.token {
            Token::Number(number) => Some(number),
            _ => None,
        })
    }

    /// Consumes a fraction character, such as `½`.
    pub fn part(&mut self) -> Option<Quantity> {
        self.take(|lexeme| match lexeme.token {
            Token::Part(part) => Some(part),
            _ => None,
        })
    }

    /// Consumes one of some lower-case words, ignoring case.
    pub fn word(&mut self, words: &[&str]) -> Option<()> {
        self.take(|lexeme| match lexeme.token {
            Token::Word(word) => is_one_of(word, words).then_some(()),
            _ => None,
        })
    }

    pub fn slash(&mut self) -> Option<()> {
        self.take(|lexeme| matches!(lexeme.token, Token::Slash).then_some(()))
    }

    /// Consumes a hyphen without whitespace before and after it.
    pub fn joining_hyphen(&mut self) -> Option<()> {
        self.attempt(|cursor| {
            cursor.take(|lexeme| {
                (lexeme.is_adjacent && matches!(lexeme.token, Token::Hyphen)).then_some(())
            })?;
            cursor.is_adjacent().then_some(())
        })
    }

    /// Returns whether the next token follows without whitespace.
    pub fn is_adjacent(&self) -> bool {
        self.remaining.first().is_some_and(|next| next.is_adjacent)
    }
}

/// Returns whether `word` is one of some lower-case words, ignoring case.
pub(super) fn is_one_of(word: &str, words: &[&str]) -> bool {
    if word.is_ascii() {
        return words
            .iter()
            .any(|candidate| word.eq_ignore_ascii_case(candidate));
    }
    let letters = || word.chars().flat_map(char::to_lowercase);
    words
        .iter()
        .any(|candidate| letters().eq(candidate.chars()))
}
