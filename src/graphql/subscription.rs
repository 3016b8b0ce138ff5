//! The subscriptions of the API.
//!
//! async-graphql polls for the next event after it has resolved the last one. The data loader is cleared between two
//! events, so that each response has the data at the time of its event.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, Enum, ID, Object, Result, Subscription};
use futures_util::{Stream, stream};
use macros::InlineEnum;

use crate::{
    error::{code, error_with_code, internal_error},
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        decode_id, encode_id, load, loader, request_data, selection::Inlined, to_nullable_field,
    },
    loader::data_loader::DataLoader,
    review::Review,
    subscriptions::{
        self, FeedEvent, ReviewEvent,
        broker::{
            Broker, ChangeFilter,
            feed::{ReviewFeed, ScoreFeed},
        },
    },
};

/// The source of a subscription's events, and its signals to the transport.
#[derive(Debug)]
pub struct EventSource {
    broker: Arc<Broker>,
    signals: Arc<SubscriptionSignals>,
}

/// The state of a subscription that its events don't contain, for the transport.
#[derive(Debug, Default)]
pub struct SubscriptionSignals {
    is_open: AtomicBool,
    is_too_slow: AtomicBool,
    has_missed_events: AtomicBool,
}

/// The reason why a subscription ended without being completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The client read the events too slowly.
    TooSlow,
    /// The server may have missed events.
    EventsMissed,
}

impl Loss {
    /// Returns the code of the error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSlow => code::TOO_SLOW,
            Self::EventsMissed => code::EVENTS_LOST,
        }
    }
}

impl EventSource {
    /// Creates a source, and the signals for the transport.
    #[must_use]
    pub fn new(broker: Arc<Broker>) -> (Self, Arc<SubscriptionSignals>) {
        let signals = Arc::new(SubscriptionSignals::default());
        let source = Self {
            broker,
            signals: Arc::clone(&signals),
        };
        (source, signals)
    }
}

impl SubscriptionSignals {
    /// Returns whether the subscription is open. An error before that is an error of the request.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Returns the reason if events were lost.
    #[must_use]
    pub fn loss(&self) -> Option<Loss> {
        if self.is_too_slow.load(Ordering::Acquire) {
            Some(Loss::TooSlow)
        } else {
            self.has_missed_events
                .load(Ordering::Acquire)
                .then_some(Loss::EventsMissed)
        }
    }
}

/// The root of all subscriptions. Events are sent over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[derive(Debug)]
pub struct Subscription;

/// The root of all subscriptions. Events are sent over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[Subscription]
impl Subscription {
    /// Each added review, as it was added: once, in the order of addition, whichever client added it. If reviews may
    /// have been missed, an event stream ends with the error `EVENTS_LOST`, or `TOO_SLOW` if the client reads too
    /// slowly. A WebSocket is closed with code 4290. Subscribe again, and then fetch the current data.
    async fn review_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews of the film with this global ID; of all films when null.")]
        film: Option<ID>,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Review>>>>> {
        let events = ReviewSubscription::open(ctx, film, ChangeFilter::Added).await?;
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
    /// missed changes, it sends a `RESYNC` instead.
    async fn review_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only reviews of the film with this global ID, before or after the change; of all films when null."
        )]
        film: Option<ID>,
    ) -> Result<impl Stream<Item = ReviewChange>> {
        let events = ReviewSubscription::open(ctx, film, ChangeFilter::All).await?;
        Ok(stream::unfold(events, |mut events| async {
            let change = match events.next().await? {
                FeedEvent::Review(event) => ReviewChange::Changed(event),
                FeedEvent::Resync | FeedEvent::Reset => ReviewChange::Resync(events.film),
            };
            Some((change, events))
        }))
    }

    /// The current film, whenever its score may have changed. Several changes may be combined to one event; the last
    /// change always causes an event. Completes when the film is deleted.
    async fn score_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ID of the film.")] film: ID,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Film>>>>> {
        let scores = ScoreSubscription::open(ctx, &film).await?;
        Ok(stream::unfold(scores, |mut scores| async {
            let film = scores.next().await.transpose()?;
            Some((film.map(Inlined), scores))
        }))
    }
}

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

    /// The global ID of the review; null for `RESYNC`.
    async fn id(&self) -> Option<ID> {
        self.event()
            .map(|event| encode_id(Kind::Review, event.change.review.0))
    }

    /// The review immediately after this change; null for `DELETED` and `RESYNC`, and if that version is no longer
    /// stored.
    fn review(&self) -> Option<Inlined<Arc<Review>>> {
        self.event()?.review.clone().map(Inlined)
    }

    /// The current film of the review after the change; null if the film was deleted, and for a `RESYNC` of all films.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let film = match self {
            Self::Changed(event) => event.change.film,
            Self::Resync(film) => (*film)?,
        };
        to_nullable_field(load(ctx, FilmById(film)).await)
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
    /// The server may have missed changes, or all reviews were deleted at once: fetch the current data again.
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
struct ReviewSubscription<'a> {
    feed: ReviewFeed,
    film: Option<FilmId>,
    loader: &'a DataLoader,
    signals: &'a SubscriptionSignals,
}

impl<'a> ReviewSubscription<'a> {
    async fn open(ctx: &Context<'a>, film: Option<ID>, filter: ChangeFilter) -> Result<Self> {
        let film = film
            .map(|id| decode_id(&id, Kind::Film).map(FilmId))
            .transpose()?;
        let source: &EventSource = request_data(ctx)?;
        source.broker.wait_until_listening().await;
        // Subscribes before it checks the film, so that no change in between is missed.
        let feed = source.broker.subscribe_reviews(film, filter);
        if let Some(film) = film {
            require_film(ctx, film).await?;
        }
        source.signals.is_open.store(true, Ordering::Release);
        Ok(Self {
            feed,
            film,
            loader: loader(ctx)?,
            signals: &source.signals,
        })
    }

    /// Waits for the next event. Returns `None` after events were lost, and signals that to the transport.
    async fn next(&mut self) -> Option<FeedEvent> {
        let event = self.feed.next().await;
        self.loader.clear();
        if event.is_err() {
            self.signals.is_too_slow.store(true, Ordering::Release);
        }
        event.ok()
    }
}

/// The open subscription of a client to the score of a film.
struct ScoreSubscription<'a> {
    feed: ScoreFeed,
    film: FilmId,
    loader: &'a DataLoader,
}

impl<'a> ScoreSubscription<'a> {
    async fn open(ctx: &Context<'a>, film: &ID) -> Result<Self> {
        let film = FilmId(decode_id(film, Kind::Film)?);
        let source: &EventSource = request_data(ctx)?;
        source.broker.wait_until_listening().await;
        let feed = source.broker.subscribe_score(film);
        require_film(ctx, film).await?;
        source.signals.is_open.store(true, Ordering::Release);
        Ok(Self {
            feed,
            film,
            loader: loader(ctx)?,
        })
    }

    /// Waits for the next change, and returns the film after it; `None` if the film was deleted.
    async fn next(&mut self) -> Result<Option<Arc<Film>>> {
        self.feed.changed().await;
        self.loader.clear();
        let film = self.loader.load(FilmById(self.film)).await;
        film.map_err(|error| internal_error(&error))
    }
}

async fn require_film(ctx: &Context<'_>, film: FilmId) -> Result<Arc<Film>> {
    load(ctx, FilmById(film)).await?.ok_or_else(|| {
        error_with_code(
            code::NOT_FOUND,
            "this film does not exist; it may have been deleted",
        )
    })
}
