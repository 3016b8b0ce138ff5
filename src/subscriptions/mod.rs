//! Change events for subscriptions.
//!
//! Triggers notify a channel of the changes of each transaction, in the order of the commits, whichever client made
//! them. `listener` receives the notifications, `dispatcher` reads the changed reviews that have a subscriber, and
//! `broker` delivers them to the subscribers of this process through an `event_log`. `graphql::subscription` exposes
//! them.

pub mod broker;
pub mod dispatcher;
mod event_log;
pub mod listener;

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};

use crate::{
    film::FilmId,
    json,
    review::{Review, ReviewId},
};

/// The channel that the database triggers notify.
pub const CHANNEL: &str = "marquee_changes";

/// The kind of a change of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The review was added.
    Added,
    /// The review was updated or moved to another film.
    Updated,
    /// The review was deleted.
    Deleted,
}

/// A change of a review, as the notification contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of the change.
    pub kind: ChangeKind,
    /// The key of the review.
    pub review: ReviewId,
    /// The film of the review after the change.
    pub film: FilmId,
    /// The film of the review before the change, if it was a different one.
    pub previous_film: Option<FilmId>,
    /// The version of the review after the change; the last version of a deleted review.
    pub version: i32,
}

/// A notification of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notification {
    /// Reviews changed, in this order.
    Reviews(Vec<Change>),
    /// The scores of these films may have changed.
    Scores(Vec<FilmId>),
    /// All reviews were deleted at once, or the rules of the site have changed, by which their sentiments are computed.
    Reset,
    /// Rows have changed in a way that the triggers can't describe, such as by logical replication.
    Resync,
}

/// A change of a review, as subscribers receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewEvent {
    /// The change.
    pub change: Change,
    /// The review after the change; `None` if it was deleted or its version is no longer available.
    pub review: Option<Arc<Review>>,
}

/// An event that a subscriber to reviews receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedEvent {
    /// A review changed.
    Review(Arc<ReviewEvent>),
    /// Changes may have been missed. The subscriber must read again.
    Resync,
    /// All reviews were deleted at once, or count by other rules now. The subscriber must read again.
    Reset,
}

/// The payload of a notification is not from a trigger of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown payload of a notification on the channel marquee_changes")]
pub struct UnknownNotification;

impl Notification {
    /// Parses the payload of a notification.
    ///
    /// # Errors
    ///
    /// When the triggers of this version do not send such a payload.
    pub fn parse(payload: &str) -> Result<Self, UnknownNotification> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Payload {
            Added(Vec<Entry>),
            Updated(Vec<Entry>),
            Deleted(Vec<Entry>),
            Scores(Vec<i64>),
            Everything {},
            Resync {},
        }

        let payload = json::from_str(payload).map_err(|_| UnknownNotification)?;
        Ok(match payload {
            Payload::Added(entries) => Self::from_entries(ChangeKind::Added, entries),
            Payload::Updated(entries) => Self::from_entries(ChangeKind::Updated, entries),
            Payload::Deleted(entries) => Self::from_entries(ChangeKind::Deleted, entries),
            Payload::Scores(films) => Self::Scores(films.into_iter().map(FilmId).collect()),
            Payload::Everything {} => Self::Reset,
            Payload::Resync {} => Self::Resync,
        })
    }

    fn from_entries(kind: ChangeKind, entries: Vec<Entry>) -> Self {
        let change = |entry: Entry| Change {
            kind,
            review: ReviewId(entry.review),
            film: FilmId(entry.film),
            previous_film: entry.previous_film.map(FilmId),
            version: entry.version,
        };
        Self::Reviews(entries.into_iter().map(change).collect())
    }
}

/// `[review, film, version]`, or `[review, film, version, previous film]` if the review moved to another film.
struct Entry {
    review: i64,
    film: i64,
    version: i32,
    previous_film: Option<i64>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;

        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the key of a review, the key of its film and a version")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Entry, A::Error> {
                let missing = |count| A::Error::invalid_length(count, &"three or four numbers");
                Ok(Entry {
                    review: sequence.next_element()?.ok_or_else(|| missing(0))?,
                    film: sequence.next_element()?.ok_or_else(|| missing(1))?,
                    version: sequence.next_element()?.ok_or_else(|| missing(2))?,
                    previous_film: sequence.next_element()?,
                })
            }
        }

        deserializer.deserialize_seq(EntryVisitor)
    }
}

#[cfg(test)]
mod tests;
