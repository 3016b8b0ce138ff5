//! The type `Erasure`, and the list of erasures.

use std::sync::Arc;

use async_graphql::{Context, ID, Result};
use macros::object;

use super::viewer::require_role;
use crate::{
    access::Role,
    critic::{
        erasure::Erasure,
        store::erasures::{ErasureCount, list},
    },
    error::internal_error,
    global_id::Kind,
    graphql::{
        connection::{Connection, ConnectionNode, loaded_page::read_page},
        encode_id, int, loader, page_request,
        scalar::DateTime,
        selection::Inlined,
    },
    pagination::{Direction, KeyKind, OrderTag, PageArgs},
};

impl ConnectionNode for Erasure {
    type Total = ErasureCount;
}

/// The record that a critic was erased, without the name.
#[object]
impl Erasure {
    /// The global ID that the critic had. No object has it any more, unless a backup from before is restored.
    #[price(Nothing)]
    async fn critic_id(&self) -> ID {
        encode_id(Kind::Critic, self.critic.0)
    }

    /// The time of the erasure.
    fn erased_at(&self) -> DateTime {
        DateTime(self.erased_at)
    }

    /// The API client that erased the critic.
    fn erased_by(&self) -> &str {
        &self.erased_by
    }

    /// The number of reviews whose byline was replaced.
    fn review_count(&self) -> i32 {
        int(self.reviews)
    }

    /// The number of earlier versions of reviews that were changed.
    fn revision_count(&self) -> i32 {
        int(self.revisions)
    }

    /// Whether the excerpts and URLs of the reviews were removed.
    fn texts_removed(&self) -> bool {
        self.texts_removed
    }
}

/// The order of the list: newest first.
const ORDER: OrderTag = OrderTag {
    name: "erased",
    kind: KeyKind::None,
    is_nullable: false,
    direction: Direction::Descending,
};

/// Loads a page of erasures.
///
/// # Errors
///
/// `FORBIDDEN` without the role admin. Also when the paging arguments are invalid, or the statement fails.
pub async fn erasures(ctx: &Context<'_>, page: &PageArgs) -> Result<Inlined<Connection<Erasure>>> {
    require_role(ctx, Role::Admin)?;
    let request = page_request(page, ORDER)?;
    let loader = loader(ctx)?;
    let list = |request| async move {
        let session = loader.session_to_read().await;
        let session = session.map_err(|error| internal_error(&error))?;
        let page = list(ORDER, &request, session).await;
        page.map(Arc::new).map_err(|error| internal_error(&error))
    };
    let page = read_page(ctx, &ErasureCount, (&request, ORDER), list).await?;
    Ok(Connection::of(page, ORDER, ErasureCount))
}
