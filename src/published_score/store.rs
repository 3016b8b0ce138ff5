//! Reads of published scores from the database.

use std::{collections::HashMap, num::NonZeroU16, sync::Arc};

use entity::published_score;
use sea_orm::{DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::{Audience, Kind, PublishedScore};
use crate::{
    cache::tag::{self, Tag},
    database::session::Session,
    film::FilmId,
    loader::key::LoaderKey,
    review::store::enums::same_variants,
};

/// The published scores of a film, ordered by source, kind and audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublishedScoresOfFilm(pub FilmId);

impl LoaderKey for PublishedScoresOfFilm {
    type Value = Arc<Vec<PublishedScore>>;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(tag::TagKind::Film, self.0.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let rows = published_score::Entity::find()
            .filter(published_score::COLUMN.film_id.eq_any(ids))
            .order_by_asc(published_score::COLUMN.source)
            .order_by_asc(published_score::COLUMN.kind)
            .order_by_asc(published_score::COLUMN.audience)
            .all(session)
            .await?;
        let mut by_film: HashMap<Self, Vec<PublishedScore>> = HashMap::new();
        for row in rows {
            let film = Self(FilmId(row.film_id));
            by_film.entry(film).or_default().push(row.into());
        }
        Ok(by_film
            .into_iter()
            .map(|(film, scores)| (film, Arc::new(scores)))
            .collect())
    }
}

impl From<published_score::Model> for PublishedScore {
    fn from(row: published_score::Model) -> Self {
        // CHECK constraints keep these counts from being negative.
        let count = |count: Option<i32>| count.map(i32::unsigned_abs);
        Self {
            source: row.source,
            kind: row.kind.into(),
            audience: row.audience.into(),
            value: row.value.and_then(|value| u8::try_from(value).ok()),
            scale: row.scale.and_then(scale_of_column),
            original_value: row.original_value,
            label: row.label,
            review_count: count(row.review_count),
            positive_count: count(row.positive_count),
            mixed_count: count(row.mixed_count),
            negative_count: count(row.negative_count),
        }
    }
}

same_variants!(
    published_score::PublishedScoreKind,
    Kind,
    Score,
    PercentRecommended
);

same_variants!(
    published_score::PublishedScoreAudience,
    Audience,
    Critics,
    Public
);

/// Returns the scale of the value of a column. A CHECK constraint keeps it positive.
#[must_use]
pub fn scale_of_column(scale: i16) -> Option<NonZeroU16> {
    NonZeroU16::new(u16::try_from(scale).ok()?)
}
