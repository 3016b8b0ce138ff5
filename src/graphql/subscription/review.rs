//! Subscriptions to changes of reviews.

use std::sync::{Arc, atomic::Ordering};

use async_graphql::{Context, Enum, ID, Object, Result};
use macros::InlineEnum;

use super::{
    require_film,
    signals::{EventSource, SubscriptionSignals},
};
use crate::{
    film::{FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        encode_id, loader, request_data,
        selection::{Inlined, Linked},
    },
    loader::data_loader::DataLoader,
    review::Review,
    subscriptions::{
        self, FeedEvent, ReviewEvent,
        broker::{ChangeFilter, feed::ReviewFeed},
    },
};

/// A change of a review, or the notice that changes may have been missed.
#[derive(Debug)]
pub enum ReviewChange {
    /// A review changed.
    Changed(Arc<ReviewEvent>),
    /// Changes may have been missed: of the reviews of this film, or of all reviews.
    Resync(Option<FilmId>),
}

/// A change of a review, or the notice that changes may have been missed.
#[Object]
impl ReviewChange {
    /// The kind of the change.
    fn kind(&self) -> ReviewChangeKind {
        match self {
            Self::Changed(event) => event.change.kind.into(),
            Self::Resync(_) => ReviewChangeKind::Resync,
        }
    }

    /// The global ID of the review, which may be deleted; null for `RESYNC`.
    async fn review_id(&self) -> Option<ID> {
        self.event()
            .map(|event| encode_id(Kind::Review, event.change.review.0))
    }

    /// The review immediately after this change; null for `DELETED` and `RESYNC`, and if that version is no longer
    /// stored.
    fn review(&self) -> Option<Inlined<Arc<Review>>> {
        self.event()?.review.clone().map(Inlined)
    }

    /// The current film of the review after the change; null if the film was deleted, and for a `RESYNC` of all films.
    fn film(&self) -> Linked<FilmById> {
        let film = match self {
            Self::Changed(event) => Some(event.change.film),
            Self::Resync(film) => *film,
        };
        Linked(film.map(FilmById))
    }

    /// The version of the review after the change, from 1 on; the last version if it was deleted. Null for `RESYNC`.
    fn version(&self) -> Option<i32> {
        self.event().map(|event| event.change.version)
    }
}

impl ReviewChange {
    fn event(&self) -> Option<&ReviewEvent> {
        match self {
            Self::Changed(event) => Some(event),
            Self::Resync(_) => None,
        }
    }
}

/// A kind of change of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
pub enum ReviewChangeKind {
    /// The review was added.
    Added,
    /// The review was updated, or moved to another film.
    Updated,
    /// The review was deleted.
    Deleted,
    /// The server may have missed changes, all reviews were deleted at once, or the rules of the site have changed: fetch
    /// the current data again.
    Resync,
}

impl From<subscriptions::ChangeKind> for ReviewChangeKind {
    fn from(kind: subscriptions::ChangeKind) -> Self {
        match kind {
            subscriptions::ChangeKind::Added => Self::Added,
            subscriptions::ChangeKind::Updated => Self::Updated,
            subscriptions::ChangeKind::Deleted => Self::Deleted,
        }
    }
}

/// The open subscription of a client to changes of reviews.
pub(super) struct ReviewSubscription<'a> {
    feed: ReviewFeed,
    /// Whether the next event is a resync, since the client may have missed events before.
    begins_with_resync: bool,
    pub(super) film: Option<FilmId>,
    loader: &'a DataLoader,
    pub(super) signals: &'a SubscriptionSignals,
}

impl<'a> ReviewSubscription<'a> {
    pub(super) async fn open(
        ctx: &Context<'a>,
        film: Option<FilmId>,
        filter: ChangeFilter,
        begins_with_resync: bool,
    ) -> Result<Self> {
        let source: &EventSource = request_data(ctx)?;
        source.wait_until_listening().await?;
        // Subscribes before it checks the film, so that no change in between is missed.
        let feed = source.broker.subscribe_reviews(film, filter);
        if let Some(film) = film {
            require_film(ctx, film).await?;
        }
        source.signals.is_open.store(true, Ordering::Release);
        Ok(Self {
            feed,
            begins_with_resync,
            film,
            loader: loader(ctx)?,
            signals: &source.signals,
        })
    }

    /// Waits for the next event. Returns `None` after events were lost, and signals that to the transport.
    pub(super) async fn next(&mut self) -> Option<FeedEvent> {
        if std::mem::take(&mut self.begins_with_resync) {
            return Some(FeedEvent::Resync);
        }
        let event = self.feed.next().await;
        self.loader.clear();
        if event.is_err() {
            self.signals.is_too_slow.store(true, Ordering::Release);
        }
        let event = event.ok()?;
        // The sentiment of the review depends on the rules of the site. Without them the client has to read again.
        let needs_rules = matches!(event, FeedEvent::Review(_));
        if needs_rules && self.loader.current_rules().await.is_err() {
            return Some(FeedEvent::Resync);
        }
        Some(event)
    }
}
