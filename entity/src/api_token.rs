//! An API token that authenticates a client. The hash of its secret is not mapped: the serving role may not read that
//! column, and looks tokens up through the function `api_token_of` of the database.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The public part of the token: 12 lower-case hexadecimal digits.
    #[sea_orm(unique)]
    pub public_id: String,
    pub name: String,
    pub role: Role,
    /// The critic whose reviews the token may write. Set exactly for the role `critic`.
    pub critic_id: Option<i64>,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    pub created_by: String,
    /// Null for a token that never expires.
    pub expires_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    /// The time of the last use, accurate to about a minute.
    pub last_used_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "critic_id", to = "id")]
    pub critic: BelongsTo<Option<super::critic::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The role of a token, which determines its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    Critic,
    Editor,
    Admin,
}
