//! The rows of critics.

use std::{collections::HashMap, sync::Arc};

use entity::{critic, critic_tally};
use sea_orm::{
    DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, extension::postgres::PgExpr},
};

use super::{Critic, CriticId};
use crate::{
    database::{
        batch::{BatchKey, Reader},
        keyset::Keyset,
        session::Session,
    },
    filter::contains_pattern,
    named::{NameFilter, NamedOrder, NamedOrderField},
    pagination::{Page, PageRequest},
    score::store::{CriticTally, tally_of_row},
};

/// A critic by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticById(pub CriticId);

impl BatchKey for CriticById {
    type Value = Arc<Critic>;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Critic>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let rows = critic::Entity::find()
            .filter(critic::COLUMN.id.eq_any(ids))
            .all(session)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(CriticId(row.id)), Arc::new(row.into())))
            .collect())
    }
}

/// A critic by its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CriticBySlug(pub String);

impl BatchKey for CriticBySlug {
    type Value = Arc<Critic>;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Critic>>, DbErr> {
        let slugs: Vec<String> = keys.into_iter().map(|key| key.0).collect();
        let rows = critic::Entity::find()
            .filter(critic::COLUMN.slug.eq_any(slugs))
            .all(session)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Self(row.slug.clone()), Arc::new(row.into())))
            .collect())
    }
}

/// How many critics a filter lets through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CriticCount(pub NameFilter);

impl BatchKey for CriticCount {
    type Value = u64;

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let mut counts = HashMap::new();
        for key in keys {
            let count = filtered(critic::Entity::find(), &key.0)
                .count(session)
                .await?;
            counts.insert(key, count);
        }
        Ok(counts)
    }
}

/// A page of critics. Their tallies come along and are remembered.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    filter: &NameFilter,
    order: NamedOrder,
    request: &PageRequest,
    reader: &Reader,
) -> Result<Page<Arc<Critic>>, DbErr> {
    let mut select = filtered(
        critic::Entity::find().find_both_related(critic_tally::Entity),
        filter,
    );
    keyset(order).cut(QuerySelect::query(&mut select), request);
    let mut rows = Vec::new();
    for (row, tally) in select.all(reader.session()).await? {
        let tally = tally_of_row!(tally)?;
        let critic = Critic::from(row);
        let position = order.position(&critic.name, critic.id.0, tally.review_count());
        reader.remember(CriticTally(critic.id), tally);
        rows.push((Arc::new(critic), position));
    }
    Ok(Page::cut(rows, request))
}

fn filtered<S: QueryFilter>(select: S, filter: &NameFilter) -> S {
    match &filter.name {
        Some(name) => select.filter(column(critic::Column::Name).ilike(contains_pattern(name))),
        None => select,
    }
}

fn keyset(order: NamedOrder) -> Keyset {
    // The index of the tally's column goes on with the tally's own id, which is the critic's.
    let (key, id) = match order.field {
        NamedOrderField::Name => (column(critic::Column::Name), column(critic::Column::Id)),
        NamedOrderField::ReviewCount => (
            Expr::col((critic_tally::Entity, critic_tally::Column::ReviewCount)),
            Expr::col((critic_tally::Entity, critic_tally::Column::CriticId)),
        ),
    };
    Keyset {
        key: Some(key),
        nullable: order.tag().nullable,
        id,
        direction: order.direction,
    }
}

fn column(column: critic::Column) -> Expr {
    Expr::col((critic::Entity, column))
}

impl From<critic::Model> for Critic {
    fn from(row: critic::Model) -> Self {
        Self {
            id: CriticId(row.id),
            slug: row.slug,
            name: row.name,
            url: row.url,
            version: row.version,
        }
    }
}
