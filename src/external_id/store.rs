//! The rows of external ids.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use super::{ExternalId, IdentifiedKind};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{
        session::{Session, transaction::Transaction},
        sql,
    },
    loader::key::LoaderKey,
    user_error::{Candidate, UserErrorCode::AlreadyExists, UserErrors, listed},
};

/// A row with the key of the film or critic that it belongs to.
#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    source: String,
    external_id: String,
}

impl Row {
    fn into_id(self) -> ExternalId {
        ExternalId {
            source: self.source,
            id: self.external_id,
        }
    }
}

/// The kind of the rows whose changes invalidate the external ids of this kind.
const fn tag_kind(kind: IdentifiedKind) -> TagKind {
    match kind {
        IdentifiedKind::Film => TagKind::Film,
        IdentifiedKind::Critic => TagKind::Critic,
    }
}

/// The external ids of a film or a critic, ordered by source and id. Without any, there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExternalIdsOf {
    /// The kind of the row.
    pub kind: IdentifiedKind,
    /// The key of the row.
    pub owner: i64,
}

impl LoaderKey for ExternalIdsOf {
    type Value = Arc<[ExternalId]>;
    type Group = IdentifiedKind;

    fn group(&self) -> IdentifiedKind {
        self.kind
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(tag_kind(self.kind), self.owner));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(kind) = keys.first().map(|key| key.kind) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<i64> = keys.iter().map(|key| key.owner).collect();
        let mut by_owner: HashMap<i64, Vec<ExternalId>> = HashMap::new();
        for row in fetch(kind, owners, session).await? {
            by_owner.entry(row.owner).or_default().push(row.into_id());
        }
        let ids = by_owner.into_iter();
        Ok(ids
            .map(|(owner, ids)| (Self { kind, owner }, ids.into()))
            .collect())
    }
}

/// The key of the film or critic with an external id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OwnerOfExternalId {
    /// The kind of the row.
    pub kind: IdentifiedKind,
    /// The external id.
    pub id: ExternalId,
}

impl LoaderKey for OwnerOfExternalId {
    type Value = i64;
    type Group = IdentifiedKind;

    fn group(&self) -> IdentifiedKind {
        self.kind
    }

    /// A row loses an external id only by a change of the row. An unknown id stays unknown as long as no row changes.
    fn tags(&self, owner: Option<&i64>, visit: &mut dyn FnMut(Tag)) {
        let kind = tag_kind(self.kind);
        visit(owner.map_or(Tag::any(kind), |owner| Tag::of(kind, *owner)));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, i64>, DbErr> {
        let Some(kind) = keys.first().map(|key| key.kind) else {
            return Ok(HashMap::new());
        };
        let ids = keys.iter().map(|key| &key.id);
        let rows = fetch_owners(kind, ids, session).await?.into_iter();
        Ok(rows
            .map(|row| {
                let owner = row.owner;
                let id = row.into_id();
                (Self { kind, id }, owner)
            })
            .collect())
    }
}

/// Returns the external ids of rows, ordered by source and id.
async fn fetch(
    kind: IdentifiedKind,
    owners: Vec<i64>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Row>, DbErr> {
    let table = kind.noun();
    let statement = format!(
        "SELECT {table}_id AS owner, source, external_id FROM {table}_external_id WHERE {table}_id = ANY ($1)
        ORDER BY source, external_id"
    );
    sql::all(connection, &statement, [owners.into()]).await
}

async fn fetch_owners(
    kind: IdentifiedKind,
    ids: impl Iterator<Item = &ExternalId>,
    connection: &impl ConnectionTrait,
) -> Result<Vec<Row>, DbErr> {
    let table = kind.noun();
    let statement = format!(
        "SELECT known.{table}_id AS owner, known.source, known.external_id
        FROM unnest($1::text[], $2::text[]) AS given (source, external_id)
        JOIN {table}_external_id AS known USING (source, external_id)"
    );
    sql::all(connection, &statement, columns(ids)).await
}

/// Returns the sources and the ids, as the values of a statement.
fn columns<'a>(ids: impl Iterator<Item = &'a ExternalId>) -> [Value; 2] {
    let (sources, ids): (Vec<_>, Vec<_>) = ids.map(|id| (id.source.clone(), id.id.clone())).unzip();
    [sources.into(), ids.into()]
}

/// Returns the key of the row with an external id.
///
/// # Errors
///
/// When the statement fails.
pub async fn find_owner(
    kind: IdentifiedKind,
    id: &ExternalId,
    connection: &impl ConnectionTrait,
) -> Result<Option<i64>, DbErr> {
    let rows = fetch_owners(kind, std::iter::once(id), connection).await?;
    Ok(rows.first().map(|row| row.owner))
}

/// Returns the external ids of a row, ordered by source and id.
///
/// # Errors
///
/// When the statement fails.
pub async fn list(
    kind: IdentifiedKind,
    owner: i64,
    transaction: &Transaction,
) -> Result<Vec<ExternalId>, DbErr> {
    let rows = fetch(kind, vec![owner], transaction).await?;
    Ok(rows.into_iter().map(Row::into_id).collect())
}

/// Adds an error for each external id that belongs to another row than `owner`. A new row has no key yet.
///
/// # Errors
///
/// When the statement fails.
pub async fn check_free(
    (kind, owner): (IdentifiedKind, Option<i64>),
    ids: &[ExternalId],
    transaction: &Transaction,
    errors: &mut UserErrors,
) -> Result<(), DbErr> {
    #[derive(FromQueryResult)]
    struct Other {
        source: String,
        external_id: String,
        id: i64,
        slug: String,
        name: String,
    }
    if ids.is_empty() {
        return Ok(());
    }
    let table = kind.noun();
    let name = match kind {
        IdentifiedKind::Film => "title",
        IdentifiedKind::Critic => "name",
    };
    let statement = format!(
        "SELECT known.source, known.external_id, owner.id, owner.slug, owner.{name}::text COLLATE \"C\" AS name
        FROM unnest($1::text[], $2::text[]) AS given (source, external_id)
        JOIN {table}_external_id AS known USING (source, external_id)
        JOIN {table} AS owner ON owner.id = known.{table}_id
        WHERE owner.id IS DISTINCT FROM $3
        ORDER BY known.source, known.external_id"
    );
    let [sources, external_ids] = columns(ids.iter());
    let values = [sources, external_ids, owner.into()];
    let others: Vec<Other> = sql::all(transaction, &statement, values).await?;
    for other in others {
        let candidate = Candidate::of_row(kind.global_id_kind(), other.id, other.slug, other.name);
        let candidates = vec![candidate];
        let message = format!(
            "{}:{} is the ID of another {table}, {}; remove it there first",
            other.source,
            other.external_id,
            listed(&candidates)
        );
        errors.add_with_candidates("externalIds", AlreadyExists, message, candidates);
    }
    Ok(())
}

/// Replaces the external ids of a row. Only those that differ are written. Both lists are sorted.
///
/// # Errors
///
/// When a statement fails, also if another transaction has added one of the ids since it was checked.
pub async fn replace(
    (kind, owner): (IdentifiedKind, i64),
    before: &[ExternalId],
    after: &[ExternalId],
    transaction: &Transaction,
) -> Result<(), DbErr> {
    let table = kind.noun();
    let without = |ids: &'_ [ExternalId], others: &[ExternalId]| -> Vec<ExternalId> {
        let differing = ids.iter().filter(|id| others.binary_search(id).is_err());
        differing.cloned().collect()
    };
    let (removed, added) = (without(before, after), without(after, before));
    let delete = format!(
        "DELETE FROM {table}_external_id WHERE {table}_id = $3
            AND (source, external_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
    );
    let insert = format!(
        "INSERT INTO {table}_external_id (source, external_id, {table}_id)
        SELECT source, external_id, $3 FROM unnest($1::text[], $2::text[]) AS given (source, external_id)"
    );
    for (statement, ids) in [(delete, removed), (insert, added)] {
        if !ids.is_empty() {
            let [sources, ids] = columns(ids.iter());
            sql::execute(transaction, &statement, [sources, ids, owner.into()]).await?;
        }
    }
    Ok(())
}
