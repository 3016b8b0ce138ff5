//! The types `Viewer` and `ApiToken`, the mutations of tokens, and role checks.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, Result, SimpleObject};
use chrono::Utc;
use macros::{InlineEnum, object};

use crate::{
    access::{
        Principal, Role, Viewer,
        api_token::{ApiToken, ApiTokenId, Draft, TokenState},
        store::{self, AddTokenError, Revoke, TokenCount},
        token::{RANDOM_BYTES, Token},
    },
    critic::{Critic, CriticId, store::CriticById},
    error::{code, error_with_code, internal_error},
    global_id::{GlobalId, Kind},
    graphql::{
        connection::{Connection, ConnectionNode, with_total},
        constraint::{NOT_A_LIST, TOKEN_NAME, constraint},
        encode_id, load, loader, page_request, request_data,
        scalar::DateTime,
        selection::{Inlined, Linked},
        to_nullable_field,
    },
    pagination::{Direction, KeyKind, OrderTag, PageArgs},
    user_error::{UserError, UserErrorCode, UserErrors},
};

/// Returns the caller.
///
/// # Errors
///
/// `INTERNAL` if the request has no viewer.
pub fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Viewer> {
    request_data(ctx)
}

/// Returns the caller's principal, if it has the rights of a role.
///
/// # Errors
///
/// `FORBIDDEN` if it hasn't.
pub fn require_role<'a>(ctx: &Context<'a>, role: Role) -> Result<&'a Principal> {
    viewer(ctx)?.with_role(role).ok_or_else(|| {
        let message = format!("this needs the role {}", role.name().to_uppercase());
        forbidden(message)
    })
}

/// Returns the error for a caller without the required rights.
#[must_use]
pub fn forbidden(message: impl Into<String>) -> Error {
    error_with_code(code::FORBIDDEN, message)
}

/// The caller, identified by the token of the request.
#[object]
impl Viewer {
    /// The role of the caller.
    fn role(&self) -> ViewerRole {
        match self.principal().map(|principal| principal.role) {
            None => ViewerRole::Anonymous,
            Some(Role::Critic) => ViewerRole::Critic,
            Some(Role::Editor) => ViewerRole::Editor,
            Some(Role::Admin) => ViewerRole::Admin,
        }
    }

    /// The name of the API token, or the subject of the identity provider's token; null without a token.
    fn name(&self) -> Option<&str> {
        self.principal().map(|principal| principal.name.as_str())
    }

    /// The critic whose reviews the caller may write; null unless the role is CRITIC.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        let critic = self.principal()?.critic?;
        to_nullable_field(load(ctx, CriticById(critic)).await)
    }

    /// The time at which the token expires; null if it doesn't expire, and without a token.
    fn token_expires_at(&self) -> Option<DateTime> {
        self.principal()?.expires_at.map(DateTime)
    }
}

/// The role of a caller. Each role includes the rights of the roles before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(name = "Role")]
pub enum ViewerRole {
    /// May read, unless the server requires a token for reading.
    Anonymous,
    /// May add, change and delete the reviews of one critic.
    Critic,
    /// May change the whole catalogue.
    Editor,
    /// May also list, create and revoke tokens.
    Admin,
}

/// The role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "Role")]
pub enum TokenRole {
    /// May add, change and delete the reviews of one critic.
    Critic,
    /// May change the whole catalogue.
    Editor,
    /// May also list, create and revoke tokens.
    Admin,
}

/// The state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "TokenState")]
pub enum ApiTokenState {
    /// The token is valid.
    Active,
    /// The token has expired.
    Expired,
    /// The token was revoked.
    Revoked,
}

impl ConnectionNode for ApiToken {
    type Total = TokenCount;
}

/// An API token without its secret, which is not stored.
#[object]
impl ApiToken {
    /// The global ID of the token. The field `node` does not accept it.
    async fn id(&self) -> ID {
        encode_id(Kind::ApiToken, self.id.0)
    }

    /// The public ID in commands and logs: the 12 hexadecimal digits after `marquee_` in the token.
    fn public_id(&self) -> String {
        self.public_id.to_string()
    }

    /// The name of the token.
    fn name(&self) -> &str {
        &self.name
    }

    /// The role of the token.
    fn role(&self) -> TokenRole {
        self.role.into()
    }

    /// The critic whose reviews the token may write; null unless the role is CRITIC. Deleting the critic deletes the
    /// token, so it is also null if that happens during the request.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// The state of the token.
    fn state(&self) -> ApiTokenState {
        self.state_at(Utc::now()).into()
    }

    /// The time at which the token was created.
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// The client or command that created the token.
    fn created_by(&self) -> &str {
        &self.created_by
    }

    /// The time at which the token expires; null if it doesn't expire.
    fn expires_at(&self) -> Option<DateTime> {
        self.expires_at.map(DateTime)
    }

    /// The time at which the token was revoked; null if it wasn't.
    fn revoked_at(&self) -> Option<DateTime> {
        self.revoked_at.map(DateTime)
    }

    /// The time of the last use, accurate to about a minute; null if the token was never used.
    fn last_used_at(&self) -> Option<DateTime> {
        self.last_used_at.map(DateTime)
    }
}

/// The order of the list: newest first.
const ORDER: OrderTag = OrderTag {
    name: "created",
    kind: KeyKind::None,
    is_nullable: false,
    direction: Direction::Descending,
};

/// Loads a page of tokens.
///
/// # Errors
///
/// `FORBIDDEN` without the role admin. Also when the paging arguments are invalid, or the statement fails.
pub async fn tokens(ctx: &Context<'_>, page: &PageArgs) -> Result<Inlined<Connection<ApiToken>>> {
    require_role(ctx, Role::Admin)?;
    let request = page_request(page, ORDER)?;
    let page = store::list(ORDER, &request, loader(ctx)?.session());
    let page = with_total(ctx, &TokenCount, page)
        .await?
        .map_err(|error| internal_error(&error))?;
    Ok(Connection::of(Arc::new(page), ORDER, TokenCount))
}

/// The input of `createToken`.
#[derive(Debug, InputObject)]
pub struct CreateTokenInput {
    /// The name of the token: 1 to 100 characters, without control characters.
    #[graphql(directive = constraint::apply(TOKEN_NAME, NOT_A_LIST))]
    name: String,
    /// The role of the token.
    role: TokenRole,
    /// The global ID of the critic whose reviews the token may write. Required for the role CRITIC; must be null for
    /// other roles.
    critic: Option<ID>,
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
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to create.")] input: CreateTokenInput,
    ) -> Option<Result<CreateTokenPayload>> {
        Some(create(ctx, input).await)
    }

    /// Revokes an API token immediately and permanently. A token that is already revoked stays unchanged. Requires the
    /// role ADMIN. Null on a top-level error.
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
    let added = match draft(input) {
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

fn draft(input: CreateTokenInput) -> Result<Draft, UserErrors> {
    let CreateTokenInput {
        name,
        role,
        critic,
        expires_at,
    } = input;
    let critic_key = critic.as_ref().map(|id| try_decode_id(id, Kind::Critic));
    let critic_id = critic_key.map(|key| CriticId(key.unwrap_or_default()));
    let expires_at = expires_at.map(|time| time.0);
    let draft = Draft::new(&name, role.into(), critic_id, expires_at, Utc::now());
    if critic_key != Some(None) {
        return draft;
    }
    let mut errors = draft.err().unwrap_or_default();
    let message = "is not the id of a critic";
    errors.add("critic", UserErrorCode::Invalid, message);
    Err(errors)
}

/// Decodes a global ID to the key of its row; `None` if the ID is malformed or of another kind.
fn try_decode_id(id: &ID, kind: Kind) -> Option<i64> {
    let global_id = GlobalId::decode(id)?;
    (global_id.kind == kind).then_some(global_id.key)
}

async fn add(
    ctx: &Context<'_>,
    draft: &Draft,
    principal: &Principal,
) -> Result<Result<(ApiToken, Token), UserErrors>> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| internal_error(&error))?;
    let secret = Token::from_random(&random);
    let session = loader(ctx)?.session();
    match store::add(draft, &secret, &principal.actor, session).await {
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
    let token = store::revoke(Revoke::Id(ApiTokenId(key)), session)
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
