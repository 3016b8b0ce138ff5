//! A place among the tokens of a text.

use super::number::Number;
use super::quantity::Quantity;
use super::token::{Lexeme, Token};

/// A place among the tokens of a text. Each method that takes something moves on only if it is
/// there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [Lexeme<'a>],
}

impl<'a> Cursor<'a> {
    /// What `grammar` makes of the whole text; `None` if it leaves something over.
    pub fn read_all<T>(
        lexemes: &'a [Lexeme<'a>],
        grammar: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let mut cursor = Self { rest: lexemes };
        let found = grammar(&mut cursor)?;
        cursor.rest.is_empty().then_some(found)
    }

    /// Takes what `grammar` finds, and nothing if it fails on the way.
    pub fn attempt<T>(&mut self, grammar: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = *self;
        let found = grammar(&mut ahead)?;
        *self = ahead;
        Some(found)
    }

    /// Takes a token for which `pick` returns something.
    pub fn take<T>(&mut self, pick: impl FnOnce(Lexeme<'a>) -> Option<T>) -> Option<T> {
        let (first, rest) = self.rest.split_first()?;
        let found = pick(*first)?;
        self.rest = rest;
        Some(found)
    }

    pub fn number(&mut self) -> Option<Number> {
        self.take(|lexeme| match lexeme.token {
            Token::Number(number) => Some(number),
            _ => None,
        })
    }

    /// Takes a sign that is a fraction.
    pub fn part(&mut self) -> Option<Quantity> {
        self.take(|lexeme| match lexeme.token {
            Token::Part(part) => Some(part),
            _ => None,
        })
    }

    /// Takes one of some lower-case words, in whatever case it is written.
    pub fn word(&mut self, words: &[&str]) -> Option<()> {
        self.take(|lexeme| match lexeme.token {
            Token::Word(word) => is_one_of(word, words).then_some(()),
            _ => None,
        })
    }

    pub fn slash(&mut self) -> Option<()> {
        self.take(|lexeme| matches!(lexeme.token, Token::Slash).then_some(()))
    }

    /// Takes a hyphen that joins what is before to what is after it, without blanks.
    pub fn joint(&mut self) -> Option<()> {
        self.attempt(|cursor| {
            cursor.take(|lexeme| {
                (lexeme.is_glued && matches!(lexeme.token, Token::Hyphen)).then_some(())
            })?;
            cursor.is_glued().then_some(())
        })
    }

    /// Whether a token follows without a blank.
    pub fn is_glued(&self) -> bool {
        self.rest.first().is_some_and(|next| next.is_glued)
    }
}

/// Whether `word` is one of some lower-case words, in whatever case it is written.
pub(super) fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|each| word.eq_ignore_ascii_case(each))
}
