//! The report of an import: the rows that it read and the changes that it made.

mod messages;

pub use self::messages::folded_names;

use std::collections::BTreeMap;

use super::{
    Changes, FoldedName, SimilarName,
    rows::{FileFacts, RowPosition},
};
use crate::{
    catalogue::{Warning, record::Record},
    review::{ScoreRule, original_score::UnreadReason},
};

/// The maximum number of rows that a report names for each kind of warning.
const MAX_POSITIONS: usize = 3;

/// How often something occurs, and the first rows where it does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrences {
    /// The number of occurrences.
    pub count: u64,
    /// The positions of the first three.
    pub first: Vec<RowPosition>,
}

impl Occurrences {
    fn add(&mut self, position: RowPosition) {
        self.count += 1;
        if self.first.len() < MAX_POSITIONS {
            self.first.push(position);
        }
    }
}

/// Statistics about the rows that an import read.
#[derive(Clone, Debug, Default)]
pub struct ReadStats {
    /// The number of rows, valid and invalid.
    pub rows: u64,
    /// The number of scores that each rule parsed.
    pub scores: BTreeMap<ScoreRule, u64>,
    /// The original scores that no rule could parse, by their form: where they are, and the first of them.
    pub unparsed_scores: BTreeMap<UnreadReason, (Occurrences, String)>,
    /// The warnings of each kind.
    pub warnings: BTreeMap<Warning, Occurrences>,
    /// Facts about the files as a whole.
    pub file_facts: FileFacts,
    /// The position of the last row.
    last_position: Option<RowPosition>,
}

impl ReadStats {
    /// Counts a row, of which one call is made for each record. Returns whether it is a new row.
    pub fn count_row(&mut self, position: RowPosition) -> bool {
        let is_new = self.last_position.replace(position) != Some(position);
        self.rows += u64::from(is_new);
        is_new
    }

    /// Counts a valid row.
    pub fn count(&mut self, position: RowPosition, record: &Record, warnings: &[Warning]) {
        if let Record::Review(review) = record
            && let Some(rule) = review.score_rule
        {
            *self.scores.entry(rule).or_default() += 1;
        }
        for warning in warnings {
            match (warning, record) {
                (Warning::UnreadableScore(form), Record::Review(review)) => {
                    let (occurrences, _) = self.unparsed_scores.entry(*form).or_insert_with(|| {
                        let example = review.original_score.clone();
                        (Occurrences::default(), example.unwrap_or_default())
                    });
                    occurrences.add(position);
                }
                _ => self.warnings.entry(*warning).or_default().add(position),
            }
        }
    }
}

/// The bylines of reviews that are the name of another critic than the review's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignBylines {
    /// The number of reviews.
    pub count: usize,
    /// The first byline, if there is one.
    pub first: Option<String>,
}

/// The critics with several reviews of a film without a source, of which a mutation allows one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeveralReviews {
    /// The number of pairs of a critic and a film.
    pub count: usize,
    /// The first pairs: the critic, the film, and the number of reviews.
    pub first: Vec<(String, String, usize)>,
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
    /// The names that differ in case from those of the rows that they mean: the most used of each kind.
    pub folded_names: Vec<FoldedName>,
    /// The number of all names that differ in case.
    pub folded_name_count: usize,
    /// The new names that are similar to others, at most [`MAX_SIMILAR_NAMES`](super::MAX_SIMILAR_NAMES) of each kind.
    pub similar_names: Vec<SimilarName>,
    /// The films of which critics have several reviews that a mutation would refuse.
    pub several_reviews: SeveralReviews,
    /// The bylines of reviews that are the name of another critic than the review's.
    pub foreign_bylines: ForeignBylines,
    /// Statistics about the rows that the import read.
    pub read_stats: ReadStats,
}
