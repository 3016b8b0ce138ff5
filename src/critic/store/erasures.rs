//! Reads of the records of erasures.

use std::{collections::HashMap, sync::Arc};

use entity::erasure;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryTrait, sea_query::Expr};

use crate::{
    cache::tag::Tag,
    critic::{CriticId, erasure::Erasure},
    database::{keyset::Keyset, session::Session, sql},
    loader::key::LoaderKey,
    pagination::{OrderTag, Page, PageRequest, Position, SortKey},
};

/// The key of the number of erasures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErasureCount;

impl LoaderKey for ErasureCount {
    type Value = u64;
    type Group = ();

    fn group(&self) {}

    /// Visits no tags because the number of erasures is never cached.
    fn tags(&self, _: Option<&u64>, _: &mut dyn FnMut(Tag)) {}

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let count = erasure::Entity::find().count(session).await?;
        Ok(keys.into_iter().map(|key| (key, count)).collect())
    }
}

/// Returns a page of erasures.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    order: OrderTag,
    request: &PageRequest,
    connection: &impl ConnectionTrait,
) -> Result<Page<Arc<Erasure>>, DbErr> {
    let keyset = Keyset {
        key: None,
        is_nullable: order.is_nullable,
        is_index_descending: false,
        key_range: None,
        id: Expr::col((erasure::Entity, erasure::Column::Id)),
        direction: order.direction,
    };
    let select = keyset.page(erasure::Entity::find().into_query(), request);
    let select = erasure::Entity::find().from_raw_sql(sql::build(&select));
    let rows = select.all(connection).await?.into_iter().map(|row| {
        let position = Position {
            key: SortKey::Missing,
            id: row.id,
        };
        (Arc::new(Erasure::from(row)), position)
    });
    Ok(Page::from_rows(rows.collect(), request))
}

impl From<erasure::Model> for Erasure {
    fn from(row: erasure::Model) -> Self {
        Self {
            id: row.id,
            critic: CriticId(row.critic_id),
            erased_at: row.erased_at,
            erased_by: row.erased_by,
            reviews: row.review_count,
            revisions: row.revision_count,
            texts_removed: row.texts_removed,
        }
    }
}
