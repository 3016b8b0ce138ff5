//! The report of an import: the rows that it read and the changes that it made.

use std::collections::BTreeMap;

use super::{Changes, rows::FileFacts};
use crate::{
    catalogue::{Warning, record::Record},
    review::ScoreRule,
};

/// Statistics about the rows that an import read.
#[derive(Clone, Debug, Default)]
pub struct ReadStats {
    /// The number of rows, valid and invalid.
    pub rows: u64,
    /// The number of scores that each rule parsed.
    pub scores: BTreeMap<ScoreRule, u64>,
    /// The original scores that no rule could parse, by their form: their number, and the first of them.
    pub unparsed_scores: BTreeMap<crate::review::original_score::UnreadReason, (u64, String)>,
    /// The number of warnings of each kind.
    pub warnings: BTreeMap<Warning, u64>,
    /// Facts about the files as a whole.
    pub file_facts: FileFacts,
}

impl ReadStats {
    /// Counts a valid row.
    pub fn count(&mut self, record: &Record, warnings: &[Warning]) {
        if let Record::Review(review) = record
            && let Some(rule) = review.score_rule
        {
            *self.scores.entry(rule).or_default() += 1;
        }
        for warning in warnings {
            match (warning, record) {
                (Warning::UnreadableScore(form), Record::Review(review)) => {
                    let (count, _) = self
                        .unparsed_scores
                        .entry(*form)
                        .or_insert_with(|| (0, review.original_score.clone().unwrap_or_default()));
                    *count += 1;
                }
                _ => *self.warnings.entry(*warning).or_default() += 1,
            }
        }
    }
}

/// The report of an import.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The changes to films.
    pub films: Changes,
    /// The changes to critics.
    pub critics: Changes,
    /// The changes to publications.
    pub publications: Changes,
    /// The changes to the scores that sources publish for films.
    pub published_scores: Changes,
    /// The changes to reviews.
    pub reviews: Changes,
    /// The number of rejected rows.
    pub rejected: usize,
    /// Statistics about the rows that the import read.
    pub read_stats: ReadStats,
}
