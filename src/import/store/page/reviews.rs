//! The reviews of a page: what they should be, and making them so.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{critic, review};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};

use super::{PageImport, critic_of, keys};
use crate::import::{Change, Changes, page::Page};

/// A statement takes 65,535 values, of which a review has ten.
const ROWS_AT_ONCE: usize = 5_000;

/// A review as the page has it.
pub struct Wanted {
    external_id: String,
    critic_id: Option<i64>,
    score: Option<i16>,
    sentiment: Option<review::Sentiment>,
    byline: Option<String>,
    excerpt: Option<String>,
    reviewed_on: Option<NaiveDate>,
}

/// The reviews of a page, in its order.
pub fn wanted(
    page: &Page,
    film_slug: &str,
    critics: &HashMap<String, critic::Model>,
) -> Vec<Wanted> {
    let critics: Vec<_> = page
        .reviews
        .iter()
        .map(|review| critic_of(review).and_then(|name| critics.get(name)))
        .collect();
    let slugs = critics
        .iter()
        .map(|critic| critic.map(|critic| critic.slug.as_str()));
    let keys = keys::external_ids(film_slug, page.reviews.iter().zip(slugs));
    page.reviews
        .iter()
        .zip(critics)
        .zip(keys)
        .map(|((review, critic), external_id)| Wanted {
            external_id,
            critic_id: critic.map(|critic| critic.id),
            score: review.score.map(i16::from),
            // A score speaks for itself; where there is none, the place on the page does.
            sentiment: review
                .sentiment
                .filter(|_| review.score.is_none())
                .map(Into::into),
            byline: review
                .byline
                .as_ref()
                .map(|byline| byline.text().to_owned()),
            excerpt: review.excerpt.clone(),
            reviewed_on: review.reviewed_on,
        })
        .collect()
}

/// Adds what is new and mends what is different. Also tells how many reviews of this source the page doesn't have any more.
pub async fn store(
    wanted: Vec<Wanted>,
    film_id: i64,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<(Changes, usize), DbErr> {
    let mut known: HashMap<Option<String>, review::Model> = review::Entity::find()
        .filter(review::COLUMN.film_id.eq(film_id))
        .filter(review::Column::Source.eq(import.source))
        .all(transaction)
        .await?
        .into_iter()
        .map(|row| (row.external_id.clone(), row))
        .collect();
    let mut changes = Changes::default();
    let mut new = Vec::new();
    for wanted in wanted {
        let Some(stored) = known.remove(&Some(wanted.external_id.clone())) else {
            changes.count(Change::New);
            new.push(wanted.added_to(film_id, import.source));
            continue;
        };
        let mut row = wanted.merged_into(stored);
        if row.is_changed() {
            changes.count(Change::Changed);
            row.updated_at = Set(import.now);
            row.update(transaction).await?;
        } else {
            changes.count(Change::Same);
        }
    }
    // Many at a time: each tally changes once a statement, and the ids follow the order of the page.
    for rows in new.chunks(ROWS_AT_ONCE) {
        review::Entity::insert_many(rows.iter().cloned())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok((changes, known.len()))
}

impl Wanted {
    fn added_to(self, film_id: i64, source: &str) -> review::ActiveModel {
        review::ActiveModel {
            film_id: Set(film_id),
            critic_id: Set(self.critic_id),
            score: Set(self.score),
            score_rule: Set(self.score.map(|_| review::ScoreRule::Given)),
            sentiment: Set(self.sentiment),
            byline: Set(self.byline),
            excerpt: Set(self.excerpt),
            reviewed_on: Set(self.reviewed_on),
            source: Set(Some(source.to_owned())),
            external_id: Set(Some(self.external_id)),
            ..Default::default()
        }
    }

    fn merged_into(self, stored: review::Model) -> review::ActiveModel {
        let mut row = stored.into_active_model();
        row.critic_id.set_if_not_equals(self.critic_id);
        row.score.set_if_not_equals(self.score);
        row.score_rule
            .set_if_not_equals(self.score.map(|_| review::ScoreRule::Given));
        row.sentiment.set_if_not_equals(self.sentiment);
        row.byline.set_if_not_equals(self.byline);
        row.excerpt.set_if_not_equals(self.excerpt);
        row.reviewed_on.set_if_not_equals(self.reviewed_on);
        row
    }
}
