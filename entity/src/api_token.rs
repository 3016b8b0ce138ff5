//! A token by which a client is known. The hash of its secret is no part of it: the role that serves may not read that column, and looks
//! tokens up by the database's function `api_token_of`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What may be shown of the token: 12 lower-case hexadecimal digits.
    #[sea_orm(unique)]
    pub public_id: String,
    pub name: String,
    pub role: Role,
    /// Whose reviews it writes; there exactly for the role critic.
    pub critic_id: Option<i64>,
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    pub created_by: String,
    /// Null for a token that ends only when it is revoked.
    pub expires_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    /// To about a minute.
    pub last_used_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "critic_id", to = "id")]
    pub critic: BelongsTo<Option<super::critic::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    Critic,
    Editor,
    Admin,
}
