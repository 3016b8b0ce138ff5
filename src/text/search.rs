//! The folding of text that is searched: names that look alike to a reader are equal, in every script.
//!
//! Folded text has neither case nor accents, and compatible characters are one: "Pelé" is "pele", "ΟΔΟΣ" is "οδος",
//! "ｶﾞ" is "ガ". Marks that distinguish letters remain: "か" is not "が", and the tones of Thai are kept. The database
//! folds in the same way, by its function `fold_search`, and splits into words by `search_words`.

use std::{collections::HashMap, ops::Range};

use foldhash::fast::RandomState;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::folded;

/// The maximum number of characters of a word. The rest is ignored.
pub const MAX_WORD_LENGTH: usize = 64;

/// Returns the folded text, in NFC: Unicode's full case folding of the compatible characters (NFKD), without accents and
/// invisible characters. Letters with a stroke, ligatures, quotes and dashes become plain ones.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let unaccented: String = text.nfkd().filter(|c| !is_accent(*c)).collect();
    let mut plain = String::with_capacity(unaccented.len());
    for character in folded(&unaccented).chars() {
        match plain_form(character) {
            Some(form) => plain.push_str(form),
            None => plain.push(character),
        }
    }
    plain.nfc().collect()
}

/// Returns whether a character is a mark above or below a letter, or a point of Hebrew, Arabic or Syriac.
fn is_accent(character: char) -> bool {
    matches!(canonical_combining_class(character), 10..=36 | 200..)
}

/// Returns what a folded character becomes; `None` if it stays as it is. Invisible characters become nothing.
fn plain_form(character: char) -> Option<&'static str> {
    Some(match character {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ĸ' => "k",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | '‘' | '’' | '‚' | '‛' | '′' => "'",
        '“' | '”' | '„' | '‟' | '″' => "\"",
        '‐'..='―' | '−' => "-",
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => {
            ""
        }
        _ => return None,
    })
}

/// The characters beyond ASCII that separate words of folded text: the punctuation and the symbols of all scripts.
const SEPARATORS: [(char, char); 43] = [
    ('\u{80}', '\u{bf}'),
    ('\u{d7}', '\u{d7}'),
    ('\u{f7}', '\u{f7}'),
    ('\u{2c2}', '\u{2c5}'),
    ('\u{2d2}', '\u{2df}'),
    ('\u{55a}', '\u{55f}'),
    ('\u{589}', '\u{58a}'),
    ('\u{5be}', '\u{5be}'),
    ('\u{5c0}', '\u{5c0}'),
    ('\u{5c3}', '\u{5c3}'),
    ('\u{5f3}', '\u{5f4}'),
    ('\u{60c}', '\u{60d}'),
    ('\u{61b}', '\u{61f}'),
    ('\u{66a}', '\u{66d}'),
    ('\u{6d4}', '\u{6d4}'),
    ('\u{964}', '\u{965}'),
    ('\u{e4f}', '\u{e4f}'),
    ('\u{e5a}', '\u{e5b}'),
    ('\u{f04}', '\u{f14}'),
    ('\u{104a}', '\u{104f}'),
    ('\u{10fb}', '\u{10fb}'),
    ('\u{1360}', '\u{1368}'),
    ('\u{166d}', '\u{166e}'),
    ('\u{16eb}', '\u{16ed}'),
    ('\u{17d4}', '\u{17da}'),
    ('\u{1800}', '\u{180a}'),
    ('\u{2000}', '\u{206f}'),
    ('\u{20a0}', '\u{20cf}'),
    ('\u{2100}', '\u{2bff}'),
    ('\u{2e00}', '\u{2e7f}'),
    ('\u{3000}', '\u{3004}'),
    ('\u{3008}', '\u{3020}'),
    ('\u{3030}', '\u{3030}'),
    ('\u{303d}', '\u{303f}'),
    ('\u{30a0}', '\u{30a0}'),
    ('\u{30fb}', '\u{30fb}'),
    ('\u{fd3e}', '\u{fd3f}'),
    ('\u{fe10}', '\u{fe1f}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff5f}', '\u{ff65}'),
    ('\u{fff9}', '\u{fffd}'),
    ('\u{1f000}', '\u{1faff}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The characters of Chinese and Japanese, which are written without blanks: each is a word.
const IDEOGRAPHS: [(char, char); 6] = [
    ('\u{3005}', '\u{3007}'),
    ('\u{3041}', '\u{309f}'),
    ('\u{30a1}', '\u{30ff}'),
    ('\u{3400}', '\u{9fff}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{20000}', '\u{3ffff}'),
];

fn is_in(ranges: &[(char, char)], character: char) -> bool {
    let index = ranges.partition_point(|(_, last)| *last < character);
    ranges
        .get(index)
        .is_some_and(|(first, _)| *first <= character)
}

/// The kind of a folded character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CharKind {
    /// A part of a word.
    Letter,
    /// A word of its own.
    Ideograph,
    /// An apostrophe, which words don't have: "don't" is "dont".
    Apostrophe,
    /// Something between words.
    Separator,
}

fn kind_of(character: char) -> CharKind {
    match character {
        '\'' => CharKind::Apostrophe,
        'a'..='z' | '0'..='9' => CharKind::Letter,
        '\0'..='\x7f' => CharKind::Separator,
        _ if is_in(&SEPARATORS, character) => CharKind::Separator,
        _ if is_in(&IDEOGRAPHS, character) => CharKind::Ideograph,
        _ => CharKind::Letter,
    }
}

/// Returns the words of folded text, in their order.
#[must_use]
pub fn words(folded: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    let mut end = |word: &mut String, length: &mut usize| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
        *length = 0;
    };
    for character in folded.chars() {
        let kind = kind_of(character);
        match kind {
            CharKind::Apostrophe => {}
            CharKind::Letter => {
                if length < MAX_WORD_LENGTH {
                    word.push(character);
                }
                length += 1;
            }
            CharKind::Ideograph | CharKind::Separator => {
                end(&mut word, &mut length);
                if kind == CharKind::Ideograph {
                    word.push(character);
                    end(&mut word, &mut length);
                }
            }
        }
    }
    end(&mut word, &mut length);
    words
}

/// A part of a text as it is written, with what it is when it is folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The bytes of the text.
    pub range: Range<usize>,
    /// The folded word.
    pub word: String,
}

/// Returns the words of a text with their places. What is between two tokens separates words.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = None;
    // Folding each character by itself takes long, and a text has few different ones.
    let mut kinds = HashMap::with_hasher(RandomState::default());
    for (index, character) in text.char_indices() {
        let kind = *kinds
            .entry(character)
            .or_insert_with(|| written_kind(character));
        match kind {
            CharKind::Letter => {
                start.get_or_insert(index);
            }
            // Within a word it belongs to the word.
            CharKind::Apostrophe => {}
            CharKind::Ideograph | CharKind::Separator => {
                push_token(&mut tokens, text, start.take(), index);
                if kind == CharKind::Ideograph {
                    push_token(&mut tokens, text, Some(index), index + character.len_utf8());
                }
            }
        }
    }
    push_token(&mut tokens, text, start, text.len());
    tokens
}

/// Returns the kind of a character that is not folded yet. It separates words if a part of its folded form does.
fn written_kind(character: char) -> CharKind {
    if character.is_ascii() {
        return kind_of(character.to_ascii_lowercase());
    }
    let folded = fold(character.encode_utf8(&mut [0; 4]));
    let mut kinds = folded.chars().map(kind_of);
    // An accent belongs to the letter before it, as an apostrophe does.
    let first = kinds.next().unwrap_or(CharKind::Apostrophe);
    if kinds.any(|kind| kind == CharKind::Separator) {
        CharKind::Separator
    } else {
        first
    }
}

fn push_token(tokens: &mut Vec<Token>, text: &str, start: Option<usize>, end: usize) {
    let Some(start) = start else {
        return;
    };
    let word = words(&fold(&text[start..end])).concat();
    if !word.is_empty() {
        let range = start..end;
        tokens.push(Token { range, word });
    }
}

#[cfg(test)]
mod tests;
