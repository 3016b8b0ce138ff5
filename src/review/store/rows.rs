//! Converts rows to reviews.

use std::sync::{Arc, LazyLock};

use chrono::DateTime;
use entity::review;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IdenStatic, QuerySelect, Select, Statement};

use crate::{
    critic::CriticId,
    database::column_reader::ColumnReader,
    film::FilmId,
    publication::PublicationId,
    review::{Review, ReviewId, ScoreRule},
    score::{Points, Sentiment},
};

/// The columns of reviews that a list reads. Columns that are not read have default values in the reviews, and must not
/// be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewColumns {
    /// Whether the excerpt is read. It is the longest column.
    pub excerpt: bool,
    /// Whether the other texts are read: the byline, the address and the original score.
    pub texts: bool,
    /// Whether the columns are read that lists rarely show: the score rule, the sentiment, the recommendation, the top
    /// critic, the version and the timestamps.
    pub details: bool,
}

impl ReviewColumns {
    /// All columns.
    pub const ALL: Self = Self {
        excerpt: true,
        texts: true,
        details: true,
    };

    /// The columns that lists always need: the keys, the score and the date, for sorting and for references.
    pub const MINIMAL: Self = Self {
        excerpt: false,
        texts: false,
        details: false,
    };

    /// The excerpt as well.
    pub const EXCERPT_COLUMN: Self = Self {
        excerpt: true,
        ..Self::MINIMAL
    };

    /// The other texts as well.
    pub const TEXT_COLUMNS: Self = Self {
        texts: true,
        ..Self::MINIMAL
    };

    /// The columns that lists rarely show as well.
    pub const DETAIL_COLUMNS: Self = Self {
        details: true,
        ..Self::MINIMAL
    };

    /// Returns the columns of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self {
            excerpt: self.excerpt || other.excerpt,
            texts: self.texts || other.texts,
            details: self.details || other.details,
        }
    }

    /// Returns the columns in the order in which they are selected and read. Reading a column by its index takes half
    /// the time of reading it by its name, which for a page of reviews is a tenth of the time of the response.
    pub fn columns(self) -> impl Iterator<Item = review::Column> {
        let groups = [
            (true, MINIMAL_COLUMNS.as_slice()),
            (self.excerpt, &[review::Column::Excerpt]),
            (self.texts, &TEXTS),
            (self.details, &DETAILS),
        ];
        groups
            .into_iter()
            .filter(|(is_read, _)| *is_read)
            .flat_map(|(_, columns)| columns.iter().copied())
    }

    /// Returns the columns as SQL, which is built only once. Statements are built for each page, and building this list
    /// takes as long as reading two rows.
    #[must_use]
    pub fn column_list(self) -> &'static str {
        static LISTS: LazyLock<[[[String; 2]; 2]; 2]> = LazyLock::new(|| {
            let list = |columns: ReviewColumns| {
                let quoted = columns
                    .columns()
                    .map(|column| format!(r#""review"."{}""#, column.as_str()));
                quoted.collect::<Vec<_>>().join(", ")
            };
            [false, true].map(|excerpt| {
                [false, true].map(|texts| {
                    [false, true].map(|details| {
                        list(ReviewColumns {
                            excerpt,
                            texts,
                            details,
                        })
                    })
                })
            })
        });
        &LISTS[usize::from(self.excerpt)][usize::from(self.texts)][usize::from(self.details)]
    }
}

const MINIMAL_COLUMNS: [review::Column; 6] = [
    review::Column::Id,
    review::Column::FilmId,
    review::Column::CriticId,
    review::Column::PublicationId,
    review::Column::Score,
    review::Column::ReviewedOn,
];

const TEXTS: [review::Column; 3] = [
    review::Column::OriginalScore,
    review::Column::Byline,
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

/// Returns a statement that selects the given columns.
pub fn select_columns(columns: ReviewColumns) -> Select<review::Entity> {
    review::Entity::find()
        .select_only()
        .columns(columns.columns())
}

/// Executes a statement that selects the given columns, and converts its rows to reviews.
///
/// # Errors
///
/// When the statement fails, or returns other columns.
pub async fn fetch_reviews(
    columns: ReviewColumns,
    statement: Statement,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Arc<Review>>, DbErr> {
    let rows = connection.query_all_raw(statement).await?;
    let mut reviews = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS_PER_TURN) {
        if !reviews.is_empty() {
            tokio::task::yield_now().await;
        }
        for row in rows {
            reviews.push(Arc::new(parse_review(
                &mut ColumnReader::new(row)?,
                columns,
            )?));
        }
    }
    Ok(reviews)
}

/// The number of rows after which other requests of the worker get a turn. Converting them takes 0.3 ms.
const ROWS_PER_TURN: usize = 256;

/// Reads the columns of a review.
///
/// # Errors
///
/// When the row has other columns.
pub fn parse_review(cells: &mut ColumnReader<'_>, columns: ReviewColumns) -> Result<Review, DbErr> {
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
    if columns.excerpt {
        review.excerpt = cells.next()?;
    }
    if columns.texts {
        review.original_score = cells.next()?;
        review.byline = cells.next()?;
        review.url = cells.next()?;
    }
    if columns.details {
        let rule: Option<review::ScoreRule> = cells.next_enum()?;
        let sentiment: Option<review::Sentiment> = cells.next_enum()?;
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
