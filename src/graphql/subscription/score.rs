//! The subscription to the score of a film.

use std::sync::{Arc, atomic::Ordering};

use async_graphql::{Context, Result};

use super::{require_film, signals::EventSource};
use crate::{
    error::internal_error,
    film::{Film, FilmId, store::FilmById},
    graphql::{loader, request_data},
    loader::data_loader::DataLoader,
    subscriptions::broker::feed::ScoreFeed,
};

/// The open subscription of a client to the score of a film.
pub(super) struct ScoreSubscription<'a> {
    feed: ScoreFeed,
    /// Whether the next event comes at once, since the client may have missed some before.
    begins_with_event: bool,
    film: FilmId,
    loader: &'a DataLoader,
}

impl<'a> ScoreSubscription<'a> {
    pub(super) async fn open(
        ctx: &Context<'a>,
        film: FilmId,
        begins_with_event: bool,
    ) -> Result<Self> {
        let source: &EventSource = request_data(ctx)?;
        source.wait_until_listening().await?;
        let feed = source.broker.subscribe_score(film);
        require_film(ctx, film).await?;
        source.signals.is_open.store(true, Ordering::Release);
        Ok(Self {
            feed,
            begins_with_event,
            film,
            loader: loader(ctx)?,
        })
    }

    /// Waits for the next change, and returns the film after it; `None` if the film was deleted.
    pub(super) async fn next(&mut self) -> Result<Option<Arc<Film>>> {
        if !std::mem::take(&mut self.begins_with_event) {
            self.feed.changed().await;
        }
        self.loader.clear();
        let film = self.loader.load(FilmById(self.film)).await;
        film.map_err(|error| internal_error(&error))
    }
}
