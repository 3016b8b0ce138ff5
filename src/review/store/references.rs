//! Resolves the film, the critic and the publication in the input of a review by one statement.

pub mod lookup;
pub mod resolution;

use sea_orm::DbErr;

use self::{
    lookup::{ReferenceRow, fetch_rows},
    resolution::{Resolved, check_byline, resolve_film, resolve_one},
};
use crate::{
    database::{
        session::transaction::Transaction,
        sql::{self, NewName},
    },
    film::{FilmId, reference::FilmReference},
    named::{
        NamedKind, NamedReference,
        store::{find_similar, new_name},
    },
    user_error::UserErrors,
};

/// The film, the critic and the publication in the input of a review; each may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The film.
    pub film: Option<FilmReference>,
    /// The path of the film in the input, for errors.
    pub film_path: &'static str,
    /// The critic.
    pub critic: Option<NamedReference>,
    /// The publication.
    pub publication: Option<NamedReference>,
    /// The byline, which must not be the name of another critic than the review's.
    pub byline: Option<String>,
}

/// The resolved film, critic and publication of an input.
#[derive(Debug, Default)]
pub struct ResolvedReferences {
    /// The film; `None` if the input names none, or if it doesn't exist.
    pub film: Option<FilmId>,
    /// The critic; `None` if the input names none, or if it could not be resolved.
    pub critic: Option<Resolved>,
    /// The publication; `None` if the input names none, or if it could not be resolved.
    pub publication: Option<Resolved>,
}

impl References {
    /// Resolves the references, and adds an error for each one that doesn't exist or is ambiguous.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn resolve(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<ResolvedReferences, DbErr> {
        let mut rows = fetch_rows(std::slice::from_ref(self), transaction).await?;
        let new = self.new_names(&rows);
        if !new.is_empty() {
            // Another transaction may be inserting the same name.
            sql::lock_new_names(transaction, new).await?;
            rows = fetch_rows(std::slice::from_ref(self), transaction).await?;
            let similar = self.fetch_similar(&rows, transaction).await?;
            rows.extend(similar);
        }
        Ok(self.resolve_rows(&rows, errors))
    }

    /// Reads the rows whose names are similar to those that nobody has, unless the input insists on a new one.
    async fn fetch_similar(
        &self,
        rows: &[ReferenceRow],
        transaction: &Transaction,
    ) -> Result<Vec<ReferenceRow>, DbErr> {
        let mut similar = Vec::new();
        for kind in [NamedKind::Critic, NamedKind::Publication] {
            if let Some(NamedReference::Name(name)) = self.named_reference(kind)
                && !name.is_new
                && rows.iter().all(|row| row.kind != kind.noun())
            {
                let names = std::slice::from_ref(&name.name);
                let found = find_similar(kind, names, transaction).await?;
                similar.extend(
                    found
                        .into_iter()
                        .map(|row| ReferenceRow::similar(kind, row)),
                );
            }
        }
        Ok(similar)
    }

    /// Resolves the references of several inputs; `None` for an input with a row that doesn't exist or is ambiguous.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn resolve_existing(
        inputs: &[Self],
        transaction: &Transaction,
    ) -> Result<Vec<Option<ResolvedReferences>>, DbErr> {
        let mut rows: Vec<Vec<ReferenceRow>> = Vec::new();
        rows.resize_with(inputs.len(), Vec::new);
        for row in fetch_rows(inputs, transaction).await? {
            let index = usize::try_from(row.input_index).ok();
            if let Some(rows) = index.and_then(|index| rows.get_mut(index)) {
                rows.push(row);
            }
        }
        let resolved = inputs.iter().zip(rows).map(|(input, rows)| {
            let mut errors = UserErrors::default();
            let references = input.resolve_rows(&rows, &mut errors);
            (errors.is_empty() && input.new_names(&rows).is_empty()).then_some(references)
        });
        Ok(resolved.collect())
    }

    /// Resolves the references against the rows, and adds errors.
    fn resolve_rows(&self, rows: &[ReferenceRow], errors: &mut UserErrors) -> ResolvedReferences {
        let film = self.film.as_ref();
        let film = film.and_then(|film| resolve_film(film, self.film_path, rows, errors));
        let mut resolve = |kind| resolve_one(kind, self.named_reference(kind)?, rows, errors);
        let critic = resolve(NamedKind::Critic);
        let publication = resolve(NamedKind::Publication);
        if let (Some(critic), Some(byline)) = (&critic, &self.byline) {
            check_byline(byline, critic, rows, errors);
        }
        ResolvedReferences {
            film,
            critic,
            publication,
        }
    }

    /// Returns the names to add, which are locked before they are inserted.
    fn new_names(&self, rows: &[ReferenceRow]) -> Vec<NewName> {
        [NamedKind::Critic, NamedKind::Publication]
            .into_iter()
            .filter_map(|kind| match self.named_reference(kind) {
                Some(NamedReference::Name(name))
                    if name.is_new || rows.iter().all(|row| row.kind != kind.noun()) =>
                {
                    Some(new_name(kind, &name.name))
                }
                _ => None,
            })
            .collect()
    }

    /// Returns the reference to the critic or to the publication.
    fn named_reference(&self, kind: NamedKind) -> Option<&NamedReference> {
        match kind {
            NamedKind::Critic => self.critic.as_ref(),
            NamedKind::Publication => self.publication.as_ref(),
        }
    }
}
