//! The subscriptions of the API.
//!
//! async-graphql polls for the next event after it has resolved the last one. The data loader is cleared between two
//! events, so that each response has the data at the time of its event.

mod review;
mod score;
pub mod signals;

use std::sync::{Arc, atomic::Ordering};

use async_graphql::{Context, Error, ID, Result, Subscription};
use futures_util::{Stream, stream};

use self::{
    review::{ReviewChange, ReviewSubscription},
    score::ScoreSubscription,
    signals::ResumingClient,
};
use crate::{
    error::{code, error_with_code},
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        decode_id, load, lookup::RowReference, selection::Inlined, types::film::reference::FilmBy,
    },
    review::Review,
    subscriptions::{FeedEvent, broker::ChangeFilter},
};

/// The root of all subscriptions. Events are sent over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[derive(Debug)]
pub struct Subscription;

/// The root of all subscriptions. Events are sent over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[Subscription]
impl Subscription {
    /// Each added review, as it was added: once, in the order of addition, whichever client added it. If reviews may
    /// have been missed, an event stream ends with the error `EVENTS_LOST`, or `TOO_SLOW` if the client reads too
    /// slowly. A WebSocket is closed with code 4290. Subscribe again, and then fetch the current data. It has no event
    /// for a client that was connected before: fetch the current data after each connection.
    async fn review_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews of the film with this global ID; of all films when null.")]
        film: Option<ID>,
        #[graphql(desc = "Only reviews of this film. It can't be combined with `film`.")]
        film_by: Option<FilmBy>,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Review>>>>> {
        let film = film_key(ctx, film, film_by).await?;
        let events = ReviewSubscription::open(ctx, film, ChangeFilter::Added, false).await?;
        Ok(stream::unfold(events, |mut events| async {
            loop {
                match events.next().await? {
                    FeedEvent::Review(event) => {
                        if let Some(review) = &event.review {
                            return Some((Ok(Inlined(Arc::clone(review))), events));
                        }
                    }
                    FeedEvent::Resync => {
                        // A review can't express that others are missing.
                        events
                            .signals
                            .has_missed_events
                            .store(true, Ordering::Release);
                        return None;
                    }
                    FeedEvent::Reset => {}
                }
            }
        }))
    }

    /// Each change of a review: once, in the order of the changes, whichever client made it. If the server may have
    /// missed changes, it sends a `RESYNC` instead. It begins with one for a client that was connected before, and says so
    /// by `resync` or in `connection_init`.
    async fn review_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only reviews of the film with this global ID, before or after the change; of all films when null."
        )]
        film: Option<ID>,
        #[graphql(
            desc = "Only reviews of this film, before or after the change. It can't be combined with `film`."
        )]
        film_by: Option<FilmBy>,
        #[graphql(
            desc = "Whether it begins with a `RESYNC`, because the client may have missed changes before; false when null."
        )]
        resync: Option<bool>,
    ) -> Result<impl Stream<Item = ReviewChange>> {
        let resync = resync.unwrap_or_default() || is_resuming(ctx);
        let film = film_key(ctx, film, film_by).await?;
        let events = ReviewSubscription::open(ctx, film, ChangeFilter::All, resync).await?;
        Ok(stream::unfold(events, |mut events| async {
            let change = match events.next().await? {
                FeedEvent::Review(event) => ReviewChange::Changed(event),
                FeedEvent::Resync | FeedEvent::Reset => ReviewChange::Resync(events.film),
            };
            Some((change, events))
        }))
    }

    /// The current film, whenever its score may have changed. Several changes may be combined to one event; the last
    /// change always causes an event. Begins with the current film for a client that was connected before, and says so by
    /// `resync` or in `connection_init`. Completes when the film is deleted.
    async fn score_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The global ID of the film. Exactly one of `film` and `filmBy` is required."
        )]
        film: Option<ID>,
        #[graphql(desc = "The film.")] film_by: Option<FilmBy>,
        #[graphql(
            desc = "Whether it begins with the current film, because the client may have missed changes before; false when null."
        )]
        resync: Option<bool>,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Film>>>>> {
        let resync = resync.unwrap_or_default() || is_resuming(ctx);
        let film = film_key(ctx, film, film_by)
            .await?
            .ok_or_else(|| error_with_code(code::INVALID_VALUE, "give `film` or `filmBy`"))?;
        let scores = ScoreSubscription::open(ctx, film, resync).await?;
        Ok(stream::unfold(scores, |mut scores| async {
            let film = scores.next().await.transpose()?;
            Some((film.map(Inlined), scores))
        }))
    }
}

fn is_resuming(ctx: &Context<'_>) -> bool {
    ctx.data_opt::<ResumingClient>().is_some()
}

/// Returns the film that the arguments refer to; `None` if they name none.
async fn film_key(ctx: &Context<'_>, id: Option<ID>, by: Option<FilmBy>) -> Result<Option<FilmId>> {
    match (id, by) {
        (None, None) => Ok(None),
        (Some(id), None) => Ok(Some(FilmId(decode_id(&id, Kind::Film)?))),
        (None, Some(by)) => match by.look_up(ctx).await?.into_key()? {
            Some(key) => Ok(Some(FilmId(key))),
            None => Err(missing_film()),
        },
        (Some(_), Some(_)) => {
            let message = "`filmBy` can't be combined with `film`";
            Err(error_with_code(code::INVALID_VALUE, message))
        }
    }
}

fn missing_film() -> Error {
    let message = "this film does not exist; it may have been deleted";
    error_with_code(code::NOT_FOUND, message)
}

async fn require_film(ctx: &Context<'_>, film: FilmId) -> Result<Arc<Film>> {
    load(ctx, FilmById(film)).await?.ok_or_else(missing_film)
}
