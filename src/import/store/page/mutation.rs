//! The mutation that imports a page.

use chrono::Utc;
use entity::{film, film_tally};
use sea_orm::{DbErr, EntityTrait, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use super::{PageFilm, PageImport, store_in_transaction};
use crate::{
    database::session::transaction::Transaction,
    film::FilmId,
    import::{Changes, FilmName, page::Page},
    mutation::{Command, CommandOutcome},
    score::{Tally, row::tally_of_row},
    user_error::{UserErrorCode::NotFound, UserErrors},
};

/// The mutation that stores a page, or previews the result in a dry run.
#[derive(Clone, Debug)]
pub struct ImportPage {
    /// The page; `None` if it is invalid.
    pub page: Option<Page>,
    /// The existing film that the page is about.
    pub film: Option<FilmId>,
    /// Without `film`, the title and year of the film, which is inserted if it doesn't exist.
    pub name: Option<FilmName>,
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
        let film = match (self.film, &self.name) {
            (Some(id), _) => Some(PageFilm::Existing(id)),
            (None, name) => name.as_ref().map(PageFilm::Named),
        };
        self.check_film(transaction, &mut errors).await?;
        let (Some(page), Some(film), true) = (&self.page, film, errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let import = PageImport {
            film,
            source: &self.source,
            dry_run: self.dry_run,
            now: Utc::now(),
        };
        let result = store_in_transaction(page, &import, transaction).await?;
        let (summary, film) =
            result.ok_or_else(|| DbErr::RecordNotFound("the film of a page".to_owned()))?;
        let tally = film_tally::Entity::find_by_id(film.0)
            .one(transaction)
            .await?;
        Ok(CommandOutcome::Done(ImportedPage {
            film: film.0,
            is_film_new: summary.films.new > 0,
            critics: summary.critics,
            reviews: summary.reviews,
            missing: summary.missing,
            tally: tally
                .map(|row| tally_of_row!(row, row.repeated))
                .transpose()?,
        }))
    }
}

impl ImportPage {
    /// Adds an error if the film doesn't exist; locks it against deletion otherwise.
    async fn check_film(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let Some(film) = self.film else {
            return Ok(());
        };
        let row = film::Entity::find_by_id(film.0)
            .lock(LockType::KeyShare)
            .one(transaction)
            .await?;
        if row.is_none() {
            let message = "this film does not exist; it may have been deleted";
            errors.add("film.id", NotFound, message);
        }
        Ok(())
    }
}
