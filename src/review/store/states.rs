//! The states of reviews: as they are, and as they were.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr};

use super::{Parts, rows};
use crate::{
    cache::tag::{Kind, Tag},
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{Review, ReviewId},
};

/// A review in one of its states, which is the present one or one that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewState {
    /// Which review.
    pub id: ReviewId,
    /// Which of its states.
    pub version: i32,
}

impl LoaderKey for ReviewState {
    type Value = Arc<Review>;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(Kind::Review, self.id.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Review>>, DbErr> {
        states(&keys, session).await
    }
}

/// The state of a review at a version is the row itself while that is its version, and a revision afterwards. A revision doesn't know
/// when the review was added: the review does, or the first of its revisions. The columns stand as [`Parts::columns`] has all of them.
const STATES: &str = "
SELECT told.id, film_id, critic_id, publication_id, score, reviewed_on, original_score, byline, excerpt, url, score_rule, sentiment,
    recommended, top_critic, told.version, created_at, updated_at
FROM unnest($1::bigint[], $2::integer[]) AS told (id, version)
JOIN review ON review.id = told.id AND review.version = told.version
UNION ALL
SELECT told.id, film_id, critic_id, publication_id, score, reviewed_on, original_score, byline, excerpt, url, score_rule, sentiment,
    recommended, top_critic, told.version,
    coalesce(
        (SELECT created_at FROM review WHERE review.id = told.id),
        (SELECT first.since FROM review_revision AS first WHERE first.review_id = told.id ORDER BY first.version LIMIT 1)
    ),
    since
FROM unnest($1::bigint[], $2::integer[]) AS told (id, version)
JOIN review_revision AS kept ON kept.review_id = told.id AND kept.version = told.version";

/// Reviews, each in the state that is asked for, by one statement. What can't be found any more is left out.
///
/// # Errors
///
/// When the statement fails.
pub async fn states(
    keys: &[ReviewState],
    connection: &impl ConnectionTrait,
) -> Result<HashMap<ReviewState, Arc<Review>>, DbErr> {
    let ids: Vec<i64> = keys.iter().map(|key| key.id.0).collect();
    let versions: Vec<i32> = keys.iter().map(|key| key.version).collect();
    let values = [ids.into(), versions.into()];
    let reviews = rows::reviews(Parts::ALL, sql::statement(STATES, values), connection).await?;
    let states = reviews.into_iter().map(|review| {
        let key = ReviewState {
            id: review.id,
            version: review.version,
        };
        (key, review)
    });
    Ok(states.collect())
}
