//! The mutation that imports a page.

use chrono::Utc;
use entity::{film, film_tally};
use sea_orm::{DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use super::{PageFilm, PageImport, PageRefusal, store_in_transaction};
use crate::{
    database::session::transaction::Transaction,
    external_id::{IdentifiedKind, store::find_owner},
    film::{
        FilmId,
        reference::{FilmReference, FilmTitle},
    },
    import::{Changes, FilmName, SimilarName, page::Page},
    mutation::{Command, CommandOutcome},
    score::{Tally, row::tally_of_row},
    user_error::{
        UserErrorCode::{Ambiguous, NotFound},
        UserErrors,
    },
};

/// The mutation that stores a page, or previews the result in a dry run.
#[derive(Clone, Debug)]
pub struct ImportPage {
    /// The page; `None` if it is invalid.
    pub page: Option<Page>,
    /// The film that the page is about; `None` if the input's reference is invalid. A film with a title and a year is
    /// inserted if it doesn't exist.
    pub film: Option<FilmReference>,
    /// The name of the page's source.
    pub source: String,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// The errors that were already found in the input.
    pub errors: UserErrors,
}

/// The result of the import of a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImportedPage {
    /// The id of the film. After a dry run, a new film with this id doesn't exist.
    pub film: i64,
    /// Whether the film was inserted.
    pub is_film_new: bool,
    /// The changes to the critics that the page names.
    pub critics: Changes,
    /// The changes to the reviews.
    pub reviews: Changes,
    /// The number of stored reviews of this source that the page no longer lists. The import doesn't delete them.
    pub missing: usize,
    /// The new names that are similar to existing ones. Results that older versions have stored have none.
    #[serde(default)]
    pub similar_names: Vec<SimilarName>,
    /// The tally of the film after the import. It isn't stored with the result of an idempotent request.
    #[serde(skip)]
    pub tally: Option<Tally>,
}

impl Command for ImportPage {
    type Done = ImportedPage;

    fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<ImportedPage>, DbErr> {
        let mut errors = self.errors.clone();
        let name = match &self.film {
            Some(FilmReference::Titled(FilmTitle { title, year })) => FilmName::new(title, *year),
            _ => None,
        };
        let existing = self.lock_film(transaction, &mut errors).await?;
        let film = existing.map(PageFilm::Existing);
        let film = film.or(name.as_ref().map(PageFilm::Named));
        let (Some(page), Some(film), true) = (&self.page, film, errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let import = PageImport {
            film,
            source: &self.source,
            dry_run: self.dry_run,
            now: Utc::now(),
        };
        let (summary, film) = match store_in_transaction(page, &import, transaction).await? {
            Ok(stored) => stored,
            Err(refusal) => {
                add_errors(refusal, &mut errors);
                return Ok(CommandOutcome::Refused(errors.into_vec()));
            }
        };
        let tally = film_tally::Entity::find_by_id(film.0)
            .one(transaction)
            .await?;
        Ok(CommandOutcome::Done(ImportedPage {
            film: film.0,
            is_film_new: summary.films.new > 0,
            critics: summary.critics,
            reviews: summary.reviews,
            missing: summary.missing,
            similar_names: summary.similar_names,
            tally: tally
                .map(|row| tally_of_row!(row, row.repeated))
                .transpose()?,
        }))
    }
}

impl ImportPage {
    /// Locks the existing film against deletion. Adds an error if it doesn't exist.
    async fn lock_film(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<Option<FilmId>, DbErr> {
        let (condition, path) = match &self.film {
            Some(FilmReference::Key(film)) => (film::COLUMN.id.eq(film.0), "film.id"),
            Some(FilmReference::External(id)) => {
                let owner = find_owner(IdentifiedKind::Film, id, transaction).await?;
                // No film has the key 0.
                (
                    film::COLUMN.id.eq(owner.unwrap_or_default()),
                    "film.external",
                )
            }
            Some(FilmReference::Slug(slug)) => (film::COLUMN.slug.eq(slug), "film.slug"),
            Some(FilmReference::Titled(_)) | None => return Ok(None),
        };
        let row = film::Entity::find()
            .filter(condition)
            .lock(LockType::KeyShare)
            .one(transaction)
            .await?;
        if row.is_none() {
            let message = "this film does not exist; it may have been deleted";
            errors.add(path, NotFound, message);
        }
        Ok(row.map(|row| FilmId(row.id)))
    }
}

/// Adds the errors of a page that could not be stored.
fn add_errors(refusal: PageRefusal, errors: &mut UserErrors) {
    let message = refusal.to_string();
    match refusal {
        PageRefusal::NoFilm => errors.add("film", NotFound, message),
        PageRefusal::AmbiguousFilm(candidates) => {
            errors.add_with_candidates("film.titled.title", Ambiguous, message, candidates);
        }
        PageRefusal::AmbiguousCritics(critics) => {
            for critic in critics {
                let message = critic.to_string();
                errors.add_with_candidates("text", Ambiguous, message, critic.candidates);
            }
        }
    }
}
