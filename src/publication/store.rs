//! The rows of publications.

use std::{collections::HashMap, sync::Arc};

use entity::{publication, publication_tally};
use sea_orm::{
    DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, extension::postgres::PgExpr},
};

use super::{Publication, PublicationId};
use crate::{
    database::{
        batch::{BatchKey, Reader},
        keyset::Keyset,
        session::Session,
    },
    filter::contains_pattern,
    named::{NameFilter, NamedOrder, NamedOrderField},
    pagination::{Page, PageRequest},
    score::{
        Weight,
        store::{PublicationTally, tally_of_row},
    },
};

/// A publication by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicationById(pub PublicationId);

impl BatchKey for PublicationById {
    type Value = Arc<Publication>;

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

impl BatchKey for PublicationBySlug {
    type Value = Arc<Publication>;

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

/// How many publications a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicationCount(pub NameFilter);

impl BatchKey for PublicationCount {
    type Value = u64;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let mut counts = HashMap::new();
        for key in keys {
            let count = filtered(publication::Entity::find(), &key.0)
                .count(session)
                .await?;
            counts.insert(key, count);
        }
        Ok(counts)
    }
}

/// A page of publications. Their tallies come along and are remembered.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    filter: &NameFilter,
    order: NamedOrder,
    request: &PageRequest,
    reader: &Reader,
) -> Result<Page<Arc<Publication>>, DbErr> {
    let mut select = filtered(
        publication::Entity::find().find_both_related(publication_tally::Entity),
        filter,
    );
    keyset(order).cut(QuerySelect::query(&mut select), request);
    let mut rows = Vec::new();
    for (row, tally) in select.all(reader.session()).await? {
        let tally = tally_of_row!(tally)?;
        let publication = Publication::from(row);
        let position = order.position(&publication.name, publication.id.0, tally.review_count());
        reader.remember(PublicationTally(publication.id), tally);
        rows.push((Arc::new(publication), position));
    }
    Ok(Page::cut(rows, request))
}

fn filtered<S: QueryFilter>(select: S, filter: &NameFilter) -> S {
    match &filter.name {
        Some(name) => {
            select.filter(column(publication::Column::Name).ilike(contains_pattern(name)))
        }
        None => select,
    }
}

fn keyset(order: NamedOrder) -> Keyset {
    // The index of the tally's column goes on with the tally's own id, which is the publication's.
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
        nullable: order.tag().nullable,
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
            // The database keeps weights within what a weight may be.
            weight: Weight::from_hundredths(row.weight).unwrap_or_default(),
            version: row.version,
        }
    }
}
