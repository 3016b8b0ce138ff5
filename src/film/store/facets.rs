//! Numbers of films by their properties.

use std::{collections::HashMap, sync::Arc};

use entity::{film, film_tally};
use sea_orm::{
    DbErr, EntityTrait, FromQueryResult, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, Query, SelectStatement, UnionType},
};

use super::{filter::filtered, index::FilmIndex, tally};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{error::RulesChanged, session::Session, sql},
    film::{facets::FilmFacets, filter::FilmFilter},
    loader::key::{LoaderKey, one_by_one},
    score::Points,
    site_rules::store::GENERATION,
};

/// The numbers of the films that match a filter, by their properties.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FacetsOfFilms {
    /// The filter.
    pub filter: FilmFilter,
    /// The generation of the rules of the site, on which the scores depend.
    pub generation: i64,
}

/// A number of films with a value. A row has the value of one property.
#[derive(Debug, FromQueryResult)]
struct CountRow {
    year: Option<i16>,
    genre: Option<String>,
    score: Option<i16>,
    films: i64,
    generation: i64,
}

impl FacetsOfFilms {
    async fn fetch(&self, session: &Session) -> Result<FilmFacets, DbErr> {
        if self.filter.excludes_all_facets() {
            return Ok(FilmFacets::default());
        }
        if let Some(index) = FilmIndex::for_filter(&self.filter, session).await {
            let index = index.read();
            if index.is_scored_under(self.generation) {
                return Ok(index.facets(&self.filter));
            }
        }
        let rows: Vec<CountRow> = sql::rows(session, sql::build(&self.select())).await?;
        if rows.iter().any(|row| row.generation != self.generation) {
            return Err(RulesChanged.into());
        }
        Ok(facets_of_rows(rows))
    }

    /// Returns the statement for all numbers. It is one, so that they are of the same snapshot of the database. A row without
    /// a value has the generation of the rules.
    fn select(&self) -> SelectStatement {
        let year = Expr::col((film::Entity, film::Column::Year));
        let genre = Expr::cust("unnest(film.genres_normalized)");
        let score = tally(film_tally::Column::Score);
        let mut years = count_by("year", year, &self.filter.without_year());
        let genres = count_by("genre", genre, &self.filter.without_genres());
        let scores = count_by("score", score, &self.filter.without_verdict());
        years
            .union(UnionType::All, genres)
            .union(UnionType::All, scores)
            .union(UnionType::All, count_row(None, "0"))
            .take()
    }
}

/// Returns the statement that counts the films that match a filter by the values of a property. A film may have several;
/// those of one film are counted once.
fn count_by(property: &str, value: Expr, filter: &FilmFilter) -> SelectStatement {
    let films = film::Entity::find()
        .select_only()
        .distinct()
        .column(film::Column::Id)
        .expr_as(value, "value")
        .left_join(film_tally::Entity);
    let films = filtered(films, filter).into_query();
    count_row(Some(property), "count(*)")
        .from_subquery(films, Alias::new("films"))
        .and_where(Expr::cust("value IS NOT NULL"))
        .add_group_by([Expr::cust("value")])
        .take()
}

/// Returns the columns of a [`CountRow`] with the value of a property.
fn count_row(property: Option<&str>, films: &'static str) -> SelectStatement {
    let value_of = |own: &str, ty: &str| {
        let expression = if property == Some(own) {
            "value".to_owned()
        } else {
            format!("NULL::{ty}")
        };
        Expr::cust(expression)
    };
    Query::select()
        .expr_as(value_of("year", "smallint"), "year")
        .expr_as(value_of("genre", "text"), "genre")
        .expr_as(value_of("score", "smallint"), "score")
        .expr_as(Expr::cust(films), "films")
        .expr_as(Expr::cust(GENERATION), "generation")
        .take()
}

fn facets_of_rows(rows: Vec<CountRow>) -> FilmFacets {
    let (mut years, mut genres, mut scores) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let films = row.films.unsigned_abs();
        if let Some(year) = row.year {
            years.push((year.into(), films));
        }
        if let Some(genre) = row.genre {
            genres.push((genre, films));
        }
        let score = row.score.and_then(|score| u8::try_from(score).ok());
        if let Some(score) = score.and_then(Points::new) {
            scores.push((score, films));
        }
    }
    FilmFacets::new(years, genres, scores)
}

impl LoaderKey for FacetsOfFilms {
    type Value = Arc<FilmFacets>;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        self.filter.visit_tags(visit);
        // The films are counted by their scores.
        if !self.filter.needs_tally() {
            visit(Tag::any(TagKind::FilmReviews));
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(
            keys,
            |key| async move { key.fetch(session).await.map(Arc::new) },
        )
        .await
    }
}
