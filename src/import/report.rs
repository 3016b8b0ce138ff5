//! What an import read, and what it did.

use std::collections::BTreeMap;

use super::{Changes, rows::Gleaned};
use crate::{
    catalogue::{Remark, record::Record},
    review::ScoreRule,
};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// How many rows there are, good and bad.
    pub rows: u64,
    /// How many scores were read by each rule.
    pub scores: BTreeMap<ScoreRule, u64>,
    /// How many original scores weren't read, by their form, and the first of each.
    pub unread_scores: BTreeMap<crate::review::original_score::Unread, (u64, String)>,
    /// How often something could not be used.
    pub remarks: BTreeMap<Remark, u64>,
    /// What the files as a whole had.
    pub gleaned: Gleaned,
}

impl Read {
    /// Counts a row that can be used.
    pub fn count(&mut self, record: &Record, remarks: &[Remark]) {
        if let Record::Review(review) = record
            && let Some(rule) = review.score_rule
        {
            *self.scores.entry(rule).or_default() += 1;
        }
        for remark in remarks {
            match (remark, record) {
                (Remark::Unread(form), Record::Review(review)) => {
                    let (count, _) = self
                        .unread_scores
                        .entry(*form)
                        .or_insert_with(|| (0, review.original_score.clone().unwrap_or_default()));
                    *count += 1;
                }
                _ => *self.remarks.entry(*remark).or_default() += 1,
            }
        }
    }
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The films that rows name.
    pub films: Changes,
    /// The critics.
    pub critics: Changes,
    /// The publications.
    pub publications: Changes,
    /// What sources say of films.
    pub published_scores: Changes,
    /// The reviews.
    pub reviews: Changes,
    /// Rows that could not be used.
    pub rejected: usize,
    /// What was read.
    pub read: Read,
}
