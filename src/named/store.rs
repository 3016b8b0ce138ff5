//! Writing critics and publications. Their tables differ in the weight alone.

mod delete;
mod merge;

use sea_orm::{DbErr, FromQueryResult};

pub use self::{
    delete::DeleteNamed,
    merge::{MergeNamed, Merged},
};
use super::{
    NamedKind,
    draft::{NamedDraft, NamedPatch},
};
use crate::{
    database::{
        session::Transaction,
        sql::{self, NewName},
    },
    mutation::{Mutation, Outcome, Written},
    score::Weight,
    slug,
    user_error::{
        UserErrorCode::{AlreadyExists, NotFound},
        UserErrors,
    },
};

/// Adds a critic or a publication.
#[derive(Clone, Debug)]
pub struct AddNamed {
    /// Which of the two.
    pub kind: NamedKind,
    /// What it is to be.
    pub draft: NamedDraft,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

impl Mutation for AddNamed {
    type Done = Written;

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<Written>, DbErr> {
        let mut errors = self.errors.clone();
        if self.draft.slug.is_none() {
            let name = new_name(self.kind, &self.draft.name);
            sql::lock_new_names(transaction, vec![name]).await?;
        }
        self.check(transaction, &mut errors).await?;
        if !errors.is_empty() {
            return Ok(Outcome::Refused(errors.into_vec()));
        }
        let id = add(self.kind, &self.draft, transaction).await?;
        Ok(Outcome::Done(Written { id }))
    }
}

impl AddNamed {
    /// Who chooses a slug says that it is another of that name.
    async fn check(&self, transaction: &Transaction, errors: &mut UserErrors) -> Result<(), DbErr> {
        let word = self.kind.word();
        if let Some(slug) = &self.draft.slug {
            if sql::is_slug_taken(transaction, word, slug, None).await? {
                errors.add(
                    "slug",
                    AlreadyExists,
                    format!("is the slug of a {word} already"),
                );
            }
        } else if !self.draft.name.is_empty() {
            let found = find_by_name(self.kind, &self.draft.name, transaction).await?;
            if let Some(slug) = found {
                let message = format!(
                    "a {word} of this name is there already, with the slug \"{slug}\"; give a `slug` to add another"
                );
                errors.add("name", AlreadyExists, message);
            }
        }
        Ok(())
    }
}

/// What is locked while one of this name is looked for, to be added if it isn't there.
#[must_use]
pub fn new_name(kind: NamedKind, name: &str) -> NewName {
    NewName {
        table: kind.word(),
        name: name.to_owned(),
    }
}

/// Adds one without looking whether there is one of its name.
///
/// # Errors
///
/// When a statement fails.
pub async fn add(
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
        None => sql::free_slug(transaction, kind.word(), &slug::of(&draft.name)).await?,
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

/// The slug of the first that is called so, if any is.
async fn find_by_name(
    kind: NamedKind,
    name: &str,
    transaction: &Transaction,
) -> Result<Option<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        slug: String,
    }
    let table = kind.word();
    let statement = format!("SELECT slug FROM {table} WHERE name = $1 ORDER BY id LIMIT 1");
    let found: Option<Row> = sql::one(transaction, &statement, [name.into()]).await?;
    Ok(found.map(|row| row.slug))
}

/// A row as it is, locked until the transaction ends.
#[derive(FromQueryResult)]
struct Locked {
    id: i64,
    slug: String,
    name: String,
    url: Option<String>,
    weight: i32,
    version: i32,
}

impl Locked {
    fn draft(&self) -> NamedDraft {
        NamedDraft {
            slug: Some(self.slug.clone()),
            name: self.name.clone(),
            url: self.url.clone(),
            // The database keeps weights within what a weight may be.
            weight: Weight::from_hundredths(self.weight).unwrap_or_default(),
        }
    }
}

/// How much of a row a change is about: an update leaves alone that others refer to it.
#[derive(Clone, Copy)]
enum Lock {
    Update,
    Delete,
}

/// Locks what an input names, and notes if it isn't there or has changed since it was read.
async fn lock(
    (kind, path): (NamedKind, &str),
    id: Option<i64>,
    expected_version: Option<i32>,
    lock: Lock,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<Option<Locked>, DbErr> {
    let Some(id) = id else {
        return Ok(None);
    };
    let (table, weight) = match kind {
        NamedKind::Critic => ("critic", "100 AS weight"),
        NamedKind::Publication => ("publication", "weight"),
    };
    let strength = match lock {
        Lock::Update => "NO KEY UPDATE",
        Lock::Delete => "UPDATE",
    };
    let statement = format!(
        "SELECT id, slug, name, url, {weight}, version FROM {table} WHERE id = $1 FOR {strength}"
    );
    let found: Option<Locked> = sql::one(transaction, &statement, [id.into()]).await?;
    match &found {
        None => errors.add(
            path,
            NotFound,
            format!("there is no such {table} (any more)"),
        ),
        Some(row) => errors.expect_version(expected_version, row.version),
    }
    Ok(found)
}

/// Changes a critic or a publication.
#[derive(Clone, Debug)]
pub struct UpdateNamed {
    /// Which of the two.
    pub kind: NamedKind,
    /// Which one, if the input names one.
    pub id: Option<i64>,
    /// In which state it has to be still.
    pub expected_version: Option<i32>,
    /// What is to change.
    pub patch: NamedPatch,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

impl Mutation for UpdateNamed {
    type Done = Written;

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<Written>, DbErr> {
        let mut errors = self.errors.clone();
        let found = lock(
            (self.kind, "id"),
            self.id,
            self.expected_version,
            Lock::Update,
            (transaction, &mut errors),
        )
        .await?;
        let before = found.as_ref().map(Locked::draft).unwrap_or_default();
        let mut draft = before.clone();
        draft.apply(self.patch.clone(), &mut errors);
        if let Some(slug) = draft.slug.as_ref().filter(|_| draft.slug != before.slug)
            && sql::is_slug_taken(transaction, self.kind.word(), slug, self.id).await?
        {
            let message = format!("is the slug of a {} already", self.kind.word());
            errors.add("slug", AlreadyExists, message);
        }
        let Some(found) = found.filter(|_| errors.is_empty()) else {
            return Ok(Outcome::Refused(errors.into_vec()));
        };
        if draft != before {
            update(self.kind, found.id, &draft, transaction).await?;
        }
        Ok(Outcome::Done(Written { id: found.id }))
    }
}

async fn update(
    kind: NamedKind,
    id: i64,
    draft: &NamedDraft,
    transaction: &Transaction,
) -> Result<(), DbErr> {
    let mut values = vec![
        id.into(),
        draft.slug.clone().into(),
        draft.name.as_str().into(),
        draft.url.clone().into(),
    ];
    let statement = match kind {
        NamedKind::Critic => "UPDATE critic SET slug = $2, name = $3, url = $4 WHERE id = $1",
        NamedKind::Publication => {
            values.push(hundredths(draft.weight).into());
            "UPDATE publication SET slug = $2, name = $3, url = $4, weight = $5 WHERE id = $1"
        }
    };
    sql::execute(transaction, statement, values).await.map(drop)
}
