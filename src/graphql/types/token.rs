//! Rights as fields ask for them, who asks, and tokens as the API shows and makes them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, Result, SimpleObject};
use chrono::Utc;
use macros::{InlineEnum, object};

use crate::{
    access::{
        Principal, Role, Viewer,
        api_token::{ApiToken, ApiTokenId, Draft, State},
        store::{self, NotAdded, Revoke, TokenCount},
        token::{RANDOM_BYTES, Token},
    },
    critic::{Critic, CriticId, store::CriticById},
    error::{bad_input, code, internal},
    global_id::{GlobalId, Kind},
    graphql::{
        connection::{Connection, ConnectionNode, with_total},
        constraint::{NOT_A_LIST, TOKEN_NAME, constraint},
        data, found, id, load, loader, page_request,
        scalar::DateTime,
        selection::{Inlined, Linked},
    },
    pagination::{Direction, KeyKind, OrderTag, PageArgs},
    user_error::{UserError, UserErrorCode, UserErrors},
};

/// Who asks.
///
/// # Errors
///
/// When the request was put together without it, which is a fault of ours.
pub fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Viewer> {
    data(ctx)
}

/// Who asks, if they have a role or one above it.
///
/// # Errors
///
/// `FORBIDDEN` if they haven't.
pub fn require<'a>(ctx: &Context<'a>, role: Role) -> Result<&'a Principal> {
    viewer(ctx)?.with_role(role).ok_or_else(|| {
        let message = format!("this needs the role {}", role.name().to_uppercase());
        forbidden(message)
    })
}

/// The error of who may not.
#[must_use]
pub fn forbidden(message: impl Into<String>) -> Error {
    bad_input(code::FORBIDDEN, message)
}

/// Who asks, by the token that the request shows.
#[object]
impl Viewer {
    /// What they may do.
    fn role(&self) -> ViewerRole {
        match self.known().map(|principal| principal.role) {
            None => ViewerRole::Anonymous,
            Some(Role::Critic) => ViewerRole::Critic,
            Some(Role::Editor) => ViewerRole::Editor,
            Some(Role::Admin) => ViewerRole::Admin,
        }
    }

    /// The name of the API token, or the subject of the identity provider's token; null for who shows none.
    fn name(&self) -> Option<&str> {
        self.known().map(|principal| principal.name.as_str())
    }

    /// The critic whose reviews they write; null unless the role is CRITIC.
    async fn critic(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Critic>>>> {
        let critic = self.known()?.critic?;
        found(load(ctx, CriticById(critic)).await)
    }

    /// When the token ends; null when it doesn't by itself, and for who shows none.
    fn token_expires_at(&self) -> Option<DateTime> {
        self.known()?.expires_at.map(DateTime)
    }
}

/// What somebody may do. Each role may all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(name = "Role")]
pub enum ViewerRole {
    /// Reads, unless the server has it otherwise.
    Anonymous,
    /// Adds and changes their own reviews.
    Critic,
    /// Adds and changes everything in the catalogue.
    Editor,
    /// Makes and revokes tokens, too.
    Admin,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "Role")]
pub enum TokenRole {
    /// Adds and changes the reviews of one critic.
    Critic,
    /// Adds and changes everything in the catalogue.
    Editor,
    /// Makes and revokes tokens, too.
    Admin,
}

/// Whether a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "State")]
pub enum ApiTokenState {
    /// It is.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody has ended it.
    Revoked,
}

impl ConnectionNode for ApiToken {
    type Total = TokenCount;
}

/// A token by which a client is known, without its secret, which is kept nowhere.
#[object]
impl ApiToken {
    /// The token's global id. `node` doesn't find it.
    async fn id(&self) -> ID {
        id(Kind::ApiToken, self.id.0)
    }

    /// The 12 digits that stand in the token after `marquee_`, by which commands and logs name it.
    fn public_id(&self) -> String {
        self.public_id.to_string()
    }

    /// What it is called.
    fn name(&self) -> &str {
        &self.name
    }

    /// What it is good for.
    fn role(&self) -> TokenRole {
        self.role.into()
    }

    /// The critic whose reviews it writes; null unless the role is CRITIC, or when the critic has just been deleted, and the token along.
    fn critic(&self) -> Linked<CriticById> {
        Linked(self.critic.map(CriticById))
    }

    /// Whether it is good.
    fn state(&self) -> ApiTokenState {
        self.state_at(Utc::now()).into()
    }

    /// When it was made.
    fn created_at(&self) -> DateTime {
        DateTime(self.created_at)
    }

    /// Who made it.
    fn created_by(&self) -> &str {
        &self.created_by
    }

    /// When it ends; null when it doesn't by itself.
    fn expires_at(&self) -> Option<DateTime> {
        self.expires_at.map(DateTime)
    }

    /// When it was revoked; null when it wasn't.
    fn revoked_at(&self) -> Option<DateTime> {
        self.revoked_at.map(DateTime)
    }

    /// When it was used last, to about a minute; null when it wasn't yet.
    fn last_used_at(&self) -> Option<DateTime> {
        self.last_used_at.map(DateTime)
    }
}

/// The newest first.
const ORDER: OrderTag = OrderTag {
    name: "created",
    kind: KeyKind::None,
    nullable: false,
    direction: Direction::Descending,
};

/// Lists tokens, for admins.
///
/// # Errors
///
/// `FORBIDDEN` for others; when the page can't be, or could not be read.
pub async fn tokens(ctx: &Context<'_>, page: &PageArgs) -> Result<Inlined<Connection<ApiToken>>> {
    require(ctx, Role::Admin)?;
    let request = page_request(page, ORDER)?;
    let page = store::list(ORDER, &request, loader(ctx)?.session());
    let page = with_total(ctx, &TokenCount, page)
        .await?
        .map_err(|error| internal(&error))?;
    Ok(Connection::of(Arc::new(page), ORDER, TokenCount))
}

/// What a new token is to be.
#[derive(Debug, InputObject)]
pub struct CreateTokenInput {
    /// What it is called: at most 100 characters, none of them a control character.
    #[graphql(directive = constraint::apply(TOKEN_NAME, NOT_A_LIST))]
    name: String,
    /// What it is good for.
    role: TokenRole,
    /// The global id of the critic whose reviews it writes; for the role CRITIC, and only for that.
    critic: Option<ID>,
    /// When it ends; only when it is revoked, when this is null or left out.
    expires_at: Option<DateTime>,
}

/// What came of `createToken`.
#[derive(SimpleObject)]
pub struct CreateTokenPayload {
    /// The token without its secret; null when none was made.
    token: Option<ApiToken>,
    /// The whole token, to be shown as `Authorization: Bearer <secret>`. It is told this once, and kept nowhere. Null when none was
    /// made.
    secret: Option<String>,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// Which token to end.
#[derive(Debug, InputObject)]
pub struct RevokeTokenInput {
    /// The token's global id.
    id: ID,
}

/// What came of `revokeToken`.
#[derive(Debug, SimpleObject)]
pub struct RevokeTokenPayload {
    /// The token as it is now; null when there is none of that id.
    token: Option<ApiToken>,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// The mutations of tokens.
#[derive(Debug, Default)]
pub struct TokenMutation;

/// The mutations of tokens.
#[object]
impl TokenMutation {
    /// Makes an API token. Needs the role ADMIN. Null when it fails as a whole.
    async fn create_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateTokenInput,
    ) -> Option<Result<CreateTokenPayload>> {
        Some(create(ctx, input).await)
    }

    /// Ends an API token, at once and for good; one that was revoked before stays as it is. Needs the role ADMIN. Null when it fails as
    /// a whole.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: RevokeTokenInput,
    ) -> Option<Result<RevokeTokenPayload>> {
        Some(revoke(ctx, &input).await)
    }
}

async fn create(ctx: &Context<'_>, input: CreateTokenInput) -> Result<CreateTokenPayload> {
    let principal = require(ctx, Role::Admin)?;
    let drafted = draft(input);
    let added = match drafted {
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
    let known = critic.as_ref().map(|id| key(id, Kind::Critic));
    let critic_id = known.map(|key| CriticId(key.unwrap_or_default()));
    let expires_at = expires_at.map(|end| end.0);
    let draft = Draft::new(&name, role.into(), critic_id, expires_at, Utc::now());
    if known != Some(None) {
        return draft;
    }
    let mut errors = draft.err().unwrap_or_default();
    let message = "this is not the id of a critic";
    errors.add("critic", UserErrorCode::Invalid, message);
    Err(errors)
}

/// The key that an id names, if it names one of that kind.
fn key(id: &ID, kind: Kind) -> Option<i64> {
    let global = GlobalId::decode(id)?;
    (global.kind == kind).then_some(global.key)
}

async fn add(
    ctx: &Context<'_>,
    draft: &Draft,
    principal: &Principal,
) -> Result<Result<(ApiToken, Token), UserErrors>> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(|error| internal(&error))?;
    let secret = Token::of_random(&random);
    let session = loader(ctx)?.session();
    match store::add(draft, &secret, &principal.actor, session).await {
        Ok(token) => {
            tracing::info!(token.id = %token.public_id, token.role = token.role.name(), actor = principal.actor, "made a token");
            Ok(Ok((token, secret)))
        }
        Err(NotAdded::NoCritic) => {
            let mut errors = UserErrors::default();
            let message = "there is no critic with this id";
            errors.add("critic", UserErrorCode::NotFound, message);
            Ok(Err(errors))
        }
        Err(NotAdded::Database(error)) => Err(internal(&error)),
    }
}

async fn revoke(ctx: &Context<'_>, input: &RevokeTokenInput) -> Result<RevokeTokenPayload> {
    let principal = require(ctx, Role::Admin)?;
    let mut errors = UserErrors::default();
    let Some(key) = key(&input.id, Kind::ApiToken) else {
        let message = "this is not the id of a token";
        errors.add("id", UserErrorCode::Invalid, message);
        return Ok(RevokeTokenPayload {
            token: None,
            user_errors: errors.into_vec(),
        });
    };
    let session = loader(ctx)?.session();
    let token = store::revoke(Revoke::Id(ApiTokenId(key)), session)
        .await
        .map_err(|error| internal(&error))?;
    if let Some(token) = &token {
        tracing::info!(token.id = %token.public_id, actor = principal.actor, "revoked a token");
    } else {
        let message = "there is no token with this id";
        errors.add("id", UserErrorCode::NotFound, message);
    }
    Ok(RevokeTokenPayload {
        token,
        user_errors: errors.into_vec(),
    })
}
