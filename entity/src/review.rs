//! A critic's review of a film in a publication. The source may leave out the critic and the publication.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub film_id: i64,
    pub critic_id: Option<i64>,
    pub publication_id: Option<i64>,
    /// 0 to 100.
    pub score: Option<i16>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// The rule by which the score was read. Set exactly when `score` is.
    pub score_rule: Option<ScoreRule>,
    /// The sentiment that the source declares.
    pub sentiment: Option<Sentiment>,
    /// The critic's own recommendation.
    pub recommended: Option<bool>,
    /// The sentiment that a review without a score counts as. A generated column, never written.
    pub implied_sentiment: Option<Sentiment>,
    /// The publication's weight in hundredths. A trigger sets it; it is never written.
    pub weight: i32,
    pub top_critic: bool,
    /// The name after "Reviewed by".
    pub byline: Option<String>,
    pub excerpt: Option<String>,
    pub url: Option<String>,
    pub reviewed_on: Option<Date>,
    /// The source of an imported review. Null for a review that was entered by hand.
    pub source: Option<String>,
    /// The identifier at the source. Set exactly when `source` is.
    pub external_id: Option<String>,
    /// The version of the row, starting at 1. A trigger increments it; it is never written.
    pub version: i32,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "film_id", to = "id")]
    pub film: BelongsTo<super::film::Entity>,
    #[sea_orm(belongs_to, from = "critic_id", to = "id")]
    pub critic: BelongsTo<Option<super::critic::Entity>>,
    #[sea_orm(belongs_to, from = "publication_id", to = "id")]
    pub publication: BelongsTo<Option<super::publication::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The sentiment of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Sentiment {
    Positive,
    Mixed,
    Negative,
}

/// The rule by which a score was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ScoreRule {
    Given,
    Fraction,
    Stars,
    Letter,
    Percent,
}
