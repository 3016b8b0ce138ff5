//! Writes of tokens.

use entity::api_token;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};

use super::invalid_row;
use crate::{
    access::{
        api_token::{ApiToken, ApiTokenId, TokenDraft},
        token::{PublicId, Token},
    },
    database::{sql, violation::violated_constraint},
};

/// A token could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum AddTokenError {
    /// The critic of the token does not exist.
    #[error("there is no such critic")]
    NoCritic,
    /// The statement failed.
    #[error(transparent)]
    Database(DbErr),
}

/// Stores a new token, with the hash of its secret only.
///
/// # Errors
///
/// When its critic does not exist, or the statement fails.
pub async fn add(
    draft: &TokenDraft,
    token: &Token,
    created_by: &str,
    connection: &impl ConnectionTrait,
) -> Result<ApiToken, AddTokenError> {
    let values = [
        token.public_id().to_string().into(),
        token.hash().as_bytes().to_vec().into(),
        draft.name().into(),
        api_token::Role::from(draft.role()).into(),
        draft.critic().map(|critic| critic.0).into(),
        created_by.into(),
        draft.expires_at().into(),
    ];
    let row: Option<api_token::Model> =
        sql::one(connection, ADD, values).await.map_err(|error| {
            match violated_constraint(&error).as_deref() {
                Some("api_token_critic_known") => AddTokenError::NoCritic,
                _ => AddTokenError::Database(error),
            }
        })?;
    let row =
        row.ok_or_else(|| AddTokenError::Database(invalid_row("INSERT returned no token")))?;
    row.try_into().map_err(AddTokenError::Database)
}

/// Returns all columns of the new row except the hash, which the serving role may not read.
const ADD: &str = "
INSERT INTO api_token (public_id, secret_hash, name, role, critic_id, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id, public_id, name, role, critic_id, created_at, created_by, expires_at, revoked_at, last_used_at";

/// The identification of the token to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoke {
    /// The key of the token.
    Id(ApiTokenId),
    /// The public ID of the token.
    PublicId(PublicId),
}

/// Revokes a token and returns its new state. A token that was revoked before is unchanged. Returns `None` if there is
/// no such token.
///
/// # Errors
///
/// When the statement fails.
pub async fn revoke(
    target: Revoke,
    connection: &impl ConnectionTrait,
) -> Result<Option<ApiToken>, DbErr> {
    let condition = match target {
        Revoke::Id(id) => api_token::COLUMN.id.eq(id.0),
        Revoke::PublicId(public_id) => api_token::COLUMN.public_id.eq(public_id.to_string()),
    };
    let revoked_at = Expr::cust("coalesce(revoked_at, now())");
    let rows = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, revoked_at)
        .filter(condition)
        .exec_with_returning(connection)
        .await?;
    rows.into_iter().next().map(ApiToken::try_from).transpose()
}

/// Records the use of a token, unless a use was recorded within the last minute or another transaction has locked the
/// row.
///
/// # Errors
///
/// When the statement fails.
pub async fn record_use(id: ApiTokenId, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let statement = "UPDATE api_token SET last_used_at = now() WHERE id IN (
            SELECT id FROM api_token
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')
            FOR UPDATE SKIP LOCKED
        )";
    sql::execute(connection, statement, [id.0.into()])
        .await
        .map(drop)
}
