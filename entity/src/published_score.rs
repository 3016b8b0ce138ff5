//! A score that a source publishes for a film.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "published_score")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique_key = "published_score_unique")]
    pub film_id: i64,
    #[sea_orm(unique_key = "published_score_unique")]
    pub source: String,
    #[sea_orm(unique_key = "published_score_unique")]
    pub kind: PublishedScoreKind,
    #[sea_orm(unique_key = "published_score_unique", default_value = "critics")]
    pub audience: PublishedScoreAudience,
    /// 0 to 100.
    pub value: Option<i16>,
    /// The maximum of the source, 1 to 1,000.
    pub scale: Option<i16>,
    /// The value as the source wrote it.
    pub original_value: Option<String>,
    pub label: Option<String>,
    pub review_count: Option<i32>,
    pub positive_count: Option<i32>,
    pub mixed_count: Option<i32>,
    pub negative_count: Option<i32>,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "film_id", to = "id")]
    pub film: BelongsTo<super::film::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The measure of the published value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PublishedScoreKind {
    /// A mean of scores, from 0 to 100, or the label of its band.
    Score,
    /// The percentage of the audience that recommends the film.
    PercentRecommended,
}

/// Who gave the scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PublishedScoreAudience {
    /// Critics.
    Critics,
    /// The public, such as the users of a site.
    Public,
}
