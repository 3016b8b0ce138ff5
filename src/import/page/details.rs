//! What stands before the excerpt of a review: its score, its byline and its day, alone on a line
//! or together.

use chrono::NaiveDate;

use crate::score::Points;

use super::{
    byline::{self, Byline},
    date,
    error::Problem,
};

const EXPECTED_SCORE: &str = "a score, a whole number from 0 to 100";
/// The most characters of a byline. What is longer is a text that has lost its line break.
const LONGEST_BYLINE: usize = 300;
const EXPECTED_BYLINE: &str = "a byline of at most 300 characters";
/// What pages write where a score is still missing.
const PLACEHOLDERS: [&str; 3] = ["tbd", "tba", "n/a"];

/// The details of one review as far as they have been read.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub byline: Option<Byline>,
    pub score: Option<Points>,
    pub reviewed_on: Option<NaiveDate>,
}

impl Details {
    /// Reads a text that consists of details; `None` if it does not look like that.
    ///
    /// A text looks like details if it is a byline, a date, or nothing, with or without something
    /// that stands for a score before it.
    pub fn read(text: &str) -> Option<Result<Self, Problem>> {
        Self::read_unscored(text).or_else(|| Self::read_scored(text))
    }

    fn read_unscored(text: &str) -> Option<Result<Self, Problem>> {
        if text.is_empty() {
            return Some(Ok(Self::default()));
        }
        if let Some(byline) = byline::after_keyword(text) {
            if byline.chars().count() > LONGEST_BYLINE {
                return Some(Err(Problem::unexpected(EXPECTED_BYLINE, byline)));
            }
            return Some(Ok(Self {
                byline: Byline::new(byline),
                ..Self::default()
            }));
        }
        let date = date::read(text)?;
        Some(date.map(|date| Self {
            reviewed_on: Some(date),
            ..Self::default()
        }))
    }

    fn read_scored(text: &str) -> Option<Result<Self, Problem>> {
        let (mark, rest) = text.split_once(' ').unwrap_or((text, ""));
        if !looks_like_a_score(mark) {
            return None;
        }
        let details = Self::read_unscored(rest)?;
        Some(score(mark).and_then(|score| {
            Ok(Self {
                score: Some(score),
                ..details?
            })
        }))
    }

    /// Takes over the details of a further line; none may come twice.
    pub fn add(&mut self, more: Self) -> Result<(), Problem> {
        fill(&mut self.byline, more.byline, "byline")?;
        fill(&mut self.score, more.score, "score")?;
        fill(&mut self.reviewed_on, more.reviewed_on, "date")
    }
}

/// Fills a slot that must be empty, unless there is nothing to fill it with.
fn fill<T>(slot: &mut Option<T>, value: Option<T>, name: &'static str) -> Result<(), Problem> {
    if value.is_none() {
        return Ok(());
    }
    if slot.is_some() {
        return Err(Problem::RepeatedDetail(name));
    }
    *slot = value;
    Ok(())
}

/// Whether a word stands for a score, rightly or wrongly: a number of any kind, a letter grade, or
/// a placeholder.
fn looks_like_a_score(word: &str) -> bool {
    is_numeric(word)
        || is_grade(word)
        || PLACEHOLDERS
            .iter()
            .any(|placeholder| word.eq_ignore_ascii_case(placeholder))
}

/// Digits with the signs that numbers, fractions and percentages are written with.
fn is_numeric(word: &str) -> bool {
    let is_sign = |c| matches!(c, '+' | '-' | '–' | '\u{2212}' | '.' | ',' | '/' | '%');
    word.contains(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || is_sign(c))
}

/// A letter, with a plus or a minus if need be.
fn is_grade(word: &str) -> bool {
    let letter = word
        .strip_suffix(['+', '-', '–', '\u{2212}'])
        .unwrap_or(word);
    matches!(letter, "A" | "B" | "C" | "D" | "E" | "F")
}

/// The score that a word is. Leading zeros are refused, since scores are not written so.
fn score(word: &str) -> Result<Points, Problem> {
    let is_plain =
        word.bytes().all(|byte| byte.is_ascii_digit()) && (word == "0" || !word.starts_with('0'));
    let points = if is_plain {
        word.parse::<i64>().ok().and_then(Points::new)
    } else {
        None
    };
    points.ok_or_else(|| Problem::unexpected(EXPECTED_SCORE, word))
}
