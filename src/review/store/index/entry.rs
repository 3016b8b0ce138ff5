//! A review in the index.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use sea_orm::{DbErr, QueryResult};

use crate::{
    critic::CriticId,
    database::column_reader::ColumnReader,
    pagination::{Position, SortKey},
    publication::PublicationId,
    review::{
        class::{Class, ClassSet},
        filter::ReviewFilter,
        order::ReviewOrderField,
        owner::Owner,
    },
    score::{Points, ScoreInput, Sentiment, Weight},
};

/// The columns that [`IndexRow::parse`] reads, in their order. The implied sentiment is read as the number of its class.
pub const COLUMNS: &str = "
id, critic_id, publication_id, score, reviewed_on, weight, recommended,
CASE implied_sentiment WHEN 'positive' THEN 3 WHEN 'mixed' THEN 2 WHEN 'negative' THEN 1 END";

/// A row that the index reads.
#[derive(Clone, Copy, Debug)]
pub struct IndexRow {
    pub critic: Option<CriticId>,
    pub publication: Option<PublicationId>,
    pub entry: Entry,
}

/// What filters, orders and tallies need of a review: 16 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub id: i64,
    /// The day, as [`NaiveDate::num_days_from_ce`] counts them; [`NO_DAY`] if the review has none.
    day: i32,
    /// In hundredths.
    weight: u16,
    /// [`NO_SCORE`] if the review has none.
    score: u8,
    /// Without a sentiment if the review has a score, since that depends on the rules of the site.
    class: Class,
}

const NO_SCORE: u8 = u8::MAX;

const NO_DAY: i32 = i32::MIN;

impl IndexRow {
    /// Reads a row with the columns [`COLUMNS`].
    pub fn parse(row: &QueryResult) -> Result<Self, DbErr> {
        let mut columns = ColumnReader::new(row)?;
        let id = columns.next()?;
        let critic: Option<i64> = columns.next()?;
        let publication: Option<i64> = columns.next()?;
        let score: Option<i16> = columns.next()?;
        let points = score.and_then(Points::new);
        let reviewed_on: Option<NaiveDate> = columns.next()?;
        let weight: i32 = columns.next()?;
        let recommended = columns.next()?;
        let implied: Option<i32> = columns.next()?;
        let implied = match implied {
            Some(3) => Some(Sentiment::Positive),
            Some(2) => Some(Sentiment::Mixed),
            Some(1) => Some(Sentiment::Negative),
            _ => None,
        };
        let sentiment = implied.filter(|_| points.is_none());
        let weight = u16::try_from(weight)
            .map_err(|_| DbErr::Type(format!("the weight {weight} of review {id} is invalid")))?;
        Ok(Self {
            critic: critic.map(CriticId),
            publication: publication.map(PublicationId),
            entry: Entry {
                id,
                day: reviewed_on.map_or(NO_DAY, |day| day.num_days_from_ce()),
                weight,
                score: points.map_or(NO_SCORE, Points::get),
                class: Class::new(sentiment, points.is_some(), recommended),
            },
        })
    }

    /// Returns the critic and the publication of the review.
    pub fn authors(&self) -> impl Iterator<Item = Owner> {
        let critic = self.critic.map(Owner::Critic);
        critic
            .into_iter()
            .chain(self.publication.map(Owner::Publication))
    }
}

impl Entry {
    /// Creates the entry of a review without a date, a score, a sentiment and a recommendation.
    #[cfg(test)]
    pub const fn unrated(id: i64) -> Self {
        Self {
            id,
            day: NO_DAY,
            weight: 100,
            score: NO_SCORE,
            class: Class::new(None, false, None),
        }
    }

    /// Returns the position of the review in an order.
    pub fn position(&self, field: ReviewOrderField) -> Position {
        let key = match field {
            ReviewOrderField::Added => SortKey::Missing,
            ReviewOrderField::Score => match self.score {
                NO_SCORE => SortKey::Missing,
                score => SortKey::Number(score.into()),
            },
            ReviewOrderField::Date => match self.day {
                NO_DAY => SortKey::Missing,
                day => NaiveDate::from_num_days_from_ce_opt(day)
                    .map_or(SortKey::Missing, SortKey::Date),
            },
        };
        Position { key, id: self.id }
    }

    /// Returns the day; `None` if the review has none.
    pub fn day(&self) -> Option<NaiveDate> {
        (self.day != NO_DAY)
            .then(|| NaiveDate::from_num_days_from_ce_opt(self.day))
            .flatten()
    }

    /// Returns what affects the score of the review's authors.
    pub fn score_input(&self) -> ScoreInput {
        ScoreInput {
            points: Points::new(self.score),
            declared: self.class.sentiment(),
            recommended: self.class.recommended(),
            weight: Weight::from_hundredths(self.weight.into()).unwrap_or_default(),
        }
    }
}

/// A filter that is prepared for the comparison with many reviews.
#[derive(Debug)]
pub struct Matcher {
    classes: ClassSet,
    /// A bit for each score that matches.
    scores: u128,
    /// The days that match.
    days: RangeInclusive<i32>,
}

impl Matcher {
    /// `None` if the filter requires what entries don't have, such as a critic or a publication.
    pub fn new(filter: &ReviewFilter) -> Option<Self> {
        let ReviewFilter {
            critic: None,
            publication: None,
            sentiment: _,
            scored,
            recommended,
            since,
            until,
            ref rest,
        } = *filter
        else {
            return None;
        };
        if rest.is_given() {
            return None;
        }
        let first_day = if since.is_none() && until.is_none() {
            NO_DAY
        } else {
            // A review without a date matches no range of days.
            since.map_or(NO_DAY + 1, |since| since.num_days_from_ce())
        };
        let last_day = until.map_or(i32::MAX, |until| until.num_days_from_ce());
        let is_match = |class: &Class| {
            if class.is_scored() {
                let has_recommendation =
                    recommended.is_none() || recommended == class.recommended();
                class.sentiment().is_none() && scored != Some(false) && has_recommendation
            } else {
                filter.matches_class(class.sentiment(), false, class.recommended())
            }
        };
        let scores = Points::all().filter(|points| filter.matches_score(*points));
        Some(Self {
            classes: Class::all().filter(is_match).collect(),
            scores: scores.fold(0, |bits, points| bits | 1 << points.get()),
            days: first_day..=last_day,
        })
    }

    /// Returns whether a review matches the filter.
    pub fn matches(&self, entry: &Entry) -> bool {
        let has_score = entry.score == NO_SCORE || self.scores >> entry.score & 1 == 1;
        self.classes.contains(entry.class) && has_score && self.days.contains(&entry.day)
    }
}
