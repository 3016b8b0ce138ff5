//! The rows of films. A film is always read with its tally: nearly every question about a film is about its score.

pub mod write;

use std::{collections::HashMap, hash::Hash, sync::Arc};

use entity::{film, film_tally};
use sea_orm::{
    DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, SelectTwoRequired,
    sea_query::{Expr, ExprTrait, extension::postgres::PgExpr},
};

use super::{Film, FilmFilter, FilmId, FilmOrder, FilmOrderField};
use crate::{
    database::{batch::BatchKey, keyset::Keyset, session::Session},
    filter::contains_pattern,
    pagination::{Page, PageRequest},
    score::store::tally_of_row,
};

type Selection = SelectTwoRequired<film::Entity, film_tally::Entity>;

/// A film by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilmById(pub FilmId);

impl BatchKey for FilmById {
    type Value = Arc<Film>;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Film>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let films = fetch(selection().filter(film::COLUMN.id.eq_any(ids)), session).await?;
        Ok(by_key(films, |film| Self(film.id)))
    }
}

/// A film by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmBySlug(pub String);

impl BatchKey for FilmBySlug {
    type Value = Arc<Film>;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Film>>, DbErr> {
        let slugs: Vec<String> = keys.into_iter().map(|key| key.0).collect();
        let films = fetch(selection().filter(film::COLUMN.slug.eq_any(slugs)), session).await?;
        Ok(by_key(films, |film| Self(film.slug.clone())))
    }
}

/// How many films a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmCount(pub FilmFilter);

impl BatchKey for FilmCount {
    type Value = u64;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let mut counts = HashMap::new();
        for key in keys {
            let count = if key.0.needs_tally() {
                filtered(film::Entity::find().inner_join(film_tally::Entity), &key.0)
                    .count(session)
                    .await?
            } else {
                filtered(film::Entity::find(), &key.0)
                    .count(session)
                    .await?
            };
            counts.insert(key, count);
        }
        Ok(counts)
    }
}

/// A page of films.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    filter: &FilmFilter,
    order: FilmOrder,
    request: &PageRequest,
    session: &Session,
) -> Result<Page<Arc<Film>>, DbErr> {
    let mut select = filtered(selection(), filter);
    keyset(order).cut(QuerySelect::query(&mut select), request);
    let films = fetch(select, session).await?;
    let rows = films
        .into_iter()
        .map(|film| {
            let position = order.position(&film);
            (film, position)
        })
        .collect();
    Ok(Page::cut(rows, request))
}

fn selection() -> Selection {
    film::Entity::find().find_both_related(film_tally::Entity)
}

async fn fetch(select: Selection, session: &Session) -> Result<Vec<Arc<Film>>, DbErr> {
    let rows = select.all(session).await?;
    rows.into_iter()
        .map(|(film, tally)| film_of_row(film, &tally).map(Arc::new))
        .collect()
}

fn by_key<K: Eq + Hash>(films: Vec<Arc<Film>>, key: impl Fn(&Film) -> K) -> HashMap<K, Arc<Film>> {
    films.into_iter().map(|film| (key(&film), film)).collect()
}

fn film_of_row(row: film::Model, tally: &film_tally::Model) -> Result<Film, DbErr> {
    Ok(Film {
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
        version: row.version,
        tally: tally_of_row!(tally)?,
    })
}

impl FilmFilter {
    /// Whether the filter looks at what reviews add up to.
    fn needs_tally(&self) -> bool {
        self.score.is_given() || self.minimum_reviews.is_some()
    }
}

fn filtered<S: QueryFilter>(mut select: S, filter: &FilmFilter) -> S {
    let FilmFilter {
        year,
        genre,
        title,
        score,
        minimum_reviews,
    } = filter;
    if let Some(from) = year.from {
        select = select.filter(Expr::col((film::Entity, film::Column::Year)).gte(from));
    }
    if let Some(to) = year.to {
        select = select.filter(Expr::col((film::Entity, film::Column::Year)).lte(to));
    }
    if let Some(genre) = genre {
        let genres = Expr::col((film::Entity, film::Column::Genres));
        select = select.filter(genres.contains(vec![genre.clone()]));
    }
    if let Some(title) = title {
        let text = Expr::col((film::Entity, film::Column::Title));
        select = select.filter(text.ilike(contains_pattern(title)));
    }
    if let Some(from) = score.from {
        select = select.filter(tally(film_tally::Column::Score).gte(from));
    }
    if let Some(to) = score.to {
        select = select.filter(tally(film_tally::Column::Score).lte(to));
    }
    if let Some(minimum) = minimum_reviews {
        select = select.filter(tally(film_tally::Column::ReviewCount).gte(*minimum));
    }
    select
}

fn keyset(order: FilmOrder) -> Keyset {
    let key = match order.field {
        FilmOrderField::Title => Expr::col((film::Entity, film::Column::Title)),
        FilmOrderField::ReleaseDate => Expr::col((film::Entity, film::Column::ReleaseDate)),
        FilmOrderField::Score => tally(film_tally::Column::Score),
        FilmOrderField::ReviewCount => tally(film_tally::Column::ReviewCount),
    };
    // The index of a tally's column goes on with the tally's own id, which is the film's.
    let id = match order.field {
        FilmOrderField::Title | FilmOrderField::ReleaseDate => {
            Expr::col((film::Entity, film::Column::Id))
        }
        FilmOrderField::Score | FilmOrderField::ReviewCount => tally(film_tally::Column::FilmId),
    };
    Keyset {
        key: Some(key),
        nullable: order.tag().nullable,
        id,
        direction: order.direction,
    }
}

fn tally(column: film_tally::Column) -> Expr {
    Expr::col((film_tally::Entity, column))
}
