//! The storage of a page of reviews.

mod keys;
mod mutation;
mod reviews;

pub use self::mutation::{ImportPage, ImportedPage};

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    film,
    published_score::{self, PublishedScoreKind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr,
    EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};

use super::IMPORT_LOCK_KEY;
use crate::{
    database::sql,
    film::{
        FilmId,
        store::{find_by_title, write},
    },
    import::{
        Changes, FilmName, ImportSummary, RowChange,
        page::{Page, PageReview},
    },
    named::{NamedKind, store::new_name},
    slug,
};

/// The film that a page is about.
#[derive(Clone, Copy, Debug)]
pub enum PageFilm<'a> {
    /// The film of this title and year, which is inserted if it doesn't exist.
    Named(&'a FilmName),
    /// An existing film.
    Existing(FilmId),
}

/// The parameters of the import of a page.
#[derive(Clone, Debug)]
pub struct PageImport<'a> {
    /// The film that the page is about.
    pub film: PageFilm<'a>,
    /// The name of the page's source.
    pub source: &'a str,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// The current time.
    pub now: DateTime<Utc>,
}

/// Stores a page: its film, the critics that it names, its reviews, and the published score of the film.
///
/// A review is matched to a stored one by its critic, or without a critic by its text (see the module `keys`).
/// Unchanged rows are not updated.
///
/// # Errors
///
/// Returns an error when a statement fails. The transaction is then rolled back.
pub async fn store_page(
    page: &Page,
    import: &PageImport<'_>,
    connection: &DatabaseConnection,
) -> Result<ImportSummary, DbErr> {
    let transaction = sql::begin_read_committed(connection).await?;
    transaction
        .execute_unprepared("SELECT set_config('marquee.actor', 'import page', true)")
        .await?;
    let summary = store_in_transaction(page, import, &transaction).await?;
    if import.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(summary
        .ok_or_else(|| DbErr::RecordNotFound("the film of the page".to_owned()))?
        .0)
}

/// Stores a page in a transaction that the caller ends. Returns the summary and the id of the film; `None` if a
/// [`PageFilm::Existing`] doesn't exist.
async fn store_in_transaction(
    page: &Page,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Option<(ImportSummary, FilmId)>, DbErr> {
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({IMPORT_LOCK_KEY})"))
        .await?;
    lock_new_names(page, import.film, transaction).await?;
    let Some((film, film_change)) = find_film(import.film, transaction).await? else {
        return Ok(None);
    };
    let (critics, critic_changes) = find_or_add_critics(page, transaction).await?;
    let mut summary = ImportSummary {
        film_title: film.title.clone(),
        film_slug: film.slug.clone(),
        critics: critic_changes,
        ..ImportSummary::default()
    };
    summary.films.count(film_change);
    let rows = reviews::review_rows(page, &film.slug, &critics);
    (summary.reviews, summary.missing) = reviews::store(rows, film.id, import, transaction).await?;
    let change = store_published_score(page, &film, import, transaction).await?;
    summary.published_scores.count(change);
    Ok(Some((summary, FilmId(film.id))))
}

/// Locks the names of the page that don't exist yet, because other transactions may be inserting them.
async fn lock_new_names(
    page: &Page,
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<(), DbErr> {
    let names = critic_names(page);
    let existing: HashSet<String> = critics_of(&names, transaction)
        .await?
        .into_iter()
        .map(|critic| critic.name)
        .collect();
    let new = names.iter().filter(|name| !existing.contains(**name));
    let mut new: Vec<_> = new.map(|name| new_name(NamedKind::Critic, name)).collect();
    if let PageFilm::Named(name) = film {
        new.push(write::new_name(name.title(), name.year()));
    }
    sql::lock_new_names(transaction, new).await
}

/// Returns the names of the critics on a page, without duplicates.
fn critic_names(page: &Page) -> Vec<&str> {
    let mut names: Vec<&str> = page.reviews.iter().filter_map(critic_of).collect();
    let mut unique = HashSet::new();
    names.retain(|name| unique.insert(*name));
    names
}

/// Returns the critics with these names, sorted by descending id, so that `by_name` returns the one with the lowest.
async fn critics_of(
    names: &[&str],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<NamedCritic>, DbErr> {
    let select = "SELECT id, slug, name FROM critic WHERE name = ANY($1) ORDER BY id DESC";
    sql::all(transaction, select, [owned(names).into()]).await
}

async fn find_film(
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Option<(film::Model, RowChange)>, DbErr> {
    match film {
        PageFilm::Named(name) => find_or_add_film(name, transaction).await.map(Some),
        PageFilm::Existing(id) => {
            let film = film::Entity::find_by_id(id.0).one(transaction).await?;
            Ok(film.map(|film| (film, RowChange::Same)))
        }
    }
}

/// Finds or inserts the film of this title and year. Another film may already have the same slug, as with "Who?" and
/// "Who!". Then the new film gets a slug with a number.
async fn find_or_add_film(
    name: &FilmName,
    transaction: &impl ConnectionTrait,
) -> Result<(film::Model, RowChange), DbErr> {
    if let Some(film) = find_by_title(name.title(), name.year(), transaction).await? {
        return Ok((film, RowChange::Same));
    }
    let film = film::ActiveModel {
        slug: Set(sql::free_slug(transaction, "film", &name.slug()).await?),
        title: Set(name.title().to_owned()),
        year: Set(name.year()),
        ..Default::default()
    };
    Ok((film.insert(transaction).await?, RowChange::New))
}

/// A critic whom a page names.
#[derive(Clone, Debug, FromQueryResult)]
struct NamedCritic {
    id: i64,
    slug: String,
    name: String,
}

/// Finds or inserts the critics that a page names, and returns them by name. Of several critics with the same name, the
/// one with the lowest id is used, because a page has only the name.
///
/// Takes at most three statements for any number of critics.
async fn find_or_add_critics(
    page: &Page,
    transaction: &impl ConnectionTrait,
) -> Result<(HashMap<String, NamedCritic>, Changes), DbErr> {
    let names = critic_names(page);
    let mut critics = by_name(critics_of(&names, transaction).await?);
    let new: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !critics.contains_key(*name))
        .collect();
    let changes = Changes {
        new: new.len(),
        same: names.len() - new.len(),
        ..Changes::default()
    };
    critics.extend(by_name(add_critics(&new, transaction).await?));
    Ok((critics, changes))
}

async fn add_critics(
    names: &[&str],
    transaction: &impl ConnectionTrait,
) -> Result<Vec<NamedCritic>, DbErr> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let bases: Vec<String> = names.iter().map(|name| slug::of(name)).collect();
    let mut free = sql::free_slugs(transaction, "critic", bases.clone()).await?;
    let slugs: Vec<String> = bases.iter().map(|base| free.take(base)).collect();
    // The order gives the critics ascending ids in the order of the page.
    let insert = "INSERT INTO critic (slug, name)
        SELECT slug, name FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS new (slug, name, ordinal) ORDER BY ordinal
        RETURNING id, slug, name";
    sql::all(transaction, insert, [slugs.into(), owned(names).into()]).await
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn by_name(critics: Vec<NamedCritic>) -> HashMap<String, NamedCritic> {
    let critics = critics.into_iter();
    critics
        .map(|critic| (critic.name.clone(), critic))
        .collect()
}

fn critic_of(review: &PageReview) -> Option<&str> {
    review.byline.as_ref().and_then(|byline| byline.critic())
}

/// Inserts the published score of the page, or updates it if it differs.
async fn store_published_score(
    page: &Page,
    film: &film::Model,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<RowChange, DbErr> {
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
        return Ok(RowChange::New);
    }
    if !row.is_changed() {
        return Ok(RowChange::Same);
    }
    row.updated_at = Set(import.now);
    row.update(transaction).await?;
    Ok(RowChange::Changed)
}
