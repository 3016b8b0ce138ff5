//! From a row to a review.

use std::sync::{Arc, LazyLock};

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

/// What a review is made of, in the order in which it is selected and read. By their places columns are found in half the time that it takes
/// by their names, and of a page of reviews that is a tenth of the answer.
pub const COLUMNS: [review::Column; 17] = [
    review::Column::Id,
    review::Column::FilmId,
    review::Column::CriticId,
    review::Column::PublicationId,
    review::Column::Score,
    review::Column::OriginalScore,
    review::Column::ScoreRule,
    review::Column::Sentiment,
    review::Column::Recommended,
    review::Column::TopCritic,
    review::Column::Byline,
    review::Column::Excerpt,
    review::Column::Url,
    review::Column::ReviewedOn,
    review::Column::Version,
    review::Column::CreatedAt,
    review::Column::UpdatedAt,
];

/// [`COLUMNS`] as SQL, for a statement that is built anew with each page: column by column, that takes as long as reading two rows.
pub static COLUMN_LIST: LazyLock<String> = LazyLock::new(|| {
    let quoted = COLUMNS.map(|column| format!(r#""review"."{}""#, column.as_str()));
    quoted.join(", ")
});

/// Selects [`COLUMNS`].
pub fn selected() -> Select<review::Entity> {
    review::Entity::find().select_only().columns(COLUMNS)
}

/// The reviews that a statement gives, which selects [`COLUMNS`].
///
/// # Errors
///
/// When the statement fails, or gives something else.
pub async fn reviews(
    statement: Statement,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Arc<Review>>, DbErr> {
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| review_of(row).map(Arc::new))
        .collect()
}

/// Reads [`COLUMNS`], by the driver itself: SeaORM makes an error with a text of every null on its way to `None`, and a review has six of
/// them.
fn review_of(row: &QueryResult) -> Result<Review, DbErr> {
    let row = row
        .try_as_pg_row()
        .ok_or_else(|| DbErr::Type("a row of another database".to_owned()))?;
    let critic: Option<i64> = cell(row, 2)?;
    let publication: Option<i64> = cell(row, 3)?;
    let score: Option<i16> = cell(row, 4)?;
    let rule: Option<review::ScoreRule> = name(row, 6)?;
    let sentiment: Option<review::Sentiment> = name(row, 7)?;
    Ok(Review {
        id: ReviewId(cell(row, 0)?),
        film: FilmId(cell(row, 1)?),
        critic: critic.map(CriticId),
        publication: publication.map(PublicationId),
        score: score.and_then(Points::new),
        original_score: cell(row, 5)?,
        score_rule: rule.map(ScoreRule::from),
        declared_sentiment: sentiment.map(Sentiment::from),
        recommended: cell(row, 8)?,
        top_critic: cell(row, 9)?,
        byline: cell(row, 10)?,
        excerpt: cell(row, 11)?,
        url: cell(row, 12)?,
        reviewed_on: cell(row, 13)?,
        version: cell(row, 14)?,
        created_at: cell(row, 15)?,
        updated_at: cell(row, 16)?,
    })
}

fn cell<'r, T>(row: &'r PgRow, place: usize) -> Result<T, DbErr>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    let cell = row.try_get(place);
    cell.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
}

/// The value of an enum that stands there by its name.
fn name<E: ActiveEnum<Value = String>>(row: &PgRow, place: usize) -> Result<Option<E>, DbErr> {
    let name: Option<String> = cell(row, place)?;
    name.map(|name| E::try_from_value(&name)).transpose()
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
