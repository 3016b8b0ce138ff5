//! The mutations of films: add, update and delete.

mod add;
mod delete;
mod update;

use async_graphql::{Context, Object, Result};

use self::{
    add::{AddFilmInput, AddFilmPayload, add},
    delete::{DeleteFilmInput, DeleteFilmPayload, delete},
    update::{UpdateFilmInput, UpdateFilmPayload, update},
};

/// The mutations of films.
#[derive(Debug, Default)]
pub struct FilmMutation;

/// The mutations of films.
#[Object]
impl FilmMutation {
    /// Adds a film. Requires the role EDITOR. Null on a top-level error.
    async fn add_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film to add.")] input: AddFilmInput,
    ) -> Option<Result<AddFilmPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a film. Requires the role EDITOR. Null on a top-level error.
    async fn update_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film and its new values.")] input: UpdateFilmInput,
    ) -> Option<Result<UpdateFilmPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a film. A film with reviews is deleted only with `withReviews: true`, together with its reviews.
    /// Requires the role EDITOR. Null on a top-level error.
    async fn delete_film(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film to delete.")] input: DeleteFilmInput,
    ) -> Option<Result<DeleteFilmPayload>> {
        Some(delete(ctx, input).await)
    }
}
