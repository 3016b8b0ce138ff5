//! The types `Viewer` and `ApiToken`, the mutations of tokens, and role checks.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Result};
use chrono::Utc;
use macros::{InlineEnum, object};

use super::viewer::require_role;
use crate::{
    access::{
        Role,
        api_token::{ApiToken, TokenState},
        store::{self, TokenCount},
    },
    critic::store::CriticById,
    error::internal_error,
    global_id::Kind,
    graphql::{
        connection::{Connection, ConnectionNode, loaded_page::read_page},
        encode_id, loader, page_request,
        scalar::DateTime,
        selection::{Inlined, Linked},
    },
    pagination::{Direction, KeyKind, OrderTag, PageArgs},
};

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
    #[price(Nothing)]
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
    let loader = loader(ctx)?;
    let list = |request| async move {
        let session = loader.session_to_read().await;
        let session = session.map_err(|error| internal_error(&error))?;
        let page = store::list(ORDER, &request, session).await;
        page.map(Arc::new).map_err(|error| internal_error(&error))
    };
    let page = read_page(ctx, &TokenCount, (&request, ORDER), list).await?;
    Ok(Connection::of(page, ORDER, TokenCount))
}
