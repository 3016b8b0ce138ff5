//! What a critic said of a film in a publication, as far as the source tells.

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
    /// By which rule the score was read; there exactly when a score is.
    pub score_rule: Option<ScoreRule>,
    /// As the source declared it.
    pub sentiment: Option<Sentiment>,
    /// The critic's own yes or no.
    pub recommended: Option<bool>,
    /// What the review counts as while it has no score; computed by the database, never written.
    pub implied_sentiment: Option<Sentiment>,
    /// The publication's weight in hundredths; kept by a trigger, never written.
    pub weight: i32,
    pub top_critic: bool,
    /// What stands after "Reviewed by".
    pub byline: Option<String>,
    pub excerpt: Option<String>,
    pub url: Option<String>,
    pub reviewed_on: Option<Date>,
    /// Where an imported review came from; null when it was written by hand.
    pub source: Option<String>,
    /// The review's name at its source; there exactly when `source` is.
    pub external_id: Option<String>,
    /// Which of its states this is: 1 at first; counted by a trigger, never written.
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

/// What a review says on the whole.
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
