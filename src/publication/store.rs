//! Reads of publications from the database.

use std::{collections::HashMap, sync::Arc};

use entity::{publication, publication_tally};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryTrait,
    sea_query::Expr,
};

use super::{Publication, PublicationId};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{keyset::Keyset, session::Session, sql},
    loader::{
        key::{CopyValue, LoaderKey, one_by_one},
        page_key::{PageKey, PageValue},
    },
    named::{NameFilter, NamedOrder, NamedOrderField},
    pagination::{Page, PageRequest},
    score::{Basis, ScoredTally, Weight, row::tally_of_row},
};

/// The generated column of folded names, as searches compare them.
const NAME_SEARCH: &str = "name_search";

/// A publication by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicationById(pub PublicationId);

impl LoaderKey for PublicationById {
    type Value = Arc<Publication>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    const COPY: Option<CopyValue<Self::Value>> =
        Some(|publication| Arc::new(Publication::clone(publication)));

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Publication, self.0.0));
    }

    async fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> Result<HashMap<Self, Arc<Publication>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let rows = publication::Entity::find()
            .filter(publication::COLUMN.id.eq_any(ids))
            .all(session)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(PublicationId(row.id)), Arc::new(row.into())))
            .collect())
    }
}

/// A publication by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicationBySlug(pub String);

impl LoaderKey for PublicationBySlug {
    type Value = Arc<Publication>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    /// A publication's slug changes only with the publication. An unknown slug stays unknown as long as no publication
    /// changes.
    fn tags(&self, publication: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(
            publication.map_or(Tag::any(TagKind::Publication), |publication| {
                Tag::of(TagKind::Publication, publication.id.0)
            }),
        );
    }

    async fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> Result<HashMap<Self, Arc<Publication>>, DbErr> {
        let slugs: Vec<String> = keys.into_iter().map(|key| key.0).collect();
        let rows = publication::Entity::find()
            .filter(publication::COLUMN.slug.eq_any(slugs))
            .all(session)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(row.slug.clone()), Arc::new(row.into())))
            .collect())
    }
}

/// The number of publications that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicationCount(pub NameFilter);

impl LoaderKey for PublicationCount {
    type Value = u64;
    type Group = NameFilter;

    fn group(&self) -> NameFilter {
        self.0.clone()
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Publication));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        one_by_one(keys, |key| async move {
            if key.0.excludes_all() {
                return Ok(0);
            }
            filtered(publication::Entity::find(), &key.0)
                .count(session)
                .await
        })
        .await
    }
}

/// A page of publications.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicationPage {
    /// The filter.
    pub filter: NameFilter,
    /// The order.
    pub order: NamedOrder,
    /// The page.
    pub page: PageRequest,
}

/// A page of publications with their tallies, which the same statement reads.
#[derive(Clone, Debug, Default)]
pub struct PublicationsWithTallies {
    /// The page.
    pub page: Arc<Page<Arc<Publication>>>,
    /// The tally of each.
    pub tallies: Arc<Vec<(PublicationId, Arc<ScoredTally>)>>,
}

impl PublicationPage {
    async fn fetch(&self, session: &Session) -> Result<PublicationsWithTallies, DbErr> {
        if self.filter.excludes_all() {
            return Ok(PublicationsWithTallies {
                page: Arc::new(Page::from_rows(Vec::new(), &self.page)),
                tallies: Arc::default(),
            });
        }
        let select = filtered(
            publication::Entity::find().find_both_related(publication_tally::Entity),
            &self.filter,
        );
        let select = keyset(self.order).page(select.into_query(), &self.page);
        let statement = sql::build(&select);
        let mut rows = Vec::new();
        let mut tallies = Vec::new();
        for row in session.query_all_raw(statement).await? {
            // SeaORM prefixes the columns of the two tables with `A_` and `B_`.
            let publication = Publication::from(publication::Model::from_query_result(&row, "A_")?);
            let tally = publication_tally::Model::from_query_result(&row, "B_")?;
            let tally = tally_of_row!(tally)?;
            let position =
                self.order
                    .position(&publication.name, publication.id.0, tally.review_count());
            tallies.push((
                publication.id,
                Arc::new(ScoredTally::new(tally, Basis::Reviews)),
            ));
            rows.push((Arc::new(publication), position));
        }
        Ok(PublicationsWithTallies {
            page: Arc::new(Page::from_rows(rows, &self.page)),
            tallies: Arc::new(tallies),
        })
    }
}

impl LoaderKey for PublicationPage {
    type Value = PublicationsWithTallies;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, value: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Publication));
        if self.order.field == NamedOrderField::ReviewCount {
            visit(Tag::any(TagKind::PublicationReviews));
        }
        for (publication, _) in value.iter().flat_map(|value| &value.page.rows) {
            visit(Tag::of(TagKind::Publication, publication.id.0));
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(keys, |key| async move { key.fetch(session).await }).await
    }
}

impl PageKey for PublicationPage {
    fn page(&self) -> &PageRequest {
        &self.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        Self { page, ..self }
    }
}

impl PageValue for PublicationsWithTallies {
    fn has_more(&self) -> bool {
        self.page.has_more
    }
}

/// Returns the approximate size of a publication in bytes.
fn weigh(publication: &Arc<Publication>) -> usize {
    let url = publication.url.as_deref().unwrap_or_default();
    size_of::<Publication>() + publication.slug.len() + publication.name.len() + url.len()
}

fn filtered<S: QueryFilter>(select: S, filter: &NameFilter) -> S {
    match &filter.name {
        Some(name) => {
            let folded = Expr::col((publication::Entity, NAME_SEARCH));
            select.filter(sql::contains(folded, name))
        }
        None => select,
    }
}

fn keyset(order: NamedOrder) -> Keyset {
    // The index of the tally's column ends with the tally's own `publication_id`.
    let (key, id) = match order.field {
        NamedOrderField::Name => (
            column(publication::Column::Name),
            column(publication::Column::Id),
        ),
        NamedOrderField::ReviewCount => (
            Expr::col((
                publication_tally::Entity,
                publication_tally::Column::ReviewCount,
            )),
            Expr::col((
                publication_tally::Entity,
                publication_tally::Column::PublicationId,
            )),
        ),
    };
    Keyset {
        key: Some(key),
        is_nullable: order.tag().is_nullable,
        is_index_descending: false,
        key_range: None,
        id,
        direction: order.direction,
    }
}

fn column(column: publication::Column) -> Expr {
    Expr::col((publication::Entity, column))
}

impl From<publication::Model> for Publication {
    fn from(row: publication::Model) -> Self {
        Self {
            id: PublicationId(row.id),
            slug: row.slug,
            name: row.name,
            url: row.url,
            // A CHECK constraint limits the weights to the valid range.
            weight: Weight::from_hundredths(row.weight).unwrap_or_default(),
            version: row.version,
        }
    }
}
