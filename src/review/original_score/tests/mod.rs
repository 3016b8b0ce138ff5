//! Tests of the accepted and rejected strings of each form, and property tests.

mod fractions;
mod letters;
mod numbers;
mod properties;
mod star_characters;
mod stars;
mod unread_reason;
mod words;

use std::num::NonZeroU16;

use super::{DefaultScales, UnreadReason, read};
use crate::review::ScoreRule;

/// Returns scales for bare numbers and stars.
fn scales(bare: Option<u16>, stars: u16) -> DefaultScales {
    DefaultScales {
        bare: bare.map(|bare| NonZeroU16::new(bare).expect("not zero")),
        stars: NonZeroU16::new(stars).expect("not zero"),
    }
}

/// Parses a string, and returns the rule and the score as a tuple.
fn parse(text: &str, scales: DefaultScales) -> Result<(ScoreRule, u8), UnreadReason> {
    read(text, &scales).map(|reading| (reading.rule, reading.score.get()))
}

/// Asserts that each string is parsed by `rule` as the score in its tuple.
fn assert_read(rule: ScoreRule, scales: DefaultScales, cases: &[(&str, u8)]) {
    for (text, score) in cases {
        assert_eq!(parse(text, scales), Ok((rule, *score)), "{text:?}");
    }
}

/// Asserts that each string is rejected for `reason`.
fn assert_unread(reason: UnreadReason, scales: DefaultScales, texts: &[&str]) {
    for text in texts {
        assert_eq!(parse(text, scales), Err(reason), "{text:?}");
    }
}
