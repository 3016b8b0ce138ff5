//! Reviews: a critic's opinion of a film, published in a publication.

pub mod draft;
pub mod original_score;
pub mod store;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    critic::CriticId,
    film::FilmId,
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    publication::PublicationId,
    score::{Points, Sentiment, SentimentSet},
};

/// A review's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReviewId(pub i64);

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The review's key.
    pub id: ReviewId,
    /// The reviewed film.
    pub film: FilmId,
    /// The critic, if one is named.
    pub critic: Option<CriticId>,
    /// The publication, if one is named.
    pub publication: Option<PublicationId>,
    /// The score, 0 to 100.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// The rule that the score was read by; `Some` exactly when `score` is.
    pub score_rule: Option<ScoreRule>,
    /// The sentiment that the source declared, with or without a score.
    pub declared_sentiment: Option<Sentiment>,
    /// Whether the critic recommends the film.
    pub recommended: Option<bool>,
    /// Whether the source lists the critic as a top critic.
    pub top_critic: bool,
    /// The text after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The address of the whole review.
    pub url: Option<String>,
    /// The date of publication.
    pub reviewed_on: Option<NaiveDate>,
    /// The version of the row, from 1 on.
    pub version: i32,
    /// The time at which the row was inserted.
    pub created_at: DateTime<Utc>,
    /// The time at which the row was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A version of a review that an update or a deletion has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRevision {
    /// The replaced version. Its `created_at` and `updated_at` are both the time at which this version began.
    pub state: Review,
    /// The time at which the version was replaced.
    pub replaced_at: DateTime<Utc>,
    /// The actor that replaced the version: an actor of the API, a command, or a role of the database.
    pub replaced_by: String,
    /// The names of the changed columns.
    pub changed: Vec<String>,
    /// The operation that replaced the version.
    pub end: RevisionEnd,
}

impl ReviewRevision {
    /// The order of lists of revisions: the latest first.
    pub const ORDER: OrderTag = OrderTag {
        name: "version",
        kind: KeyKind::None,
        is_nullable: false,
        direction: Direction::Descending,
    };

    /// Returns the position of the revision in its list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            key: SortKey::Missing,
            id: self.state.version.into(),
        }
    }
}

/// The operation that replaced a version of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionEnd {
    /// The review was changed.
    Updated,
    /// The review was deleted.
    Deleted,
}

/// The rule by which a score was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScoreRule {
    /// The score was entered as a whole number from 0 to 100.
    Given,
    /// A fraction, such as `3/4` or `3 out of 4`.
    Fraction,
    /// Stars, in digits, words or asterisks.
    Stars,
    /// A school grade.
    Letter,
    /// A percentage.
    Percent,
}

/// The owner of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The film that the reviews are about.
    Film(FilmId),
    /// The critic who wrote the reviews.
    Critic(CriticId),
    /// The publication that published the reviews.
    Publication(PublicationId),
}

/// A kind of owner of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// Films.
    Film,
    /// Critics.
    Critic,
    /// Publications.
    Publication,
}

impl Owner {
    /// Returns the kind of the owner.
    #[must_use]
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Film(_) => OwnerKind::Film,
            Self::Critic(_) => OwnerKind::Critic,
            Self::Publication(_) => OwnerKind::Publication,
        }
    }

    /// Returns the key of the owner in the table of its kind.
    #[must_use]
    pub const fn key(self) -> i64 {
        match self {
            Self::Film(id) => id.0,
            Self::Critic(id) => id.0,
            Self::Publication(id) => id.0,
        }
    }
}

impl OwnerKind {
    /// Returns the owner of this kind with the given key.
    #[must_use]
    pub const fn owner(self, key: i64) -> Owner {
        match self {
            Self::Film => Owner::Film(FilmId(key)),
            Self::Critic => Owner::Critic(CriticId(key)),
            Self::Publication => Owner::Publication(PublicationId(key)),
        }
    }

    /// Returns a review's owner of this kind, if the review has one.
    #[must_use]
    pub fn of(self, review: &Review) -> Option<Owner> {
        match self {
            Self::Film => Some(Owner::Film(review.film)),
            Self::Critic => review.critic.map(Owner::Critic),
            Self::Publication => review.publication.map(Owner::Publication),
        }
    }
}

/// A filter of a list of reviews. A review must match all fields that are `Some`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReviewFilter {
    /// The reviews with one of these sentiments.
    pub sentiment: Option<SentimentSet>,
    /// The reviews by this critic.
    pub critic: Option<CriticId>,
    /// The reviews in this publication.
    pub publication: Option<PublicationId>,
    /// The reviews with a score if true, without one if false.
    pub scored: Option<bool>,
    /// The reviews that recommend the film if true, that advise against it if false.
    pub recommended: Option<bool>,
    /// The reviews published on this day or later.
    pub since: Option<NaiveDate>,
    /// The reviews published on this day or earlier.
    pub until: Option<NaiveDate>,
}

impl ReviewFilter {
    /// Returns whether the filter matches every review.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether the filter can't match any review, so that no statement is needed.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        let no_sentiment = self.sentiment.is_some_and(SentimentSet::is_empty);
        let no_day =
            matches!((self.since, self.until), (Some(since), Some(until)) if since > until);
        no_sentiment || no_day
    }
}

/// A sort key of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewOrderField {
    /// The order in which the rows were inserted.
    Added,
    /// The score.
    Score,
    /// The day of publication.
    Date,
}

/// The order of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewOrder {
    /// The sort key.
    pub field: ReviewOrderField,
    /// The direction of the sort key.
    pub direction: Direction,
}

impl ReviewOrder {
    /// The default order: as inserted, which for imported reviews is the order of the imported page.
    pub const DEFAULT: Self = Self {
        field: ReviewOrderField::Added,
        direction: Direction::Ascending,
    };

    /// Returns the tag that identifies the order in cursors.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            ReviewOrderField::Added => ("added", KeyKind::None),
            ReviewOrderField::Score => ("score", KeyKind::Number),
            ReviewOrderField::Date => ("date", KeyKind::Date),
        };
        OrderTag {
            name,
            kind,
            is_nullable: true,
            direction: self.direction,
        }
    }

    /// Returns the position of a review in this order.
    #[must_use]
    pub fn position(self, review: &Review) -> Position {
        let key = match self.field {
            ReviewOrderField::Added => SortKey::Missing,
            ReviewOrderField::Score => review.score.map_or(SortKey::Missing, |score| {
                SortKey::Number(score.get().into())
            }),
            ReviewOrderField::Date => review.reviewed_on.map_or(SortKey::Missing, SortKey::Date),
        };
        Position {
            key,
            id: review.id.0,
        }
    }
}
