//! An earlier state of a review, from before an update or deletion. Only the database's triggers write it.

use sea_orm::entity::prelude::*;

use super::review::{ScoreRule, Sentiment};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_revision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The review. It may be deleted, and so may the film, the critic and the publication below.
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
    /// The time when the review got this state.
    pub since: DateTimeUtc,
    pub replaced_at: DateTimeUtc,
    /// The actor that changed the review: the session's `marquee.actor`, or else its role.
    pub replaced_by: String,
    /// The version of the review in this state.
    #[sea_orm(unique_key = "review_revision_version_unique")]
    pub version: i32,
    /// The columns that the change after this state modified. Empty if the review was deleted.
    pub changed: Vec<String>,
    pub operation: Operation,
}

impl ActiveModelBehavior for ActiveModel {}

/// The operation that replaced a state of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Operation {
    Updated,
    Deleted,
}
