//! Reviews: what a critic said of a film in a publication.

pub mod draft;
pub mod original_score;
pub mod store;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    critic::CriticId,
    film::FilmId,
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    publication::PublicationId,
    score::{Points, Sentiment, Sentiments},
};

/// A review's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReviewId(pub i64);

/// A review as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its key.
    pub id: ReviewId,
    /// The film that it is about.
    pub film: FilmId,
    /// Who wrote it, if anybody is named.
    pub critic: Option<CriticId>,
    /// Where it was published, if the source says.
    pub publication: Option<PublicationId>,
    /// 0 to 100.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// By which rule the score was read; there exactly when a score is.
    pub score_rule: Option<ScoreRule>,
    /// What the source declared, whether or not there is a score.
    pub declared_sentiment: Option<Sentiment>,
    /// The critic's own yes or no.
    pub recommended: Option<bool>,
    /// Whether the source counts the critic among its top ones.
    pub top_critic: bool,
    /// What stands after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The whole review.
    pub url: Option<String>,
    /// When it was published.
    pub reviewed_on: Option<NaiveDate>,
    /// Which of its states this is, from 1 on.
    pub version: i32,
    /// When Marquee got it.
    pub created_at: DateTime<Utc>,
    /// When Marquee's copy changed last.
    pub updated_at: DateTime<Utc>,
}

/// What a review said until it was changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRevision {
    /// The review as it was. When Marquee got the review it doesn't say: both of its moments are when it began to say this.
    pub state: Review,
    /// When that ended.
    pub replaced_at: DateTime<Utc>,
    /// Who ended it: an actor of the API, a command, or a role of the database.
    pub replaced_by: String,
    /// The columns that were made different.
    pub changed: Vec<String>,
    /// How it ended.
    pub end: RevisionEnd,
}

impl ReviewRevision {
    /// Lists of revisions begin with the last one.
    pub const ORDER: OrderTag = OrderTag {
        name: "version",
        kind: KeyKind::None,
        nullable: false,
        direction: Direction::Descending,
    };

    /// Where it stands in its list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            key: SortKey::Missing,
            id: self.state.version.into(),
        }
    }
}

/// How a state of a review ended.
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
    /// It was given as a whole number from 0 to 100.
    Given,
    /// So many out of so many.
    Fraction,
    /// Stars, in digits, halves or asterisks.
    Stars,
    /// A school grade.
    Letter,
    /// Percent.
    Percent,
}

/// Whose reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Those of a film.
    Film(FilmId),
    /// Those by a critic.
    Critic(CriticId),
    /// Those in a publication.
    Publication(PublicationId),
}

/// What has reviews.
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
    /// What kind it is.
    #[must_use]
    pub const fn kind(self) -> OwnerKind {
        match self {
            Self::Film(_) => OwnerKind::Film,
            Self::Critic(_) => OwnerKind::Critic,
            Self::Publication(_) => OwnerKind::Publication,
        }
    }

    /// Its key among its kind.
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
    /// The owner of this kind with that key.
    #[must_use]
    pub const fn owner(self, key: i64) -> Owner {
        match self {
            Self::Film => Owner::Film(FilmId(key)),
            Self::Critic => Owner::Critic(CriticId(key)),
            Self::Publication => Owner::Publication(PublicationId(key)),
        }
    }

    /// This kind's owner of a review, if the review has one.
    #[must_use]
    pub fn of(self, review: &Review) -> Option<Owner> {
        match self {
            Self::Film => Some(Owner::Film(review.film)),
            Self::Critic => review.critic.map(Owner::Critic),
            Self::Publication => review.publication.map(Owner::Publication),
        }
    }
}

/// Which reviews a list is to hold. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReviewFilter {
    /// Of one of these sentiments.
    pub sentiment: Option<Sentiments>,
    /// By this critic.
    pub critic: Option<CriticId>,
    /// In this publication.
    pub publication: Option<PublicationId>,
    /// With a score, or without.
    pub scored: Option<bool>,
    /// With the critic's yes, or with the critic's no.
    pub recommended: Option<bool>,
    /// Published on this day or later.
    pub since: Option<NaiveDate>,
    /// Published on this day or earlier.
    pub until: Option<NaiveDate>,
}

impl ReviewFilter {
    /// Whether it lets every review through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether no review can pass it, whatever is stored.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        let no_sentiment = self.sentiment.is_some_and(Sentiments::is_empty);
        let no_day =
            matches!((self.since, self.until), (Some(since), Some(until)) if since > until);
        no_sentiment || no_day
    }
}

/// What reviews can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewOrderField {
    /// When Marquee got them.
    Added,
    /// The score.
    Score,
    /// The day of publication.
    Date,
}

/// The order of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewOrder {
    /// What to sort by.
    pub field: ReviewOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl ReviewOrder {
    /// As they were added, unless said: the order of the page that they were imported from.
    pub const DEFAULT: Self = Self {
        field: ReviewOrderField::Added,
        direction: Direction::Ascending,
    };

    /// The order as its cursors know it.
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
            nullable: true,
            direction: self.direction,
        }
    }

    /// Where a review stands in this order.
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
