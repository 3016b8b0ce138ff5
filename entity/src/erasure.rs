//! That a critic was erased, without the name.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasure")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The key of the critic, which no row has any more.
    pub critic_id: i64,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub erased_at: DateTimeUtc,
    /// The actor that erased the critic.
    pub erased_by: String,
    /// The number of reviews whose byline was replaced.
    pub review_count: i64,
    /// The number of earlier versions of reviews that were changed.
    pub revision_count: i64,
    /// Whether the excerpts and URLs of the reviews were removed.
    pub texts_removed: bool,
}

impl ActiveModelBehavior for ActiveModel {}
