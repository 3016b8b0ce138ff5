//! The states of reviews: as they are, and as they were.

use std::{collections::HashMap, sync::Arc};

use entity::{review, review_revision};
use sea_orm::{Condition, DbErr, EntityTrait, QueryFilter};

use crate::{
    database::{batch::BatchKey, session::Session},
    review::{Review, ReviewId, ReviewRevision},
};

/// A review in one of its states, which is the present one or one that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewState {
    /// Which review.
    pub id: ReviewId,
    /// Which of its states.
    pub version: i32,
}

impl BatchKey for ReviewState {
    type Value = Arc<Review>;

    /// Mostly the state that is asked for is the present one, and one statement finds all of these.
    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Review>>, DbErr> {
        let ids = keys.iter().map(|key| key.id.0);
        let rows = review::Entity::find()
            .filter(review::COLUMN.id.eq_any(ids.collect::<Vec<_>>()))
            .all(session)
            .await?;
        let present = rows.into_iter().map(|row| {
            let review = Review::from(row);
            let key = Self {
                id: review.id,
                version: review.version,
            };
            (key, Arc::new(review))
        });
        let mut present: HashMap<Self, Arc<Review>> = present.collect();
        present.retain(|key, _| keys.contains(key));
        let past: Vec<Self> = keys
            .into_iter()
            .filter(|key| !present.contains_key(key))
            .collect();
        if !past.is_empty() {
            present.extend(kept(&past, session).await?);
        }
        Ok(present)
    }
}

async fn kept(
    keys: &[ReviewState],
    session: &Session,
) -> Result<HashMap<ReviewState, Arc<Review>>, DbErr> {
    let any = keys.iter().fold(Condition::any(), |any, key| {
        let state = Condition::all()
            .add(review_revision::COLUMN.review_id.eq(key.id.0))
            .add(review_revision::COLUMN.version.eq(key.version));
        any.add(state)
    });
    let rows = review_revision::Entity::find()
        .filter(any)
        .all(session)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let review = ReviewRevision::from(row).state;
            let key = ReviewState {
                id: review.id,
                version: review.version,
            };
            (key, Arc::new(review))
        })
        .collect())
}
