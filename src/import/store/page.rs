//! The storage of a page of reviews.

mod critics;
mod keys;
mod mutation;
mod refusal;
mod reviews;

pub use self::{
    mutation::{ImportPage, ImportedPage},
    refusal::{AmbiguousCritic, PageRefusal},
};

use chrono::{DateTime, Utc};
use entity::{
    film,
    published_score::{self, PublishedScoreAudience, PublishedScoreKind},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter,
};

use super::IMPORT_LOCK_KEY;
use crate::{
    database::sql,
    film::{
        FilmId,
        store::{
            title::{TitleMatch, find_meant, find_similar},
            write,
        },
    },
    import::{FilmName, FoldedName, ImportSummary, RowChange, SimilarName, page::Page},
};

/// The film that a page is about.
#[derive(Clone, Copy, Debug)]
pub enum PageFilm<'a> {
    /// The film that this title and year mean, which is inserted if it doesn't exist. Without a year, it is the film of
    /// this title that has no year, or else the only film of this title.
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
/// Unchanged rows are not updated. Nothing is stored if the film or a critic is ambiguous.
///
/// # Errors
///
/// Returns an error when a statement fails. The transaction is then rolled back.
pub async fn store_page(
    page: &Page,
    import: &PageImport<'_>,
    connection: &DatabaseConnection,
) -> Result<Result<ImportSummary, PageRefusal>, DbErr> {
    let transaction = sql::begin_read_committed(connection).await?;
    transaction
        .execute_unprepared("SELECT set_config('marquee.actor', 'import page', true)")
        .await?;
    let stored = store_in_transaction(page, import, &transaction).await?;
    if import.dry_run || stored.is_err() {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(stored.map(|(summary, _)| summary))
}

/// Stores a page in a transaction that the caller ends. Returns the summary and the id of the film. It has stored nothing
/// that the caller should commit if it returns a refusal.
async fn store_in_transaction(
    page: &Page,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Result<(ImportSummary, FilmId), PageRefusal>, DbErr> {
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({IMPORT_LOCK_KEY})"))
        .await?;
    lock_new_names(page, import.film, transaction).await?;
    let matches = match find_film(import.film, transaction).await? {
        Ok(film) => film,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let existing = matches.as_ref().map(|film| film.id);
    let critics = critics::find(page, existing, import.source, transaction).await?;
    let critics = match critics {
        Ok(critics) => critics,
        Err(ambiguous) => return Ok(Err(PageRefusal::AmbiguousCritics(ambiguous))),
    };
    let similar_films = similar_films(matches.as_ref(), import.film, transaction).await?;
    let (film, film_change) = match (matches, import.film) {
        (Some(film), _) => (film, RowChange::Same),
        (None, PageFilm::Named(name)) => (add_film(name, transaction).await?, RowChange::New),
        (None, PageFilm::Existing(_)) => return Ok(Err(PageRefusal::NoFilm)),
    };
    let critics = critics.add_missing(page, transaction).await?;
    let mut summary = ImportSummary {
        film_title: film.title.clone(),
        film_slug: film.slug.clone(),
        critics: critics.changes,
        folded_names: critics.folded_names,
        similar_names: similar_films
            .into_iter()
            .chain(critics.similar_names)
            .collect(),
        ..ImportSummary::default()
    };
    if let PageFilm::Named(name) = import.film
        && name.title() != film.title
    {
        summary.folded_names.push(FoldedName {
            kind: "film",
            written: name.title().to_owned(),
            name: film.title.clone(),
            rows: page.reviews.len(),
        });
    }
    summary.films.count(film_change);
    let rows = reviews::review_rows(page, &film.slug, &critics.by_name);
    (summary.reviews, summary.missing) = reviews::store(rows, film.id, import, transaction).await?;
    let change = store_published_score(page, &film, import, transaction).await?;
    summary.published_scores.count(change);
    Ok(Ok((summary, FilmId(film.id))))
}

/// Locks the names of the page that don't exist yet, because other transactions may be inserting them.
async fn lock_new_names(
    page: &Page,
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<(), DbErr> {
    let mut new = critics::new_names(page, transaction).await?;
    if let PageFilm::Named(name) = film {
        new.push(write::new_name(name.title(), name.year()));
    }
    sql::lock_new_names(transaction, new).await
}

/// Finds the film; `None` if it doesn't exist.
async fn find_film(
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Result<Option<TitleMatch>, PageRefusal>, DbErr> {
    let mut found = match film {
        PageFilm::Existing(id) => {
            let film = film::Entity::find_by_id(id.0).one(transaction).await?;
            return Ok(Ok(film.map(TitleMatch::from)));
        }
        PageFilm::Named(name) => find_meant(name.title(), name.year(), transaction).await?,
    };
    if found.len() > 1 {
        let candidates = found.into_iter().map(TitleMatch::candidate);
        return Ok(Err(PageRefusal::AmbiguousFilm(candidates.collect())));
    }
    Ok(Ok(found.pop()))
}

/// Returns the first film whose title is similar to that of a new one.
async fn similar_films(
    found: Option<&TitleMatch>,
    film: PageFilm<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<Option<SimilarName>, DbErr> {
    let (None, PageFilm::Named(name)) = (found, film) else {
        return Ok(None);
    };
    let similar = find_similar(name.title(), name.year(), transaction).await?;
    Ok(similar.into_iter().next().map(|film| SimilarName {
        kind: "film".to_owned(),
        name: name.title().to_owned(),
        similar: film.candidate(),
    }))
}

/// Inserts the film of this title and year. Another film may already have the same slug, as with "Who?" and "Who!". Then
/// the new film gets a slug with a number.
async fn add_film(
    name: &FilmName,
    transaction: &impl ConnectionTrait,
) -> Result<TitleMatch, DbErr> {
    let film = film::ActiveModel {
        slug: Set(sql::free_slug(transaction, "film", &name.slug()).await?),
        title: Set(name.title().to_owned()),
        year: Set(name.year()),
        ..Default::default()
    };
    Ok(film.insert(transaction).await?.into())
}

/// Inserts the published score of the page, or updates it if it differs.
async fn store_published_score(
    page: &Page,
    film: &TitleMatch,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<RowChange, DbErr> {
    let published = &page.published;
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let stored = published_score::Entity::find()
        .filter(published_score::COLUMN.film_id.eq(film.id))
        .filter(published_score::COLUMN.source.eq(import.source))
        .filter(published_score::Column::Kind.eq(PublishedScoreKind::Score))
        .filter(published_score::Column::Audience.eq(PublishedScoreAudience::Critics))
        .one(transaction)
        .await?;
    let is_new = stored.is_none();
    let mut row = stored.map_or_else(
        || published_score::ActiveModel {
            film_id: Set(film.id),
            source: Set(import.source.to_owned()),
            kind: Set(PublishedScoreKind::Score),
            audience: Set(PublishedScoreAudience::Critics),
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
