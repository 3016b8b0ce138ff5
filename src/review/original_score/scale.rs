//! Stated scales, after `/`, `of` or `out of`, also in other languages.

use super::amount::{self, Amount, Form};
use super::cursor::{Cursor, is_one_of};
use super::token::Token;

/// The words for "of": in English, German, French, Spanish and Portuguese, Italian, and Russian.
const OF: [&str; 7] = ["of", "von", "sur", "de", "sobre", "su", "из"];

/// The words for stars, in the languages of [`OF`] and in Dutch.
const STARS: [&str; 26] = [
    "star",
    "stars",
    "stern",
    "sterne",
    "sternen",
    "étoile",
    "étoiles",
    "etoile",
    "etoiles",
    "estrella",
    "estrellas",
    "estrela",
    "estrelas",
    "stella",
    "stelle",
    "ster",
    "sterren",
    "звезда",
    "звезды",
    "звёзды",
    "звезд",
    "звёзд",
    "звезду",
    "звездой",
    "звездами",
    "звёздами",
];

/// The link between an amount and its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Slash,
    Of,
    OutOf,
}

impl Link {
    pub fn take(cursor: &mut Cursor) -> Option<Self> {
        if cursor.slash().is_some() {
            Some(Self::Slash)
        } else {
            Self::in_words(cursor)
        }
    }

    fn in_words(cursor: &mut Cursor) -> Option<Self> {
        cursor.attempt(|cursor| {
            if cursor.word(&["out"]).is_some() {
                cursor.word(&["of"])?;
                return Some(Self::OutOf);
            }
            // In Dutch: `4 van 5`, `4 van de 5`.
            if cursor.word(&["van"]).is_some() {
                cursor.word(&["de"]);
                return Some(Self::Of);
            }
            cursor.word(&OF)?;
            Some(Self::Of)
        })
    }

    /// Returns whether a word is such a link by itself.
    pub fn is_of(word: &str) -> bool {
        is_one_of(word, &OF) || is_one_of(word, &["van"])
    }

    /// Returns whether the link may follow an amount. `½ of 4` is ambiguous: it may be half of four.
    pub fn can_follow(self, amount: &Amount) -> bool {
        !(self == Self::Of && amount.form == Form::Part)
    }
}

/// A scale that the string states.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatedScale {
    pub link: Link,
    pub scale: Amount,
    /// Whether the word or sign for stars follows the scale.
    pub is_in_stars: bool,
}

impl StatedScale {
    /// Consumes a scale, which may be in brackets if its link is a word: `/5`, `out of 5 stars`,
    /// `(out of 4)`.
    pub fn take(cursor: &mut Cursor) -> Option<Self> {
        cursor
            .attempt(|cursor| {
                let link = Link::take(cursor)?;
                Self::after(link, cursor)
            })
            .or_else(|| cursor.attempt(Self::in_brackets))
    }

    fn in_brackets(cursor: &mut Cursor) -> Option<Self> {
        cursor.take(|lexeme| matches!(lexeme.token, Token::Open).then_some(()))?;
        let link = Link::in_words(cursor)?;
        let stated = Self::after(link, cursor)?;
        cursor.take(|lexeme| matches!(lexeme.token, Token::Close).then_some(stated))
    }

    fn after(link: Link, cursor: &mut Cursor) -> Option<Self> {
        let scale = amount::single(cursor)?;
        let is_in_stars = star(cursor).is_some();
        Some(Self {
            link,
            scale,
            is_in_stars,
        })
    }
}

/// Consumes the word or a character for stars, with or without a hyphen before it.
pub(super) fn star(cursor: &mut Cursor) -> Option<()> {
    cursor.attempt(|cursor| {
        cursor.joining_hyphen();
        cursor.take(|lexeme| match lexeme.token {
            Token::Star(_) => Some(()),
            Token::Word(word) => is_one_of(word, &STARS).then_some(()),
            _ => None,
        })
    })
}
