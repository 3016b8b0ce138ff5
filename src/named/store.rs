//! The mutations of critics and publications. Their tables differ only in the column `weight`.

mod delete;
mod lookup;
mod merge;

use sea_orm::{DbErr, FromQueryResult};

pub use self::{
    delete::DeleteNamed,
    lookup::{NAME_COLUMNS, NameMatch, RowsByName, find_by_names, find_similar, matching_rows},
    merge::{MergeNamed, Merged},
};
use super::{
    NamedKind,
    draft::{NamedDraft, NamedPatch},
};
use crate::{
    database::{
        session::transaction::Transaction,
        sql::{self, NewName},
    },
    external_id,
    mutation::{Command, CommandOutcome, UpdatedRow, WrittenRow},
    score::Weight,
    slug, text,
    user_error::{
        UserErrorCode::{AlreadyExists, NotFound},
        UserErrors, listed,
    },
};

/// The mutation that adds a critic or a publication.
#[derive(Clone, Debug)]
pub struct AddNamed {
    /// The kind of the row.
    pub kind: NamedKind,
    /// The values of the row.
    pub draft: NamedDraft,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for AddNamed {
    type Done = WrittenRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<WrittenRow>, DbErr> {
        let mut errors = self.errors.clone();
        if self.draft.slug.is_none() {
            let name = new_name(self.kind, &self.draft.name);
            sql::lock_new_names(transaction, vec![name]).await?;
        }
        self.check(transaction, &mut errors).await?;
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        let id = insert(self.kind, &self.draft, transaction).await?;
        if let Some(kind) = self.kind.identified() {
            let ids = &self.draft.external_ids;
            external_id::store::replace((kind, id), &[], ids, transaction).await?;
        }
        Ok(CommandOutcome::Done(WrittenRow { id }))
    }
}

impl AddNamed {
    /// Adds an error if the row already exists. An explicit slug means that it is another one with the same name.
    async fn check(&self, transaction: &Transaction, errors: &mut UserErrors) -> Result<(), DbErr> {
        let noun = self.kind.noun();
        check_external_ids((self.kind, None), &self.draft, transaction, errors).await?;
        if let Some(slug) = &self.draft.slug {
            if sql::is_slug_taken(transaction, noun, slug, None).await? {
                errors.add(
                    "slug",
                    AlreadyExists,
                    format!("is already the slug of another {noun}"),
                );
            }
        } else if !self.draft.name.is_empty() {
            self.check_name(transaction, errors).await?;
        }
        Ok(())
    }
}

impl AddNamed {
    /// Adds an error if a row has the name, or a similar one.
    async fn check_name(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let names = vec![self.draft.name.clone()];
        let mut found = find_by_names(self.kind, names.clone(), transaction).await?;
        let mut with_name = "with this name";
        if found.is_empty() {
            found = find_similar(self.kind, &names, transaction).await?;
            with_name = "with a similar name";
        }
        if !found.is_empty() {
            let found = found.into_iter().map(|row| row.candidate(self.kind));
            let candidates: Vec<_> = found.collect();
            let message = format!(
                "a {} {with_name} already exists: {}; give a `slug` to add another one",
                self.kind.noun(),
                listed(&candidates)
            );
            errors.add_with_candidates("name", AlreadyExists, message, candidates);
        }
        Ok(())
    }
}

/// Returns the name to lock before checking that no row with this name or a similar one exists, and inserting one. Names
/// that differ only in case have the same lock, and so have most names that differ in accents, punctuation and blanks.
#[must_use]
pub fn new_name(kind: NamedKind, name: &str) -> NewName {
    NewName {
        table: kind.noun(),
        name: slug::of(&text::folded(name)).replace('-', ""),
    }
}

/// Inserts a row without checking whether its name exists, and returns its key.
///
/// # Errors
///
/// When a statement fails.
pub async fn insert(
    kind: NamedKind,
    draft: &NamedDraft,
    transaction: &Transaction,
) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let slug = match &draft.slug {
        Some(slug) => slug.clone(),
        None => sql::free_slug(transaction, kind.noun(), &slug::of(&draft.name)).await?,
    };
    let mut values = vec![
        slug.into(),
        draft.name.as_str().into(),
        draft.url.clone().into(),
    ];
    let statement = match kind {
        NamedKind::Critic => {
            "INSERT INTO critic (slug, name, url) VALUES ($1, $2, $3) RETURNING id"
        }
        NamedKind::Publication => {
            values.push(hundredths(draft.weight).into());
            "INSERT INTO publication (slug, name, url, weight) VALUES ($1, $2, $3, $4) RETURNING id"
        }
    };
    let row: Option<Row> = sql::one(transaction, statement, values).await?;
    row.map(|row| row.id).ok_or(DbErr::RecordNotInserted)
}

fn hundredths(weight: Weight) -> i32 {
    weight.hundredths().cast_signed()
}

/// A row that is locked until the transaction ends.
#[derive(FromQueryResult)]
pub(crate) struct LockedRow {
    pub(crate) id: i64,
    slug: String,
    name: String,
    url: Option<String>,
    weight: i32,
    version: i32,
}

impl LockedRow {
    pub(crate) fn slug(&self) -> &str {
        &self.slug
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the values of the row. The external ids have a table of their own.
    fn draft(&self) -> NamedDraft {
        NamedDraft {
            slug: Some(self.slug.clone()),
            name: self.name.clone(),
            url: self.url.clone(),
            // A CHECK constraint limits the weights to the valid range.
            weight: Weight::from_hundredths(self.weight).unwrap_or_default(),
            external_ids: Vec::new(),
        }
    }
}

/// The strength of a row lock. A lock for an update doesn't conflict with the locks of foreign keys that refer to the
/// row.
#[derive(Clone, Copy)]
pub(crate) enum LockStrength {
    Update,
    Delete,
}

/// Locks the row that an input names. Adds an error if it doesn't exist or has another version than the expected one.
pub(crate) async fn lock(
    (kind, path): (NamedKind, &str),
    id: Option<i64>,
    expected_version: Option<i32>,
    lock: LockStrength,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<Option<LockedRow>, DbErr> {
    let Some(id) = id else {
        return Ok(None);
    };
    let (table, weight) = match kind {
        NamedKind::Critic => ("critic", "100 AS weight"),
        NamedKind::Publication => ("publication", "weight"),
    };
    let strength = match lock {
        LockStrength::Update => "NO KEY UPDATE",
        LockStrength::Delete => "UPDATE",
    };
    let statement = format!(
        "SELECT id, slug, name, url, {weight}, version FROM {table} WHERE id = $1 FOR {strength}"
    );
    let found: Option<LockedRow> = sql::one(transaction, &statement, [id.into()]).await?;
    match &found {
        None => errors.add(
            path,
            NotFound,
            format!("this {table} does not exist; it may have been deleted"),
        ),
        Some(row) => errors.expect_version(expected_version, row.version),
    }
    Ok(found)
}

/// The mutation that updates a critic or a publication.
#[derive(Clone, Debug)]
pub struct UpdateNamed {
    /// The kind of the row.
    pub kind: NamedKind,
    /// The key of the row; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the row must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// The new values.
    pub patch: NamedPatch,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for UpdateNamed {
    type Done = UpdatedRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<UpdatedRow>, DbErr> {
        let mut errors = self.errors.clone();
        let found = lock(
            (self.kind, "id"),
            self.id,
            self.expected_version,
            LockStrength::Update,
            (transaction, &mut errors),
        )
        .await?;
        let mut before = found.as_ref().map(LockedRow::draft).unwrap_or_default();
        let ids_of = self.kind.identified().zip(found.as_ref());
        if let Some((kind, row)) = ids_of.filter(|_| self.patch.external_ids.is_given()) {
            before.external_ids = external_id::store::list(kind, row.id, transaction).await?;
        }
        let mut draft = before.clone();
        draft.apply(self.patch.clone(), &mut errors);
        if let Some(slug) = draft.slug.as_ref().filter(|_| draft.slug != before.slug)
            && sql::is_slug_taken(transaction, self.kind.noun(), slug, self.id).await?
        {
            let message = format!("is already the slug of another {}", self.kind.noun());
            errors.add("slug", AlreadyExists, message);
        }
        check_external_ids((self.kind, self.id), &draft, transaction, &mut errors).await?;
        let Some(found) = found.filter(|_| errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let changed = draft.changed_columns(&before);
        if !changed.is_empty() {
            update((self.kind, found.id), (&before, &draft), transaction).await?;
        }
        Ok(CommandOutcome::Done(UpdatedRow {
            id: found.id,
            changed,
        }))
    }
}

/// Adds an error for each external id that belongs to another row.
async fn check_external_ids(
    (kind, id): (NamedKind, Option<i64>),
    draft: &NamedDraft,
    transaction: &Transaction,
    errors: &mut UserErrors,
) -> Result<(), DbErr> {
    match kind.identified() {
        Some(kind) => {
            let ids = &draft.external_ids;
            external_id::store::check_free((kind, id), ids, transaction, errors).await
        }
        None => Ok(()),
    }
}

/// Writes the values of a row. External ids have a table of their own. Writing the version makes the trigger increment it.
async fn update(
    (kind, id): (NamedKind, i64),
    (before, draft): (&NamedDraft, &NamedDraft),
    transaction: &Transaction,
) -> Result<(), DbErr> {
    let mut values = vec![
        id.into(),
        draft.slug.clone().into(),
        draft.name.as_str().into(),
        draft.url.clone().into(),
    ];
    let statement = match kind {
        NamedKind::Critic => {
            "UPDATE critic SET slug = $2, name = $3, url = $4, version = version + 1 WHERE id = $1"
        }
        NamedKind::Publication => {
            values.push(hundredths(draft.weight).into());
            "UPDATE publication SET slug = $2, name = $3, url = $4, weight = $5 WHERE id = $1"
        }
    };
    sql::execute(transaction, statement, values).await?;
    if let Some(kind) = kind.identified() {
        let (before, after) = (&before.external_ids, &draft.external_ids);
        external_id::store::replace((kind, id), before, after, transaction).await?;
    }
    Ok(())
}
