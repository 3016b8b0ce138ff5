//! From a row to a review.

use std::sync::{Arc, LazyLock};

use entity::review;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, QueryResult, QuerySelect, Select, Statement,
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

/// Reads [`COLUMNS`].
fn review_of(row: &QueryResult) -> Result<Review, DbErr> {
    let critic: Option<i64> = row.try_get_by_index(2)?;
    let publication: Option<i64> = row.try_get_by_index(3)?;
    let score: Option<i16> = row.try_get_by_index(4)?;
    let rule: Option<review::ScoreRule> = row.try_get_by_index(6)?;
    let sentiment: Option<review::Sentiment> = row.try_get_by_index(7)?;
    Ok(Review {
        id: ReviewId(row.try_get_by_index(0)?),
        film: FilmId(row.try_get_by_index(1)?),
        critic: critic.map(CriticId),
        publication: publication.map(PublicationId),
        score: score.and_then(Points::new),
        original_score: row.try_get_by_index(5)?,
        score_rule: rule.map(ScoreRule::from),
        declared_sentiment: sentiment.map(Sentiment::from),
        recommended: row.try_get_by_index(8)?,
        top_critic: row.try_get_by_index(9)?,
        byline: row.try_get_by_index(10)?,
        excerpt: row.try_get_by_index(11)?,
        url: row.try_get_by_index(12)?,
        reviewed_on: row.try_get_by_index(13)?,
        version: row.try_get_by_index(14)?,
        created_at: row.try_get_by_index(15)?,
        updated_at: row.try_get_by_index(16)?,
    })
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
