//! Reads of films from the database. A film is always read with its tally, because nearly every query asks for its
//! score.

pub mod facets;
mod filter;
mod index;
pub mod page;
pub mod title;
pub mod write;

use std::{collections::HashMap, hash::Hash, sync::Arc};

use entity::{film, film_tally};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult, QueryTrait, SelectTwoRequired,
    sea_query::{Expr, SelectStatement},
};

use super::{
    Film, FilmId,
    details::{FilmDetails, Poster},
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{column_reader::ColumnReader, session::Session, sql},
    loader::key::LoaderKey,
    score::{Basis, ScoredTally, row::tally_of_row},
    text::alternative_title::AlternativeTitle,
};

type Selection = SelectTwoRequired<film::Entity, film_tally::Entity>;

/// A film by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilmById(pub FilmId);

impl LoaderKey for FilmById {
    type Value = Arc<Film>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit_film_tags(self.0, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Film>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let select = selection().filter(film::COLUMN.id.eq_any(ids));
        let films = fetch(select.into_query(), session).await?;
        Ok(by_key(films, |film| Self(film.id)))
    }
}

/// A film by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmBySlug(pub String);

impl LoaderKey for FilmBySlug {
    type Value = Arc<Film>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    /// A film's slug changes only with the film. An unknown slug stays unknown as long as no film changes.
    fn tags(&self, film: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        match film {
            Some(film) => visit_film_tags(film.id, visit),
            None => visit(Tag::any(TagKind::Film)),
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Film>>, DbErr> {
        let slugs: Vec<String> = keys.into_iter().map(|key| key.0).collect();
        let select = selection().filter(film::COLUMN.slug.eq_any(slugs));
        let films = fetch(select.into_query(), session).await?;
        Ok(by_key(films, |film| Self(film.slug.clone())))
    }
}

/// Visits the tags of a film, which includes the tally of its reviews: that of its row and that of its reviews.
fn visit_film_tags(film: FilmId, visit: &mut dyn FnMut(Tag)) {
    visit(Tag::of(TagKind::Film, film.0));
    visit(Tag::of(TagKind::FilmReviews, film.0));
}

/// Returns the approximate size of a film in bytes.
fn weigh(film: &Arc<Film>) -> usize {
    let lists = film.directors.iter().chain(&film.genres);
    let list_bytes: usize = lists.map(|text| size_of::<String>() + text.len()).sum();
    let string_bytes = film.slug.len() + film.title.len();
    let optional = [&film.synopsis, &film.url].into_iter().flatten();
    let optional_bytes: usize = optional.map(String::len).sum();
    let details = film.details.as_ref().map_or(0, |details| details.weight());
    size_of::<Film>()
        + size_of::<ScoredTally>()
        + string_bytes
        + list_bytes
        + optional_bytes
        + details
}

fn selection() -> Selection {
    film::Entity::find().find_both_related(film_tally::Entity)
}

async fn fetch(select: SelectStatement, session: &Session) -> Result<Vec<Arc<Film>>, DbErr> {
    let rows = session.query_all_raw(sql::build(&select)).await?;
    films_of_rows(&rows)
}

fn films_of_rows(rows: &[QueryResult]) -> Result<Vec<Arc<Film>>, DbErr> {
    let films = rows.iter().map(|row| {
        let mut cells = ColumnReader::new(row)?;
        let film = read_film(&mut cells)?;
        let tally = read_tally(&mut cells)?;
        film_of_row(film, &tally).map(Arc::new)
    });
    films.collect()
}

/// Reads the columns of a film, in the order of the entity.
fn read_film(cells: &mut ColumnReader<'_>) -> Result<film::Model, DbErr> {
    Ok(film::Model {
        id: cells.next()?,
        slug: cells.next()?,
        title: cells.next()?,
        year: cells.next()?,
        release_date: cells.next()?,
        runtime_minutes: cells.next()?,
        directors: cells.next()?,
        genres: cells.next()?,
        synopsis: cells.next()?,
        url: cells.next()?,
        countries: cells.next()?,
        cast_members: cells.next()?,
        alternative_titles: cells.next()?,
        poster_url: cells.next()?,
        poster_width: cells.next()?,
        poster_height: cells.next()?,
        poster_alt: cells.next()?,
        version: cells.next()?,
        created_at: cells.next()?,
        updated_at: cells.next()?,
    })
}

/// Reads the columns of a tally, in the order of the entity.
fn read_tally(cells: &mut ColumnReader<'_>) -> Result<film_tally::Model, DbErr> {
    Ok(film_tally::Model {
        film_id: cells.next()?,
        review_count: cells.next()?,
        scored_count: cells.next()?,
        score_counts: cells.next()?,
        unscored_positive: cells.next()?,
        unscored_mixed: cells.next()?,
        unscored_negative: cells.next()?,
        unrated: cells.next()?,
        unscored_positive_weight: cells.next()?,
        unscored_mixed_weight: cells.next()?,
        unscored_negative_weight: cells.next()?,
        weighted_sum: cells.next()?,
        weight: cells.next()?,
        recommended: cells.next()?,
        not_recommended: cells.next()?,
        first_reviewed_on: cells.next()?,
        last_reviewed_on: cells.next()?,
        repeated: cells.next()?,
        score: cells.next()?,
    })
}

fn by_key<K: Eq + Hash>(films: Vec<Arc<Film>>, key: impl Fn(&Film) -> K) -> HashMap<K, Arc<Film>> {
    films.into_iter().map(|film| (key(&film), film)).collect()
}

/// Takes the details out of a row; `None` if it has none.
fn take_details(row: &mut film::Model) -> Option<Box<FilmDetails>> {
    let lists = [&row.countries, &row.cast_members, &row.alternative_titles];
    if row.poster_url.is_none() && lists.iter().all(|list| list.is_empty()) {
        return None;
    }
    Some(Box::new(details_of_row(row)))
}

/// Takes the details out of a row.
fn details_of_row(row: &mut film::Model) -> FilmDetails {
    let titles = std::mem::take(&mut row.alternative_titles);
    FilmDetails {
        countries: std::mem::take(&mut row.countries),
        cast: std::mem::take(&mut row.cast_members),
        alternative_titles: titles
            .iter()
            .map(|title| AlternativeTitle::parse(title))
            .collect(),
        poster: row.poster_url.take().map(|url| Poster {
            url,
            width: row.poster_width,
            height: row.poster_height,
            alt: row.poster_alt.take(),
        }),
    }
}

fn film_of_row(mut row: film::Model, tally: &film_tally::Model) -> Result<Film, DbErr> {
    Ok(Film {
        details: take_details(&mut row),
        id: FilmId(row.id),
        slug: row.slug,
        title: row.title,
        year: row.year,
        release_date: row.release_date,
        runtime_minutes: row.runtime_minutes,
        directors: row.directors,
        genres: row.genres,
        synopsis: row.synopsis,
        url: row.url,
        last_reviewed_on: tally.last_reviewed_on,
        version: row.version,
        tally: Arc::new(ScoredTally::new(
            tally_of_row!(tally, tally.repeated)?,
            Basis::Critics,
        )),
    })
}

fn tally(column: film_tally::Column) -> Expr {
    Expr::col((film_tally::Entity, column))
}
