//! Queries and writes of API tokens.

pub mod write;

use std::{collections::HashMap, sync::Arc};

use entity::api_token;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryOrder, QueryTrait,
    sea_query::Expr,
};

use super::{
    Role,
    api_token::{ApiToken, ApiTokenId},
    token::{PublicId, SecretHash, Token},
};
use crate::{
    cache::tag::Tag,
    critic::CriticId,
    database::{keyset::Keyset, session::Session, sql},
    loader::key::LoaderKey,
    pagination::{OrderTag, Page, PageRequest, Position, SortKey},
};

/// The key of the number of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenCount;

impl LoaderKey for TokenCount {
    type Value = u64;
    type Group = ();

    fn group(&self) {}

    /// Visits no tags because the number of tokens is never cached.
    fn tags(&self, _: Option<&u64>, _: &mut dyn FnMut(Tag)) {}

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let count = api_token::Entity::find().count(session).await?;
        Ok(keys.into_iter().map(|key| (key, count)).collect())
    }
}

/// The key of a token by its public ID and the hash of its secret. It has no value if the ID is unknown or the secret
/// differs.
///
/// Concurrent requests look up their tokens in one statement. The result is never cached, and a request never joins a
/// statement that was sent already. So a revoked token is rejected immediately.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenBySecret {
    public_id: PublicId,
    hash: SecretHash,
}

impl From<&Token> for TokenBySecret {
    fn from(token: &Token) -> Self {
        Self {
            public_id: token.public_id(),
            hash: token.hash(),
        }
    }
}

impl LoaderKey for TokenBySecret {
    type Value = ApiToken;
    type Group = ();

    fn group(&self) {}

    /// Visits no tags because tokens are never cached.
    fn tags(&self, _: Option<&ApiToken>, _: &mut dyn FnMut(Tag)) {}

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, ApiToken>, DbErr> {
        let ids = keys.iter().map(|key| key.public_id.to_string());
        let hashes = keys.iter().map(|key| key.hash.as_bytes().to_vec());
        let (ids, hashes): (Vec<String>, Vec<Vec<u8>>) = (ids.collect(), hashes.collect());
        let statement = sql::statement(FIND, [ids.into(), hashes.into()]);
        let mut found = HashMap::with_capacity(keys.len());
        for row in session.query_all_raw(statement).await? {
            let ordinal: i64 = row.try_get_by("ordinal")?;
            let key = usize::try_from(ordinal - 1)
                .ok()
                .and_then(|index| keys.get(index));
            let key = key.ok_or_else(|| invalid_row("the position of a token is out of range"))?;
            let token = api_token::Model::from_query_result(&row, "")?;
            found.insert(*key, token.try_into()?);
        }
        Ok(found)
    }
}

const FIND: &str = "SELECT requested.ordinal, token.* \
    FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS requested (public_id, hash, ordinal), \
    api_token_of(requested.public_id, requested.hash) AS token";

/// Returns a page of tokens, by default the newest first.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    order: OrderTag,
    request: &PageRequest,
    connection: &impl ConnectionTrait,
) -> Result<Page<Arc<ApiToken>>, DbErr> {
    let keyset = Keyset {
        key: None,
        is_nullable: order.is_nullable,
        is_index_descending: false,
        key_range: None,
        id: Expr::col((api_token::Entity, api_token::Column::Id)),
        direction: order.direction,
    };
    let select = keyset.page(api_token::Entity::find().into_query(), request);
    let select = api_token::Entity::find().from_raw_sql(sql::build(&select));
    let mut rows = Vec::new();
    for row in select.all(connection).await? {
        let token = ApiToken::try_from(row)?;
        let position = Position {
            key: SortKey::Missing,
            id: token.id.0,
        };
        rows.push((Arc::new(token), position));
    }
    Ok(Page::from_rows(rows, request))
}

/// Returns all tokens, the newest first, with the slugs of their critics.
///
/// # Errors
///
/// When the statement fails.
pub async fn list_all(
    connection: &impl ConnectionTrait,
) -> Result<Vec<(ApiToken, Option<String>)>, DbErr> {
    let rows = api_token::Entity::find()
        .find_also_related(entity::critic::Entity)
        .order_by_desc(api_token::COLUMN.id)
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|(token, critic)| Ok((token.try_into()?, critic.map(|critic| critic.slug))))
        .collect()
}

fn invalid_row(message: &str) -> DbErr {
    DbErr::Type(message.to_owned())
}

impl TryFrom<api_token::Model> for ApiToken {
    type Error = DbErr;

    fn try_from(row: api_token::Model) -> Result<Self, DbErr> {
        let public_id = PublicId::parse(&row.public_id)
            .ok_or_else(|| invalid_row("the public ID of a token is malformed"))?;
        Ok(Self {
            id: ApiTokenId(row.id),
            public_id,
            name: row.name,
            role: row.role.into(),
            critic: row.critic_id.map(CriticId),
            created_at: row.created_at,
            created_by: row.created_by,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

impl From<api_token::Role> for Role {
    fn from(role: api_token::Role) -> Self {
        match role {
            api_token::Role::Critic => Self::Critic,
            api_token::Role::Editor => Self::Editor,
            api_token::Role::Admin => Self::Admin,
        }
    }
}

impl From<Role> for api_token::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Critic => Self::Critic,
            Role::Editor => Self::Editor,
            Role::Admin => Self::Admin,
        }
    }
}
