//! The result of resolving one reference.

use sea_orm::DbErr;

use super::lookup::ReferenceRow;
use crate::{
    database::session::transaction::Transaction,
    named::{NamedKind, NamedReference, draft::NamedDraft, store::insert},
    user_error::{
        UserErrorCode::{Ambiguous, NotFound},
        UserErrors,
    },
};

/// A resolved critic or publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// An existing row.
    Existing(ExistingRow),
    /// A row with this name that has to be inserted.
    New(String),
}

/// The row of an existing critic or publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingRow {
    /// The key of the row.
    pub id: i64,
    /// The name.
    pub name: String,
}

pub(super) fn resolve_one(
    kind: NamedKind,
    reference: &NamedReference,
    rows: &[ReferenceRow],
    errors: &mut UserErrors,
) -> Option<Resolved> {
    let noun = kind.noun();
    let path = match reference {
        NamedReference::Key(_) => format!("{noun}.id"),
        NamedReference::Slug(_) => format!("{noun}.slug"),
        NamedReference::Name(_) => format!("{noun}.name"),
    };
    let mut matching = rows.iter().filter(|row| row.kind == noun);
    match (matching.next(), matching.next(), reference) {
        (Some(row), None, _) => Some(Resolved::Existing(ExistingRow {
            id: row.id,
            name: row.name.clone(),
        })),
        (None, _, NamedReference::Name(name)) => Some(Resolved::New(name.clone())),
        (None, _, NamedReference::Key(_) | NamedReference::Slug(_)) => {
            let message = format!("this {noun} does not exist; it may have been deleted");
            errors.add(&path, NotFound, message);
            None
        }
        (Some(_), Some(_), _) => {
            let message = format!("several {noun}s have this name; give an `id` or a `slug`");
            errors.add(&path, Ambiguous, message);
            None
        }
    }
}

impl Resolved {
    /// Returns the key of an existing row.
    pub fn key(&self) -> Option<i64> {
        match self {
            Self::Existing(row) => Some(row.id),
            Self::New(_) => None,
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing(row) => &row.name,
            Self::New(name) => name,
        }
    }

    /// Returns the key; inserts the row if it is new.
    pub(super) async fn key_or_add(
        &self,
        kind: NamedKind,
        transaction: &Transaction,
    ) -> Result<i64, DbErr> {
        match self {
            Self::Existing(row) => Ok(row.id),
            Self::New(name) => {
                let draft = NamedDraft {
                    name: name.clone(),
                    ..NamedDraft::default()
                };
                insert(kind, &draft, transaction).await
            }
        }
    }
}
