//! What a review said before it was changed or deleted; written by the database's triggers only.

use sea_orm::entity::prelude::*;

use super::review::{ScoreRule, Sentiment};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_revision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The review; it may be gone, and so may be what the next three name.
    #[sea_orm(unique_key = "review_revision_version_unique")]
    pub review_id: i64,
    pub film_id: i64,
    pub critic_id: Option<i64>,
    pub publication_id: Option<i64>,
    pub score: Option<i16>,
    pub original_score: Option<String>,
    pub score_rule: Option<ScoreRule>,
    pub sentiment: Option<Sentiment>,
    pub recommended: Option<bool>,
    pub top_critic: bool,
    pub byline: Option<String>,
    pub excerpt: Option<String>,
    pub url: Option<String>,
    pub reviewed_on: Option<Date>,
    pub source: Option<String>,
    pub external_id: Option<String>,
    /// When the review began to say this.
    pub since: DateTimeUtc,
    pub replaced_at: DateTimeUtc,
    /// Who changed it: what the session called itself, else its role.
    pub replaced_by: String,
    /// Which state of the review this is.
    #[sea_orm(unique_key = "review_revision_version_unique")]
    pub version: i32,
    /// The columns that the change which ended this state made different; none when it deleted the review.
    pub changed: Vec<String>,
    pub operation: Operation,
}

impl ActiveModelBehavior for ActiveModel {}

/// What ended a state of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Operation {
    Updated,
    Deleted,
}
