//! The mutations of tokens: create and revoke.

use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use chrono::Utc;
use macros::object;

use crate::graphql::types::{critic::reference::CriticBy, token::TokenRole, viewer::require_role};
use crate::{
    access::{
        Principal, Role,
        api_token::{ApiToken, ApiTokenId, TokenDraft},
        store::{
            self,
            write::{AddTokenError, Revoke},
        },
        token::{RANDOM_BYTES, Token},
    },
    critic::CriticId,
    error::internal_error,
    global_id::{GlobalId, Kind},
    graphql::{
        constraint::{NOT_A_LIST, TOKEN_NAME, constraint},
        loader,
        lookup::{NO_ROW, optional_key},
        scalar::DateTime,
    },
    user_error::{UserError, UserErrorCode, UserErrors},
};

/// The input of `createToken`.
#[derive(Debug, InputObject)]
pub struct CreateTokenInput {
    /// The name of the token: 1 to 100 characters, without control characters.
    #[graphql(directive = constraint::apply(TOKEN_NAME, NOT_A_LIST))]
    name: String,
    /// The role of the token.
    role: TokenRole,
    /// The global ID of the critic whose reviews the token may write. One of `critic` and `criticBy` is required for the
    /// role CRITIC; both must be null for other roles.
    critic: Option<ID>,
    /// The critic whose reviews the token may write. It can't be combined with `critic`.
    critic_by: Option<CriticBy>,
    /// The time at which the token expires, in the future and before the year 9999; never when null.
    expires_at: Option<DateTime>,
}

/// The result of `createToken`.
#[derive(SimpleObject)]
pub struct CreateTokenPayload {
    /// The created token without its secret; null if none was created.
    token: Option<ApiToken>,
    /// The secret, for the header `Authorization: Bearer <secret>`. It is returned only once and not stored: save it.
    /// Null if no token was created.
    secret: Option<String>,
    /// All errors in the input; empty if the token was created.
    user_errors: Vec<UserError>,
}

/// The input of `revokeToken`.
#[derive(Debug, InputObject)]
pub struct RevokeTokenInput {
    /// The global ID of the token.
    id: ID,
}

/// The result of `revokeToken`.
#[derive(Debug, SimpleObject)]
pub struct RevokeTokenPayload {
    /// The token in its current state; null if it doesn't exist.
    token: Option<ApiToken>,
    /// All errors in the input; empty if the token was revoked.
    user_errors: Vec<UserError>,
}

/// The mutations of API tokens.
#[derive(Debug, Default)]
pub struct TokenMutation;

/// The mutations of API tokens.
#[object]
impl TokenMutation {
    /// Creates an API token. Requires the role ADMIN. Null on a top-level error.
    #[price(Mutation)]
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to create.")] input: CreateTokenInput,
    ) -> Option<Result<CreateTokenPayload>> {
        Some(create(ctx, input).await)
    }

    /// Revokes an API token immediately and permanently. A token that is already revoked stays unchanged. Requires the
    /// role ADMIN. Null on a top-level error.
    #[price(Mutation)]
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to revoke.")] input: RevokeTokenInput,
    ) -> Option<Result<RevokeTokenPayload>> {
        Some(revoke(ctx, &input).await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateTokenInput) -> Result<CreateTokenPayload> {
    let principal = require_role(ctx, Role::Admin)?;
    let added = match draft(ctx, input).await? {
        Ok(draft) => add(ctx, &draft, principal).await?,
        Err(errors) => Err(errors),
    };
    Ok(match added {
        Ok((token, secret)) => CreateTokenPayload {
            token: Some(token),
            secret: Some(secret.reveal()),
            user_errors: Vec::new(),
        },
        Err(errors) => CreateTokenPayload {
            token: None,
            secret: None,
            user_errors: errors.into_vec(),
        },
    })
}

async fn draft(
    ctx: &Context<'_>,
    input: CreateTokenInput,
) -> Result<Result<TokenDraft, UserErrors>> {
    let CreateTokenInput {
        name,
        role,
        critic,
        critic_by,
        expires_at,
    } = input;
    let has_critic = critic.is_some() || critic_by.is_some();
    let mut reference_errors = UserErrors::default();
    let critic = match (&critic, &critic_by) {
        (Some(id), None) if try_decode_id(id, Kind::Critic).is_none() => {
            let message = "is not the id of a critic";
            reference_errors.add("critic", UserErrorCode::Invalid, message);
            None
        }
        _ => {
            let fields = ["critic", "criticBy"];
            optional_key(ctx, (critic, critic_by), fields, &mut reference_errors).await?
        }
    };
    // An invalid reference has its error already, so that none is missing.
    let critic = critic
        .or_else(|| has_critic.then_some(NO_ROW))
        .map(CriticId);
    let expires_at = expires_at.map(|time| time.0);
    let draft = TokenDraft::new(&name, role.into(), critic, expires_at, Utc::now());
    if reference_errors.is_empty() {
        return Ok(draft);
    }
    let mut errors = draft.err().unwrap_or_default();
    errors.extend(reference_errors.into_vec());
    Ok(Err(errors))
}

/// Decodes a global ID to the key of its row; `None` if the ID is malformed or of another kind.
fn try_decode_id(id: &ID, kind: Kind) -> Option<i64> {
    let global_id = GlobalId::decode(id)?;
    (global_id.kind == kind).then_some(global_id.key)
}

async fn add(
    ctx: &Context<'_>,
    draft: &TokenDraft,
    principal: &Principal,
) -> Result<Result<(ApiToken, Token), UserErrors>> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| internal_error(&error))?;
    let secret = Token::from_random(&random);
    let session = loader(ctx)?.session();
    match store::write::add(draft, &secret, &principal.actor, session).await {
        Ok(token) => {
            tracing::info!(token.id = %token.public_id, token.role = token.role.name(), actor = principal.actor, "created an API token");
            Ok(Ok((token, secret)))
        }
        Err(AddTokenError::NoCritic) => {
            let mut errors = UserErrors::default();
            let message = "this critic does not exist; it may have been deleted";
            errors.add("critic", UserErrorCode::NotFound, message);
            Ok(Err(errors))
        }
        Err(AddTokenError::Database(error)) => Err(internal_error(&error)),
    }
}

async fn revoke(ctx: &Context<'_>, input: &RevokeTokenInput) -> Result<RevokeTokenPayload> {
    let principal = require_role(ctx, Role::Admin)?;
    let mut errors = UserErrors::default();
    let Some(key) = try_decode_id(&input.id, Kind::ApiToken) else {
        let message = "is not the id of a token";
        errors.add("id", UserErrorCode::Invalid, message);
        return Ok(RevokeTokenPayload {
            token: None,
            user_errors: errors.into_vec(),
        });
    };
    let session = loader(ctx)?.session();
    let token = store::write::revoke(Revoke::Id(ApiTokenId(key)), session)
        .await
        .map_err(|error| internal_error(&error))?;
    if let Some(token) = &token {
        tracing::info!(token.id = %token.public_id, actor = principal.actor, "revoked an API token");
    } else {
        let message = "this token does not exist";
        errors.add("id", UserErrorCode::NotFound, message);
    }
    Ok(RevokeTokenPayload {
        token,
        user_errors: errors.into_vec(),
    })
}
