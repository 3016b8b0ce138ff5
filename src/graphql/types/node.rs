//! The interface `Node`.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Result};

use super::{
    critic::{self, reference::CriticBy},
    film::{self, reference::FilmBy},
    publication::{self, reference::PublicationBy},
    review,
};
use crate::{
    critic::Critic,
    film::Film,
    global_id::{GlobalId, Kind},
    graphql::invalid_id,
    publication::Publication,
    review::Review,
};

/// An object with a global ID.
#[derive(Clone, Debug, Interface)]
#[graphql(field(
    name = "id",
    method = "resolve_id",
    ty = "ID",
    desc = "The global ID: unique across all types, and constant while the object exists."
))]
pub enum Node {
    /// A film.
    Film(Arc<Film>),
    /// A critic.
    Critic(Arc<Critic>),
    /// A publication.
    Publication(Arc<Publication>),
    /// A review.
    Review(Arc<Review>),
}

/// Loads the object with a global ID; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID is malformed; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn find_node(ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
    let kind = GlobalId::decode(&id).ok_or_else(invalid_id)?.kind;
    Ok(match kind {
        Kind::Film => film::film(ctx, FilmBy::Id(id)).await?.map(Node::Film),
        Kind::Critic => critic::critic(ctx, CriticBy::Id(id))
            .await?
            .map(Node::Critic),
        Kind::Publication => publication::publication(ctx, PublicationBy::Id(id))
            .await?
            .map(Node::Publication),
        Kind::Review => review::review(ctx, &id).await?.map(Node::Review),
        // Only admins may read tokens, and they have the list `tokens`.
        Kind::ApiToken => return Err(invalid_id()),
    })
}
