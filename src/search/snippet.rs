//! The parts of a name or an excerpt that match.

use super::{SearchText, ranking::Ranking};
use crate::text::search::{Token, fold, tokens};

/// The number of characters of an excerpt that are shown, if it is longer.
const MAX_LENGTH: usize = 200;

/// The number of characters before the first match that are shown.
const LEAD: usize = 60;

/// The number of bytes of the longest word of which a part is highlighted. Of a longer one all is.
const MAX_WORD_BYTES: usize = 256;

/// What stands for the rest of an excerpt.
const ELLIPSIS: &str = "…";

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The part, as it is written.
    pub text: String,
    /// Whether it matches.
    pub is_match: bool,
}

/// Returns the parts of a name that match, also with typing errors. Together they are the name.
#[must_use]
pub fn of_name(name: &str, text: &SearchText) -> Vec<Segment> {
    let ranking = Ranking::new(text.words());
    segments(name, &tokens(name), |word| ranking.matched_length(word))
}

/// Returns the parts of an excerpt that match. Of a long excerpt it is the part around the first match.
#[must_use]
pub fn of_excerpt(excerpt: &str, text: &SearchText) -> Vec<Segment> {
    let Some((last, complete)) = text.words().split_last() else {
        return Vec::new();
    };
    let matched_length = |word: &str| {
        if complete.iter().any(|other| other == word) {
            Some(word.chars().count())
        } else {
            word.starts_with(last.as_str())
                .then(|| last.chars().count())
        }
    };
    let tokens = tokens(excerpt);
    let first = tokens
        .iter()
        .find(|token| matched_length(&token.word).is_some());
    let (start, end) = window(excerpt, &tokens, first.map_or(0, |token| token.range.start));
    let shown: Vec<Token> = tokens
        .into_iter()
        .filter(|token| start <= token.range.start && token.range.end <= end)
        .map(|token| Token {
            range: token.range.start - start..token.range.end - start,
            ..token
        })
        .collect();
    let mut segments = segments(&excerpt[start..end], &shown, matched_length);
    let ellipsis = || Segment {
        text: ELLIPSIS.to_owned(),
        is_match: false,
    };
    if start > 0 {
        segments.insert(0, ellipsis());
    }
    if end < excerpt.len() {
        segments.push(ellipsis());
    }
    segments
}

/// Returns the bytes of an excerpt that are shown: from the beginning of a word to the end of one, if it is long.
fn window(excerpt: &str, tokens: &[Token], first_match: usize) -> (usize, usize) {
    if excerpt.chars().nth(MAX_LENGTH).is_none() {
        return (0, excerpt.len());
    }
    let lead = excerpt[..first_match].char_indices().rev().nth(LEAD);
    let start = lead.map_or(0, |(lead, _)| {
        let mut starts = tokens.iter().map(|token| token.range.start);
        starts
            .find(|start| *start >= lead)
            .unwrap_or(first_match)
            .min(first_match)
    });
    let limit = excerpt[start..].char_indices().nth(MAX_LENGTH);
    let end = limit.map_or(excerpt.len(), |(limit, _)| {
        let limit = start + limit;
        let mut ends = tokens.iter().rev().map(|token| token.range.end);
        ends.find(|end| *end <= limit)
            .filter(|end| *end > first_match)
            .unwrap_or(limit)
    });
    (start, end)
}

/// Splits a text by what matches of its words: this number of characters of the folded word, from its beginning.
fn segments(
    text: &str,
    tokens: &[Token],
    matched_length: impl Fn(&str) -> Option<usize>,
) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut shown = 0;
    let mut push = |part: &str, is_match| {
        if !part.is_empty() {
            let text = part.to_owned();
            segments.push(Segment { text, is_match });
        }
    };
    for token in tokens {
        let Some(length) = matched_length(&token.word) else {
            continue;
        };
        let start = token.range.start;
        push(&text[shown..start], false);
        shown = start + written_length(&text[token.range.clone()], length);
        push(&text[start..shown], true);
    }
    push(&text[shown..], false);
    segments
}

/// Returns the number of bytes of a word that are this number of characters when they are folded.
fn written_length(word: &str, folded_length: usize) -> usize {
    if word.len() > MAX_WORD_BYTES {
        return word.len();
    }
    let length_of = |end: usize| fold(&word[..end]).chars().filter(|c| *c != '\'').count();
    let ends = word.char_indices().map(|(index, _)| index).skip(1);
    let mut ends = ends.chain([word.len()]).peekable();
    while let Some(end) = ends.next() {
        // A combining accent belongs to the letter before it.
        let is_followed_by_accent = ends
            .peek()
            .is_some_and(|next| length_of(*next) == length_of(end));
        if length_of(end) >= folded_length && !is_followed_by_accent {
            return end;
        }
    }
    word.len()
}

#[cfg(test)]
mod tests;
