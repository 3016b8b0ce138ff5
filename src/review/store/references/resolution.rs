//! The result of resolving one reference.

use sea_orm::DbErr;

use super::lookup::{BYLINE, ReferenceRow, similar_kind};
use crate::{
    database::session::transaction::Transaction,
    film::{FilmId, reference::FilmReference},
    global_id::Kind,
    named::{NamedKind, NamedReference, draft::NamedDraft, store::insert},
    text,
    user_error::{
        Candidate,
        UserErrorCode::{Ambiguous, Contradiction, NotFound},
        UserErrors, listed,
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

/// How to go on when nothing has an external id.
const ADD_ID: &str = "add it with `externalIds`, or refer to it by `slug`";

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
        NamedReference::Name(name) => format!("{noun}.{}", name.field),
        NamedReference::External(_) => format!("{noun}.external"),
    };
    let matching: Vec<_> = rows.iter().filter(|row| row.kind == noun).collect();
    match (matching.as_slice(), reference) {
        (_, NamedReference::Name(name)) if name.is_new => Some(Resolved::New(name.name.clone())),
        ([row], _) => Some(Resolved::Existing(ExistingRow {
            id: row.id,
            name: row.name.clone(),
        })),
        ([], NamedReference::Name(name)) => {
            let similar = rows.iter().filter(|row| row.kind == similar_kind(kind));
            let similar = candidates(kind.global_id_kind(), &similar.collect::<Vec<_>>());
            if similar.is_empty() {
                return Some(Resolved::New(name.name.clone()));
            }
            let message = format!(
                "no {noun} has exactly this name, and similar ones exist: {}; give the name as it is, an `id` or a `slug`, or add another one by `named: {{name: …, create: true}}`",
                listed(&similar)
            );
            errors.add_with_candidates(&path, Ambiguous, message, similar);
            None
        }
        ([], NamedReference::Key(_) | NamedReference::Slug(_)) => {
            let message = format!("this {noun} does not exist; it may have been deleted");
            errors.add(&path, NotFound, message);
            None
        }
        ([], NamedReference::External(_)) => {
            let message = format!("no {noun} has this external ID; {ADD_ID}");
            errors.add(&path, NotFound, message);
            None
        }
        (several, _) => {
            let candidates = candidates(kind.global_id_kind(), several);
            let message = format!(
                "several {noun}s have this name: {}; give an `id` or a `slug`, or add another one by `named: {{name: …, create: true}}`",
                listed(&candidates)
            );
            errors.add_with_candidates(&path, Ambiguous, message, candidates);
            None
        }
    }
}

/// Resolves the reference to a film at `path`.
pub(super) fn resolve_film(
    reference: &FilmReference,
    path: &str,
    rows: &[ReferenceRow],
    errors: &mut UserErrors,
) -> Option<FilmId> {
    let matching: Vec<_> = rows.iter().filter(|row| row.kind == "film").collect();
    match (matching.as_slice(), reference) {
        ([row], _) => Some(FilmId(row.id)),
        ([], FilmReference::Key(_) | FilmReference::Slug(_)) => {
            let message = "this film does not exist; it may have been deleted";
            errors.add(path, NotFound, message);
            None
        }
        ([], FilmReference::Titled(_)) => {
            let message = "no film has this title and year; add it by `addFilm`";
            errors.add(path, NotFound, message);
            None
        }
        ([], FilmReference::External(_)) => {
            errors.add(
                path,
                NotFound,
                format!("no film has this external ID; {ADD_ID}"),
            );
            None
        }
        (several, _) => {
            let candidates = candidates(Kind::Film, several);
            let message = format!(
                "several films have this title: {}; give a `year`, an `id` or a `slug`",
                listed(&candidates)
            );
            errors.add_with_candidates(path, Ambiguous, message, candidates);
            None
        }
    }
}

/// Adds an error if a byline is the name of another critic than the review's. It may be a name that both have.
pub(super) fn check_byline(
    byline: &str,
    critic: &Resolved,
    rows: &[ReferenceRow],
    errors: &mut UserErrors,
) {
    let other = rows.iter().find(|row| row.kind == BYLINE);
    if let Some(other) = other.filter(|_| !text::is_same_folded(byline, critic.name())) {
        add_foreign_byline(candidates(Kind::Critic, &[other]), errors);
    }
}

/// Adds the error of a byline that is the name of another critic.
pub fn add_foreign_byline(candidates: Vec<Candidate>, errors: &mut UserErrors) {
    let message = format!(
        "is the name of another critic, {}; change the byline or the critic",
        listed(&candidates)
    );
    errors.add_with_candidates("byline", Contradiction, message, candidates);
}

fn candidates(kind: Kind, rows: &[&ReferenceRow]) -> Vec<Candidate> {
    let candidates = rows
        .iter()
        .map(|row| Candidate::of_row(kind, row.id, row.slug.clone(), row.name.clone()));
    candidates.collect()
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
