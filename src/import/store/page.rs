//! Storing a page of reviews.

mod keys;
mod mutation;
mod reviews;

pub use self::mutation::{ImportPage, ImportedPage};

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    critic, film,
    published_score::{self, PublishedScoreKind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TransactionTrait,
};

use super::LOCK;
use crate::{
    database::sql,
    film::{FilmId, store::write},
    import::{
        Change, Changes, FilmName, Summary,
        page::{Page, PageReview},
    },
    named::{NamedKind, store::turn},
    slug,
};

/// The film that a page is about.
#[derive(Clone, Copy, Debug)]
pub enum PageFilm<'a> {
    /// The one of this title and year; it is added unless it is there.
    Named(&'a FilmName),
    /// One that is there.
    Known(FilmId),
}

/// How a page is to be stored.
#[derive(Clone, Debug)]
pub struct PageImport<'a> {
    /// The film that the page is about.
    pub film: PageFilm<'a>,
    /// The name of the page's source.
    pub source: &'a str,
    /// Whether to take everything back in the end.
    pub dry_run: bool,
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// Stores a page: its film, the critics that it names, its reviews, and what it says of the film itself.
///
/// A review is known again by the critic who wrote it, or without one by its text (see the module `keys`); what is known and the same is not
/// touched.
///
/// # Errors
///
/// When a statement fails; nothing is stored then.
pub async fn store_page(
    page: &Page,
    import: &PageImport<'_>,
    connection: &DatabaseConnection,
) -> Result<Summary, DbErr> {
    let transaction = connection.begin().await?;
    transaction
        .execute_unprepared("SELECT set_config('marquee.actor', 'import page', true)")
        .await?;
    let summary = store_in(page, import, &transaction).await?;
    if import.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(summary
        .ok_or_else(|| DbErr::RecordNotFound("the film of the page".to_owned()))?
        .0)
}

/// Stores a page in a transaction that somebody else ends. `None` if the film was said to be there and isn't; the film's key otherwise.
async fn store_in(
    page: &Page,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Option<(Summary, FilmId)>, DbErr> {
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    take_turns(page, import.film, transaction).await?;
    let Some((film, film_change)) = find_film(import.film, transaction).await? else {
        return Ok(None);
    };
    let (critics, critic_changes) = find_or_add_critics(page, transaction).await?;
    let mut summary = Summary {
        film_title: film.title.clone(),
        film_slug: film.slug.clone(),
        critics: critic_changes,
        ..Summary::default()
    };
    summary.films.count(film_change);
    let wanted = reviews::wanted(page, &film.slug, &critics);
    (summary.reviews, summary.missing) =
        reviews::store(wanted, film.id, import, transaction).await?;
    let change = store_published_score(page, &film, import, transaction).await?;
    summary.published_scores.count(change);
    Ok(Some((summary, FilmId(film.id))))
}

/// Others may be adding what the page names and nobody has yet.
async fn take_turns(
    page: &Page,
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<(), DbErr> {
    let names = critic_names(page);
    let there: HashSet<String> = critics_of(&names, transaction)
        .await?
        .into_iter()
        .map(|critic| critic.name)
        .collect();
    let new = names.iter().filter(|name| !there.contains(**name));
    let mut turns: Vec<String> = new.map(|name| turn(NamedKind::Critic, name)).collect();
    if let PageFilm::Named(name) = film {
        turns.push(write::turn(name.title(), name.year()));
    }
    sql::take_turns(transaction, turns).await
}

/// The critics whom a page names, each once.
fn critic_names(page: &Page) -> Vec<&str> {
    let mut names: Vec<&str> = page.reviews.iter().filter_map(critic_of).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

async fn critics_of(
    names: &[&str],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<critic::Model>, DbErr> {
    let names = names.iter().map(|name| (*name).to_owned());
    critic::Entity::find()
        .filter(critic::COLUMN.name.eq_any(names))
        .order_by_desc(critic::COLUMN.id)
        .all(transaction)
        .await
}

async fn find_film(
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Option<(film::Model, Change)>, DbErr> {
    match film {
        PageFilm::Named(name) => find_or_add_film(name, transaction).await.map(Some),
        PageFilm::Known(id) => {
            let found = film::Entity::find_by_id(id.0).one(transaction).await?;
            Ok(found.map(|film| (film, Change::Same)))
        }
    }
}

/// The film of this title and year. Another film may have its slug already, as of "Who?" and "Who!": then it gets one of its own.
async fn find_or_add_film(
    name: &FilmName,
    transaction: &impl ConnectionTrait,
) -> Result<(film::Model, Change), DbErr> {
    let base = name.slug();
    let similar = film::Entity::find()
        .filter(film::COLUMN.slug.starts_with(base.as_str()))
        .order_by_asc(film::COLUMN.id)
        .all(transaction)
        .await?;
    let same = |film: &&film::Model| film.title == name.title() && film.year == name.year();
    if let Some(film) = similar.iter().find(same) {
        return Ok((film.clone(), Change::Same));
    }
    let film = film::ActiveModel {
        slug: Set(slug::free(&base, |slug| {
            similar.iter().any(|film| film.slug == slug)
        })),
        title: Set(name.title().to_owned()),
        year: Set(name.year()),
        ..Default::default()
    };
    Ok((film.insert(transaction).await?, Change::New))
}

/// The critics that a page names, by name. Of namesakes the one who was there first is meant: a page tells no more than the name.
async fn find_or_add_critics(
    page: &Page,
    transaction: &impl ConnectionTrait,
) -> Result<(HashMap<String, critic::Model>, Changes), DbErr> {
    let names = critic_names(page);
    let bases: Vec<String> = names.iter().map(|name| slug::of(name)).collect();
    let mut critics: HashMap<String, critic::Model> = critics_of(&names, transaction)
        .await?
        .into_iter()
        .map(|critic| (critic.name.clone(), critic))
        .collect();
    let mut changes = Changes::default();
    for (name, base) in names.iter().zip(&bases) {
        if critics.contains_key(*name) {
            changes.count(Change::Same);
            continue;
        }
        let critic = critic::ActiveModel {
            slug: Set(sql::free_slug(transaction, "critic", base).await?),
            name: Set((*name).to_owned()),
            ..Default::default()
        };
        critics.insert((*name).to_owned(), critic.insert(transaction).await?);
        changes.count(Change::New);
    }
    Ok((critics, changes))
}

fn critic_of(review: &PageReview) -> Option<&str> {
    review.byline.as_ref().and_then(|byline| byline.critic())
}

/// Keeps what the page says of the film itself. A page that says something else than last time replaces it.
async fn store_published_score(
    page: &Page,
    film: &film::Model,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Change, DbErr> {
    let published = &page.published;
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let stored = published_score::Entity::find()
        .filter(published_score::COLUMN.film_id.eq(film.id))
        .filter(published_score::COLUMN.source.eq(import.source))
        .filter(published_score::Column::Kind.eq(PublishedScoreKind::Score))
        .one(transaction)
        .await?;
    let is_new = stored.is_none();
    let mut row = stored.map_or_else(
        || published_score::ActiveModel {
            film_id: Set(film.id),
            source: Set(import.source.to_owned()),
            kind: Set(PublishedScoreKind::Score),
            ..Default::default()
        },
        IntoActiveModel::into_active_model,
    );
    row.label.set_if_not_equals(Some(published.label.clone()));
    row.review_count
        .set_if_not_equals(Some(count(published.critics)));
    row.positive_count
        .set_if_not_equals(published.positive.map(count));
    row.mixed_count
        .set_if_not_equals(published.mixed.map(count));
    row.negative_count
        .set_if_not_equals(published.negative.map(count));
    if is_new {
        row.insert(transaction).await?;
        return Ok(Change::New);
    }
    if !row.is_changed() {
        return Ok(Change::Same);
    }
    row.updated_at = Set(import.now);
    row.update(transaction).await?;
    Ok(Change::Changed)
}
