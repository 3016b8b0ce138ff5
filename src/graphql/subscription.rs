//! Subscriptions: what changes, as the API tells it.
//!
//! async-graphql asks for the next event once the last one has been answered. So what a request's reads remember can be forgotten
//! between two events, and each is answered with what is there by then.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{Context, Enum, ID, Object, Result, Subscription};
use futures_util::{Stream, stream};
use macros::InlineEnum;

use crate::{
    error::{bad_input, code, internal},
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{data, found, id, key, load, loader, selection::Inlined},
    live::{
        self, Heard, ReviewEvent,
        hub::{Hub, ReviewFeed, ScoreFeed, Wants},
    },
    loader::data_loader::DataLoader,
    review::Review,
};

/// What a subscription hears from, and how it tells its transport what no event says.
#[derive(Debug)]
pub struct Source {
    hub: Arc<Hub>,
    signals: Arc<Signals>,
}

/// What the transport of a subscription has to know beside its events.
#[derive(Debug, Default)]
pub struct Signals {
    opened: AtomicBool,
    too_slow: AtomicBool,
    missed: AtomicBool,
}

/// Why a subscription ended though its client wanted more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Its events were taken too slowly.
    TooSlow,
    /// The server may have missed some itself.
    Missed,
}

impl Loss {
    /// The code of its error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSlow => code::TOO_SLOW,
            Self::Missed => code::EVENTS_LOST,
        }
    }
}

impl Source {
    /// A source of the process's events, with what it signals to its transport.
    #[must_use]
    pub fn new(hub: Arc<Hub>) -> (Self, Arc<Signals>) {
        let signals = Arc::new(Signals::default());
        let source = Self {
            hub,
            signals: Arc::clone(&signals),
        };
        (source, signals)
    }
}

impl Signals {
    /// Whether the subscription stands. What fails before is an error of the request.
    #[must_use]
    pub fn opened(&self) -> bool {
        self.opened.load(Ordering::Acquire)
    }

    /// Whether it ended because events were lost, and why they were.
    #[must_use]
    pub fn lost(&self) -> Option<Loss> {
        if self.too_slow.load(Ordering::Acquire) {
            Some(Loss::TooSlow)
        } else {
            self.missed.load(Ordering::Acquire).then_some(Loss::Missed)
        }
    }
}

/// Where every subscription begins. Events come over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[derive(Debug)]
pub struct Subscription;

/// Where every subscription begins. Events come over WebSocket (`graphql-transport-ws`) or as server-sent events.
#[Subscription]
impl Subscription {
    /// Each review that is added from now on, by whoever, as it was added; once each, in the order in which they were. When the server
    /// may have missed some, because it lost its database for a while, this ends with an error (`EVENTS_LOST`), or its WebSocket is
    /// closed with 4290: read again what you show, and subscribe again.
    async fn review_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews of the film of this id; of all films when null.")]
        film: Option<ID>,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Review>>>>> {
        let events = Reviews::open(ctx, film, Wants::Added).await?;
        Ok(stream::unfold(events, |mut events| async {
            loop {
                match events.next().await? {
                    Heard::Review(event) => {
                        if let Some(review) = &event.review {
                            return Some((Ok(Inlined(Arc::clone(review))), events));
                        }
                    }
                    Heard::Resync => {
                        // No review says that others are missing.
                        events.signals.missed.store(true, Ordering::Release);
                        return None;
                    }
                    Heard::Reset => {}
                }
            }
        }))
    }

    /// Each change of a review from now on, by whoever; once each, in the order in which they were made.
    async fn review_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only reviews that are of the film of this id, before or after the change; of all films when null."
        )]
        film: Option<ID>,
    ) -> Result<impl Stream<Item = ReviewChange>> {
        let events = Reviews::open(ctx, film, Wants::Changes).await?;
        Ok(stream::unfold(events, |mut events| async {
            let change = match events.next().await? {
                Heard::Review(event) => ReviewChange::Made(event),
                Heard::Resync | Heard::Reset => ReviewChange::Resync(events.film),
            };
            Some((change, events))
        }))
    }

    /// The film, whenever what its reviews add up to may have changed, as it is by then. Several changes at once may come as one; the last
    /// one always comes. Completes when the film is deleted.
    async fn score_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The film's global id.")] film: ID,
    ) -> Result<impl Stream<Item = Result<Inlined<Arc<Film>>>>> {
        let scores = Scores::open(ctx, &film).await?;
        Ok(stream::unfold(scores, |mut scores| async {
            let film = scores.next().await.transpose()?;
            Some((film.map(Inlined), scores))
        }))
    }
}

/// What happened to a review.
#[derive(Debug)]
pub enum ReviewChange {
    /// It changed.
    Made(Arc<ReviewEvent>),
    /// Changes may have been missed; of this film's reviews, or of all.
    Resync(Option<FilmId>),
}

/// What happened to a review.
#[Object]
impl ReviewChange {
    /// What happened.
    fn kind(&self) -> ReviewChangeKind {
        match self {
            Self::Made(event) => event.change.kind.into(),
            Self::Resync(_) => ReviewChangeKind::Resync,
        }
    }

    /// The review's global id; null for `RESYNC`.
    async fn id(&self) -> Option<ID> {
        self.made()
            .map(|event| id(Kind::Review, event.change.review.0))
    }

    /// The review as this change left it, whatever has happened since; null for `DELETED` and `RESYNC`, and if what it said then is not
    /// kept any more.
    fn review(&self) -> Option<Inlined<Arc<Review>>> {
        self.made()?.review.clone().map(Inlined)
    }

    /// The film of the review after the change, as it is by now; null if it is gone, and for a `RESYNC` of all films.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let film = match self {
            Self::Made(event) => event.change.film,
            Self::Resync(film) => (*film)?,
        };
        found(load(ctx, FilmById(film)).await)
    }

    /// Which state of the review the change made, counted from 1; of a deleted one, the last. Null for `RESYNC`.
    fn version(&self) -> Option<i32> {
        self.made().map(|event| event.change.version)
    }
}

impl ReviewChange {
    fn made(&self) -> Option<&ReviewEvent> {
        match self {
            Self::Made(event) => Some(event),
            Self::Resync(_) => None,
        }
    }
}

/// What can happen to a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
pub enum ReviewChangeKind {
    /// It was added.
    Added,
    /// It was changed, or given to another film.
    Updated,
    /// It was deleted.
    Deleted,
    /// The server has not heard of all changes for a while: read again what you show.
    Resync,
}

impl From<live::ChangeKind> for ReviewChangeKind {
    fn from(kind: live::ChangeKind) -> Self {
        match kind {
            live::ChangeKind::Added => Self::Added,
            live::ChangeKind::Updated => Self::Updated,
            live::ChangeKind::Deleted => Self::Deleted,
        }
    }
}

/// A subscriber's changes of reviews.
struct Reviews<'a> {
    feed: ReviewFeed,
    film: Option<FilmId>,
    loader: &'a DataLoader,
    signals: &'a Signals,
}

impl<'a> Reviews<'a> {
    async fn open(ctx: &Context<'a>, film: Option<ID>, wants: Wants) -> Result<Self> {
        let film = film
            .map(|id| key(&id, Kind::Film).map(FilmId))
            .transpose()?;
        let source: &Source = data(ctx)?;
        source.hub.ready().await;
        // Heard before it is looked for: what changes in between is not missed.
        let feed = source.hub.reviews(film, wants);
        if let Some(film) = film {
            existing(ctx, film).await?;
        }
        source.signals.opened.store(true, Ordering::Release);
        Ok(Self {
            feed,
            film,
            loader: loader(ctx)?,
            signals: &source.signals,
        })
    }

    /// `None` once events were lost, which the transport is told.
    async fn next(&mut self) -> Option<Heard> {
        let heard = self.feed.next().await;
        self.loader.clear();
        if heard.is_err() {
            self.signals.too_slow.store(true, Ordering::Release);
        }
        heard.ok()
    }
}

/// A subscriber's changes of a film's score.
struct Scores<'a> {
    feed: ScoreFeed,
    film: FilmId,
    loader: &'a DataLoader,
}

impl<'a> Scores<'a> {
    async fn open(ctx: &Context<'a>, film: &ID) -> Result<Self> {
        let film = FilmId(key(film, Kind::Film)?);
        let source: &Source = data(ctx)?;
        source.hub.ready().await;
        let feed = source.hub.score(film);
        existing(ctx, film).await?;
        source.signals.opened.store(true, Ordering::Release);
        Ok(Self {
            feed,
            film,
            loader: loader(ctx)?,
        })
    }

    /// The film after the next change; `None` if it is gone by then.
    async fn next(&mut self) -> Result<Option<Arc<Film>>> {
        self.feed.changed().await;
        self.loader.clear();
        let film = self.loader.load(FilmById(self.film)).await;
        film.map_err(|error| internal(&error))
    }
}

async fn existing(ctx: &Context<'_>, film: FilmId) -> Result<Arc<Film>> {
    load(ctx, FilmById(film))
        .await?
        .ok_or_else(|| bad_input(code::NOT_FOUND, "there is no film of this id (any more)"))
}
