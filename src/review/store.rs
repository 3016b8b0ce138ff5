//! Reads of reviews from the database.

pub mod agreement;
pub mod count;
pub mod counting;
pub mod enums;
pub mod explanation;
pub mod filter;
pub mod index;
mod month_count;
pub mod outliers;
pub mod owner;
pub mod page;
pub mod quotes;
pub mod readings;
mod references;
pub mod revisions;
mod rows;
pub mod statistics;
pub mod tally;
pub mod versions;
pub mod write;
pub mod years;

pub use self::{references::References, rows::ReviewColumns};

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{DbErr, QueryFilter, QueryTrait};

use self::rows::{fetch_reviews, select_columns};
use super::{Review, ReviewId};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{session::Session, sql},
    loader::key::LoaderKey,
};

/// A review by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewById(pub ReviewId);

impl LoaderKey for ReviewById {
    type Value = Arc<Review>;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Review, self.0.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Review>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let select = select_columns(ReviewColumns::ALL).filter(review::COLUMN.id.eq_any(ids));
        let statement = sql::build(&select.into_query());
        let reviews = fetch_reviews(ReviewColumns::ALL, statement, session).await?;
        let reviews = reviews.into_iter().map(|review| (Self(review.id), review));
        Ok(reviews.collect())
    }
}
