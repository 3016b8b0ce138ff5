//! Pages and numbers of films.

mod by_title;
mod keyset;

use std::{collections::HashMap, hash::Hash, sync::Arc};

use entity::{film, film_tally};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use self::keyset::keyset;
use super::{
    Selection, fetch, films_of_rows,
    filter::{TITLE_SEARCH, filtered},
    index::FilmIndex,
    selection, visit_film_tags,
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{error::RulesChanged, keyset::Keyset, session::Session, sql},
    film::{Film, FilmOrder, filter::FilmFilter},
    loader::{
        key::{LoaderKey, one_by_one},
        page_key::PageKey,
    },
    pagination::{Page, PageRequest, Position},
    site_rules::{
        ScoringRules,
        store::{GENERATION, read_generation},
    },
};

/// The number of films that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmCount {
    filter: FilmFilter,
    /// The generation of the rules of the site, if the filter depends on them.
    generation: Option<i64>,
}

impl FilmCount {
    /// Creates the key of the number of films that match a filter under the rules of the site.
    #[must_use]
    pub fn new(filter: FilmFilter, rules: ScoringRules) -> Self {
        Self {
            generation: filter.depends_on_scores().then_some(rules.generation),
            filter,
        }
    }

    async fn fetch(&self, session: &Session) -> Result<u64, DbErr> {
        let filter = &self.filter;
        if filter.excludes_all() {
            return Ok(0);
        }
        if let Some(index) = FilmIndex::for_filter(filter, session).await {
            let index = index.read();
            if self
                .generation
                .is_none_or(|generation| index.is_scored_under(generation))
            {
                return Ok(index.count(filter) as u64);
            }
        }
        if !filter.needs_tally() {
            return filtered(film::Entity::find(), filter).count(session).await;
        }
        let films = film::Entity::find().inner_join(film_tally::Entity);
        let Some(generation) = self.generation else {
            return filtered(films, filter).count(session).await;
        };
        let counted = filtered(films, filter)
            .select_only()
            .column_as(Expr::cust("count(*)"), "films")
            .column_as(Expr::cust(GENERATION), "generation")
            .into_tuple::<(i64, i64)>()
            .one(session)
            .await?;
        match counted {
            Some((films, counted_under)) if counted_under == generation => Ok(films.unsigned_abs()),
            _ => Err(RulesChanged.into()),
        }
    }
}

impl LoaderKey for FilmCount {
    type Value = u64;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        self.filter.visit_tags(visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        one_by_one(keys, |key| async move { key.fetch(session).await }).await
    }
}

/// A page of films.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilmPage {
    /// The filter.
    pub filter: FilmFilter,
    /// The order.
    pub order: FilmOrder,
    /// The page.
    pub page: PageRequest,
    /// The rules of the site, by which scores are filtered and ordered.
    pub rules: ScoringRules,
}

impl FilmPage {
    async fn fetch(&self, session: &Session) -> Result<Page<Arc<Film>>, DbErr> {
        if self.filter.excludes_all() {
            return Ok(Page::from_rows(Vec::new(), &self.page));
        }
        let found = self.find_in_index(session).await?;
        let films = match found {
            Some(IndexedPage::Ids(ids)) => {
                let mut films = self.fetch_by_ids(ids.clone(), session).await?;
                // The order by title is that of the ids.
                films.sort_by_key(|film| ids.iter().position(|id| *id == film.id.0));
                Some(films).filter(|films| films.len() == ids.len())
            }
            Some(IndexedPage::Positions(positions)) => {
                let ids: Vec<i64> = positions.iter().map(|position| position.id).collect();
                let films = self.fetch_by_ids(ids, session).await?;
                let is_unchanged = |film: &Arc<Film>| positions.contains(&self.position(film));
                let is_whole = films.len() == positions.len() && films.iter().all(is_unchanged);
                is_whole.then_some(films)
            }
            Some(IndexedPage::Candidates(ids)) => {
                let select = self.recheck().filter(film::COLUMN.id.eq_any(ids));
                let keyset = Keyset {
                    key: Some(unindexed("title")),
                    ..keyset(self.order)
                };
                let select = self.with_generation(select.into_query());
                let select = keyset.page(select, &self.page);
                Some(self.fetch_checked(select, session).await?)
            }
            None => None,
        };
        // If a film has changed since the index found it, others may take its place.
        let films = if let Some(films) = films {
            films
        } else {
            let select = filtered(selection(), &self.filter);
            let select = self.with_generation(select.into_query());
            let select = keyset(self.order).page(select, &self.page);
            self.fetch_checked(select, session).await?
        };
        Ok(self.page_of(films))
    }

    /// Selects the films that match the filter, of those that the index has found by it.
    fn recheck(&self) -> Selection {
        let title = self.filter.title.as_ref();
        let rest = FilmFilter {
            title: None,
            ..self.filter.clone()
        };
        let select = filtered(selection(), &rest);
        match title {
            Some(title) => select.filter(sql::contains(unindexed(TITLE_SEARCH), title)),
            None => select,
        }
    }

    async fn fetch_by_ids(
        &self,
        ids: Vec<i64>,
        session: &Session,
    ) -> Result<Vec<Arc<Film>>, DbErr> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let select = self.recheck().filter(film::COLUMN.id.eq_any(ids));
        let select = self.with_generation(select.into_query());
        self.fetch_checked(select, session).await
    }

    /// Reads films. Fails if the statement depends on scores, and these are not those under the rules of the page.
    async fn fetch_checked(
        &self,
        select: SelectStatement,
        session: &Session,
    ) -> Result<Vec<Arc<Film>>, DbErr> {
        if !self.depends_on_scores() {
            return fetch(select, session).await;
        }
        let rows = session.query_all_raw(sql::build(&select)).await?;
        let read_under = match rows.first() {
            Some(row) => row.try_get("", "generation")?,
            // The generation only grows: if it is the same now, it was before.
            None => read_generation(session).await?,
        };
        if read_under != self.rules.generation {
            return Err(RulesChanged.into());
        }
        films_of_rows(&rows)
    }

    /// Adds the generation of the rules to what a statement for films reads, if it depends on scores.
    fn with_generation(&self, mut select: SelectStatement) -> SelectStatement {
        if self.depends_on_scores() {
            select.expr_as(Expr::cust(GENERATION), "generation");
        }
        select
    }

    /// Returns whether the page depends on the stored scores of films.
    fn depends_on_scores(&self) -> bool {
        self.order.field.depends_on_scores() || self.filter.depends_on_scores()
    }

    fn position(&self, film: &Film) -> Position {
        self.order.position(film, &self.rules.policy)
    }

    fn page_of(&self, films: Vec<Arc<Film>>) -> Page<Arc<Film>> {
        let rows = films.into_iter().map(|film| {
            let position = self.position(&film);
            (film, position)
        });
        Page::from_unsorted_rows(rows.collect(), &self.page, self.order.tag())
    }
}

/// Returns a column of titles as an expression that no index of the database has, for films whose ids are known.
/// Otherwise PostgreSQL may read the whole index of parts of titles, whose pattern it doesn't know when it plans, or all
/// films in the order of their titles.
fn unindexed(column: &str) -> Expr {
    Expr::cust(format!("(film.{column} || '')"))
}

/// What the index knows of a page.
enum IndexedPage {
    /// The films of the page, and one more if there is one.
    Positions(Vec<Position>),
    /// The same in the order by title, from the requested end.
    Ids(Vec<i64>),
    /// All films that match the filter.
    Candidates(Vec<i64>),
}

/// If at most this many films match a filter, the database reads and sorts them all.
const MAX_CANDIDATES: usize = 300;

impl FilmPage {
    /// Looks for the films of a list in the index, unless the database has an index for it. `None` if the database has to find them.
    async fn find_in_index(&self, session: &Session) -> Result<Option<IndexedPage>, DbErr> {
        if !self.filter.is_given() && self.order.field.has_database_index() {
            return Ok(None);
        }
        let Some(index) = FilmIndex::for_filter(&self.filter, session).await else {
            return Ok(None);
        };
        let (positions, matching) = {
            let index = index.read();
            if self.depends_on_scores() && !index.is_scored_under(self.rules.generation) {
                return Ok(None);
            }
            let positions = index.page(&self.filter, self.order, &self.page);
            let matching = positions.is_none().then(|| index.ids(&self.filter));
            (positions, matching.unwrap_or_default())
        };
        if let Some(positions) = positions {
            return Ok(Some(IndexedPage::Positions(positions)));
        }
        if matching.len() <= MAX_CANDIDATES {
            return Ok(Some(IndexedPage::Candidates(matching)));
        }
        let ids = by_title::find(self, matching.len(), &index, session).await?;
        Ok(Some(IndexedPage::Ids(ids)))
    }
}

impl LoaderKey for FilmPage {
    type Value = Arc<Page<Arc<Film>>>;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, page: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        self.filter.visit_tags(visit);
        if self.order.field.depends_on_reviews() {
            visit(Tag::any(TagKind::FilmReviews));
        }
        for (film, _) in page.iter().flat_map(|page| &page.rows) {
            visit_film_tags(film.id, visit);
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

impl PageKey for FilmPage {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        Self { page, ..self }
    }
}
