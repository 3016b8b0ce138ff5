//! The details before the excerpt of a review: its score, its byline and its day, on one line or on
//! separate lines.

use chrono::NaiveDate;

use crate::{score::Points, site_rules::DateOrder};

use super::{
    byline::{self, Byline},
    date,
    error::Problem,
};

const EXPECTED_SCORE: &str = "a score, a whole number from 0 to 100";
/// The maximum number of characters of a byline. A longer text has lost its line break.
const MAX_BYLINE_LENGTH: usize = 300;
const EXPECTED_BYLINE: &str = "a byline of at most 300 characters";
/// The words that pages write instead of a missing score.
const PLACEHOLDERS: [&str; 3] = ["tbd", "tba", "n/a"];

/// The details of one review that have been parsed so far.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub byline: Option<Byline>,
    pub score: Option<Points>,
    pub reviewed_on: Option<NaiveDate>,
    /// Whether the score may change or disappear once the errors are corrected.
    pub has_doubtful_score: bool,
    /// The details that are present, except on lines with a repeated one.
    present: PresentDetails,
    /// The details that are present from the last line with a repeated one on; `None` if there is
    /// no such line.
    since_repeat: Option<PresentDetails>,
}

/// The kinds of details that are present.
#[derive(Debug, Default, Clone, Copy)]
struct PresentDetails {
    byline: bool,
    score: bool,
    date: bool,
}

impl Details {
    /// Parses a text that has the form of details; returns them and their problems. Returns `None`
    /// for any other text.
    ///
    /// A text has the form of details if it is a byline, a date, or nothing, optionally with the
    /// form of a score before it. `order` is that of a date of digits.
    pub fn read(text: &str, order: Option<DateOrder>) -> Option<(Self, Vec<Problem>)> {
        Self::read_unscored(text, order).or_else(|| Self::read_scored(text, order))
    }

    fn read_unscored(text: &str, order: Option<DateOrder>) -> Option<(Self, Vec<Problem>)> {
        if text.is_empty() {
            return Some((Self::default(), Vec::new()));
        }
        let mut details = Self::default();
        let mut problems = Vec::new();
        if let Some(byline) = byline::after_keyword(text) {
            if byline.trim().chars().count() > MAX_BYLINE_LENGTH {
                problems.push(Problem::unexpected(EXPECTED_BYLINE, byline));
            } else {
                details.byline = Byline::new(byline);
            }
            return Some((details, problems));
        }
        match date::read(text, order)? {
            Ok(date) => details.reviewed_on = Some(date),
            Err(problem) => problems.push(problem),
        }
        Some((details, problems))
    }

    fn read_scored(text: &str, order: Option<DateOrder>) -> Option<(Self, Vec<Problem>)> {
        let (word, text_after) = text.split_once(' ').unwrap_or((text, ""));
        if !looks_like_a_score(word) {
            return None;
        }
        let (mut details, mut problems) = Self::read_unscored(text_after, order)?;
        match score(word) {
            Ok(score) => details.score = Some(score),
            Err(problem) => problems.insert(0, problem),
        }
        details.has_doubtful_score = !problems.is_empty();
        Some((details, problems))
    }

    /// Adds the details of a further line, and returns a problem for each repeated one.
    ///
    /// A line with a repeated detail may be stray, or may start the next review if that lost its
    /// number. So a later detail is repeated only if both the lines before and the lines since have
    /// it. An invalid detail doesn't count as the first of two, because the second may be its
    /// correction.
    pub fn add(&mut self, other: Self) -> Vec<Problem> {
        let new_details = other.present_details();
        let since_repeat = self.since_repeat.unwrap_or(self.present);
        let is_repeated = |detail: fn(PresentDetails) -> bool| {
            [self.present, since_repeat, new_details]
                .into_iter()
                .all(detail)
        };
        let repeated = [
            ("byline", is_repeated(|present| present.byline)),
            ("score", is_repeated(|present| present.score)),
            ("date", is_repeated(|present| present.date)),
        ];
        let problems: Vec<_> = repeated
            .into_iter()
            .filter(|(_, is_repeated)| *is_repeated)
            .map(|(name, _)| Problem::RepeatedDetail(name))
            .collect();
        if problems.is_empty() {
            self.present = self.present.union(new_details);
            self.since_repeat = self
                .since_repeat
                .map(|since_repeat| since_repeat.union(new_details));
        } else {
            self.since_repeat = Some(new_details);
        }
        let is_second_score = new_details.score && (self.score.is_some() || !problems.is_empty());
        self.has_doubtful_score |= other.has_doubtful_score || is_second_score;
        self.byline = self.byline.take().or(other.byline);
        self.score = self.score.or(other.score);
        self.reviewed_on = self.reviewed_on.or(other.reviewed_on);
        problems
    }

    fn present_details(&self) -> PresentDetails {
        PresentDetails {
            byline: self.byline.is_some(),
            score: self.score.is_some(),
            date: self.reviewed_on.is_some(),
        }
    }
}

impl PresentDetails {
    fn union(self, other: Self) -> Self {
        Self {
            byline: self.byline || other.byline,
            score: self.score || other.score,
            date: self.date || other.date,
        }
    }
}

/// Returns whether a word has the form of a score, valid or not: a number of any kind, a letter
/// grade, or a placeholder.
fn looks_like_a_score(word: &str) -> bool {
    is_numeric(word)
        || is_grade(word)
        || PLACEHOLDERS
            .iter()
            .any(|placeholder| word.eq_ignore_ascii_case(placeholder))
}

/// Returns whether a word consists of digits and of the signs of numbers, fractions and
/// percentages.
fn is_numeric(word: &str) -> bool {
    let is_sign = |c| matches!(c, '+' | '-' | '–' | '\u{2212}' | '.' | ',' | '/' | '%');
    word.contains(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || is_sign(c))
}

/// Returns whether a word is a letter grade, with or without a plus or a minus.
fn is_grade(word: &str) -> bool {
    let letter = word
        .strip_suffix(['+', '-', '–', '\u{2212}'])
        .unwrap_or(word);
    matches!(letter, "A" | "B" | "C" | "D" | "E" | "F")
}

/// Parses a score. Rejects leading zeros.
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
