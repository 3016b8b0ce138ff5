//! From a row to a review.

use std::sync::{Arc, LazyLock};

use chrono::DateTime;
use entity::review;
use sea_orm::{
    ActiveEnum, ConnectionTrait, DbErr, EntityTrait, IdenStatic, QueryResult, QuerySelect,
    RuntimeErr, Select, Statement,
    sqlx::{Decode, Postgres, Row, Type, postgres::PgRow},
};

use crate::{
    critic::CriticId,
    film::FilmId,
    publication::PublicationId,
    review::{Review, ReviewId, ScoreRule},
    score::{Points, Sentiment},
};

/// What of the reviews of a list is read. What isn't, stands in them as if it were missing: so whoever asks for less must not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parts {
    /// What is long: the byline, the passage, the address, and the score as it was written.
    pub texts: bool,
    /// What is seldom shown in a list: how it was judged besides its score, and the story of the row.
    pub details: bool,
}

impl Parts {
    /// The whole review.
    pub const ALL: Self = Self {
        texts: true,
        details: true,
    };

    /// Whose it is, its score and its date: what lists are sorted by, and what leads to others.
    pub const LEAST: Self = Self {
        texts: false,
        details: false,
    };

    /// The columns, in the order in which they are selected and read. By their places they are found in half the time that it takes by
    /// their names, and of a page of reviews that is a tenth of the answer.
    pub fn columns(self) -> impl Iterator<Item = review::Column> {
        let texts = TEXTS.into_iter().filter(move |_| self.texts);
        let details = DETAILS.into_iter().filter(move |_| self.details);
        LEAST.into_iter().chain(texts).chain(details)
    }

    /// The same as SQL, for a statement that is built anew with each page: column by column, that takes as long as reading two rows.
    #[must_use]
    pub fn column_list(self) -> &'static str {
        static LISTS: LazyLock<[[String; 2]; 2]> = LazyLock::new(|| {
            let list = |texts, details| {
                let parts = Parts { texts, details };
                let quoted = parts
                    .columns()
                    .map(|column| format!(r#""review"."{}""#, column.as_str()));
                quoted.collect::<Vec<_>>().join(", ")
            };
            [false, true].map(|texts| [false, true].map(|details| list(texts, details)))
        });
        &LISTS[usize::from(self.texts)][usize::from(self.details)]
    }
}

const LEAST: [review::Column; 6] = [
    review::Column::Id,
    review::Column::FilmId,
    review::Column::CriticId,
    review::Column::PublicationId,
    review::Column::Score,
    review::Column::ReviewedOn,
];

const TEXTS: [review::Column; 4] = [
    review::Column::OriginalScore,
    review::Column::Byline,
    review::Column::Excerpt,
    review::Column::Url,
];

const DETAILS: [review::Column; 7] = [
    review::Column::ScoreRule,
    review::Column::Sentiment,
    review::Column::Recommended,
    review::Column::TopCritic,
    review::Column::Version,
    review::Column::CreatedAt,
    review::Column::UpdatedAt,
];

/// Selects the columns of some parts.
pub fn selected(parts: Parts) -> Select<review::Entity> {
    review::Entity::find()
        .select_only()
        .columns(parts.columns())
}

/// The reviews that a statement gives, which selects the columns of these parts.
///
/// # Errors
///
/// When the statement fails, or gives something else.
pub async fn reviews(
    parts: Parts,
    statement: Statement,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Arc<Review>>, DbErr> {
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| review_of(row, parts).map(Arc::new))
        .collect()
}

/// Reads columns by the driver itself: SeaORM makes an error with a text of every null on its way to `None`, and a review has six of them.
fn review_of(row: &QueryResult, parts: Parts) -> Result<Review, DbErr> {
    let row = row
        .try_as_pg_row()
        .ok_or_else(|| DbErr::Type("a row of another database".to_owned()))?;
    let mut cells = Cells { row, next: 0 };
    let id = cells.next()?;
    let film = cells.next()?;
    let critic: Option<i64> = cells.next()?;
    let publication: Option<i64> = cells.next()?;
    let score: Option<i16> = cells.next()?;
    let mut review = Review {
        id: ReviewId(id),
        film: FilmId(film),
        critic: critic.map(CriticId),
        publication: publication.map(PublicationId),
        score: score.and_then(Points::new),
        reviewed_on: cells.next()?,
        original_score: None,
        byline: None,
        excerpt: None,
        url: None,
        score_rule: None,
        declared_sentiment: None,
        recommended: None,
        top_critic: false,
        version: 0,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    };
    if parts.texts {
        review.original_score = cells.next()?;
        review.byline = cells.next()?;
        review.excerpt = cells.next()?;
        review.url = cells.next()?;
    }
    if parts.details {
        let rule: Option<review::ScoreRule> = cells.name()?;
        let sentiment: Option<review::Sentiment> = cells.name()?;
        review.score_rule = rule.map(ScoreRule::from);
        review.declared_sentiment = sentiment.map(Sentiment::from);
        review.recommended = cells.next()?;
        review.top_critic = cells.next()?;
        review.version = cells.next()?;
        review.created_at = cells.next()?;
        review.updated_at = cells.next()?;
    }
    Ok(review)
}

/// The cells of a row, one after the other.
struct Cells<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Cells<'r> {
    fn next<T>(&mut self) -> Result<T, DbErr>
    where
        T: Decode<'r, Postgres> + Type<Postgres>,
    {
        let cell = self.row.try_get(self.next);
        self.next += 1;
        cell.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// The value of an enum that stands there by its name.
    fn name<E: ActiveEnum<Value = String>>(&mut self) -> Result<Option<E>, DbErr> {
        let name: Option<String> = self.next()?;
        name.map(|name| E::try_from_value(&name)).transpose()
    }
}

impl From<review::Model> for Review {
    fn from(row: review::Model) -> Self {
        Self {
            id: ReviewId(row.id),
            film: FilmId(row.film_id),
            critic: row.critic_id.map(CriticId),
            publication: row.publication_id.map(PublicationId),
            score: row.score.and_then(Points::new),
            original_score: row.original_score,
            score_rule: row.score_rule.map(ScoreRule::from),
            declared_sentiment: row.sentiment.map(Sentiment::from),
            recommended: row.recommended,
            top_critic: row.top_critic,
            byline: row.byline,
            excerpt: row.excerpt,
            url: row.url,
            reviewed_on: row.reviewed_on,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
