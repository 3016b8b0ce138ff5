//! What has just changed, for who wants to hear of it.
//!
//! PostgreSQL tells on a channel what each transaction has changed, in the order of the commits, whoever made it. `listener` hears it,
//! `dispatcher` reads the reviews that somebody wants, `hub` keeps them for the subscribers of this process in a `log`, and `graphql`
//! shows them.

pub mod dispatcher;
pub mod hub;
pub mod listener;
mod log;

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};

use crate::{
    film::FilmId,
    review::{Review, ReviewId},
};

/// The channel that the database's triggers tell on.
pub const CHANNEL: &str = "marquee_changes";

/// What became of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It was added.
    Added,
    /// It says something else, or is of another film.
    Updated,
    /// It was deleted.
    Deleted,
}

/// A change of a review, as the database tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// Which review.
    pub review: ReviewId,
    /// Its film, after the change.
    pub film: FilmId,
    /// Its film before, if that was another.
    pub left: Option<FilmId>,
    /// Which state of the review the change made; of a deleted review, the last one.
    pub version: i32,
}

/// What the database told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Reviews changed, in this order.
    Reviews(Vec<Change>),
    /// What the reviews of these films add up to may be another now.
    Scores(Vec<FilmId>),
    /// Nothing is as it was: everything was deleted at once.
    Everything,
}

/// A change of a review, as subscribers hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewEvent {
    /// What changed.
    pub change: Change,
    /// The review as the change left it; `None` if it is deleted, or what it said then can't be found any more.
    pub review: Option<Arc<Review>>,
}

/// What a subscriber of reviews hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A review changed.
    Review(Arc<ReviewEvent>),
    /// Changes may have been missed: read again.
    Resync,
    /// Everything was deleted at once: read again.
    Reset,
}

/// A notification's text is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the notification is none of Marquee's")]
pub struct UnknownNotice;

impl Notice {
    /// Reads a notification's text.
    ///
    /// # Errors
    ///
    /// When it is none that the triggers of this version tell.
    pub fn parse(payload: &str) -> Result<Self, UnknownNotice> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Told {
            Added(Vec<Entry>),
            Updated(Vec<Entry>),
            Deleted(Vec<Entry>),
            Scores(Vec<i64>),
            Everything {},
        }

        let told = serde_json::from_str(payload).map_err(|_| UnknownNotice)?;
        Ok(match told {
            Told::Added(entries) => Self::reviews(ChangeKind::Added, entries),
            Told::Updated(entries) => Self::reviews(ChangeKind::Updated, entries),
            Told::Deleted(entries) => Self::reviews(ChangeKind::Deleted, entries),
            Told::Scores(films) => Self::Scores(films.into_iter().map(FilmId).collect()),
            Told::Everything {} => Self::Everything,
        })
    }

    fn reviews(kind: ChangeKind, entries: Vec<Entry>) -> Self {
        let change = |entry: Entry| Change {
            kind,
            review: ReviewId(entry.review),
            film: FilmId(entry.film),
            left: entry.left.map(FilmId),
            version: entry.version,
        };
        Self::Reviews(entries.into_iter().map(change).collect())
    }
}

/// `[review, film, version]`, and the film that the review has left if it has.
struct Entry {
    review: i64,
    film: i64,
    version: i32,
    left: Option<i64>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;

        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a review's key, its film's and a version")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Entry, A::Error> {
                let missing = |place| A::Error::invalid_length(place, &"three or four numbers");
                Ok(Entry {
                    review: sequence.next_element()?.ok_or_else(|| missing(0))?,
                    film: sequence.next_element()?.ok_or_else(|| missing(1))?,
                    version: sequence.next_element()?.ok_or_else(|| missing(2))?,
                    left: sequence.next_element()?,
                })
            }
        }

        deserializer.deserialize_seq(EntryVisitor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(kind: ChangeKind, left: Option<i64>) -> Change {
        Change {
            kind,
            review: ReviewId(1),
            film: FilmId(2),
            left: left.map(FilmId),
            version: 3,
        }
    }

    #[test]
    fn what_the_triggers_tell_is_read() {
        for (payload, notice) in [
            (
                r#"{"added":[[1,2,3]]}"#,
                Notice::Reviews(vec![change(ChangeKind::Added, None)]),
            ),
            (
                r#"{"updated":[[1,2,3],[1,2,3,4]]}"#,
                Notice::Reviews(vec![
                    change(ChangeKind::Updated, None),
                    change(ChangeKind::Updated, Some(4)),
                ]),
            ),
            (
                r#"{"deleted":[[1,2,3]]}"#,
                Notice::Reviews(vec![change(ChangeKind::Deleted, None)]),
            ),
            (
                r#"{"scores":[5,6]}"#,
                Notice::Scores(vec![FilmId(5), FilmId(6)]),
            ),
            (r#"{"everything":{}}"#, Notice::Everything),
        ] {
            assert_eq!(Notice::parse(payload), Ok(notice), "{payload}");
        }
    }

    #[test]
    fn what_somebody_else_tells_is_refused() {
        for payload in [
            "",
            "hello",
            "{}",
            "[]",
            r#"{"added":[[1,2]]}"#,
            r#"{"added":[[1,2,3,4,5]]}"#,
            r#"{"added":[["1",2,3]]}"#,
            r#"{"added":[[1,2,3000000000]]}"#,
            r#"{"scores":[1.5]}"#,
            r#"{"renamed":[]}"#,
            r#"{"added":[],"scores":[]}"#,
        ] {
            assert_eq!(Notice::parse(payload), Err(UnknownNotice), "{payload}");
        }
    }

    proptest! {
        #[test]
        fn any_text_at_all_is_a_notice_or_refused(text: String) {
            let _ = Notice::parse(&text);
        }

        #[test]
        fn any_changes_are_read_as_they_were_told(
            entries in prop::collection::vec((any::<i64>(), any::<i64>(), any::<i32>(), any::<Option<i64>>()), 0..20),
        ) {
            let text = |&(review, film, version, left): &(i64, i64, i32, Option<i64>)| match left {
                Some(left) => format!("[{review},{film},{version},{left}]"),
                None => format!("[{review},{film},{version}]"),
            };
            let told: Vec<String> = entries.iter().map(text).collect();
            let notice = Notice::parse(&format!("{{\"updated\":[{}]}}", told.join(",")));
            let changes = entries.into_iter().map(|(review, film, version, left)| Change {
                kind: ChangeKind::Updated,
                review: ReviewId(review),
                film: FilmId(film),
                left: left.map(FilmId),
                version,
            });
            prop_assert_eq!(notice, Ok(Notice::Reviews(changes.collect())));
        }
    }
}
