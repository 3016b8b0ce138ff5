//! A page that an editor pastes.

use chrono::Utc;
use entity::{film, film_tally};
use sea_orm::{DbErr, EntityTrait, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use super::{PageFilm, PageImport, store_in};
use crate::{
    database::session::Transaction,
    film::FilmId,
    import::{Changes, FilmName, page::Page},
    mutation::{Mutation, Outcome},
    score::{Tally, row::tally_of_row},
    user_error::{UserErrorCode::NotFound, UserErrors},
};

/// Stores a page, or tries what storing it would make of the film.
#[derive(Clone, Debug)]
pub struct ImportPage {
    /// The page, if it could be read.
    pub page: Option<Page>,
    /// The film that it is about: one that is there …
    pub film: Option<FilmId>,
    /// … or one of this title and year, which is added unless it is there.
    pub name: Option<FilmName>,
    /// The name of the page's source.
    pub source: String,
    /// Whether to take everything back in the end.
    pub dry_run: bool,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

/// What a page changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImportedPage {
    /// The film's key; that of a film that isn't there if it was only tried.
    pub film: i64,
    /// Whether the film was added.
    pub is_film_new: bool,
    /// The critics who are named.
    pub critics: Changes,
    /// The reviews.
    pub reviews: Changes,
    /// Reviews that came from this source before and aren't on the page any more. They are kept.
    pub missing: usize,
    /// What the film's reviews added up to then; not kept for who sends the page again.
    #[serde(skip)]
    pub tally: Option<Tally>,
}

impl Mutation for ImportPage {
    type Done = ImportedPage;

    fn is_trial(&self) -> bool {
        self.dry_run
    }

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<ImportedPage>, DbErr> {
        let mut errors = self.errors.clone();
        let film = match (self.film, &self.name) {
            (Some(id), _) => Some(PageFilm::Known(id)),
            (None, name) => name.as_ref().map(PageFilm::Named),
        };
        self.check_film(transaction, &mut errors).await?;
        let (Some(page), Some(film), true) = (&self.page, film, errors.is_empty()) else {
            return Ok(Outcome::Refused(errors.into_vec()));
        };
        let import = PageImport {
            film,
            source: &self.source,
            dry_run: self.dry_run,
            now: Utc::now(),
        };
        let stored = store_in(page, &import, transaction).await?;
        let (summary, film) =
            stored.ok_or_else(|| DbErr::RecordNotFound("the film of a page".to_owned()))?;
        let tally = film_tally::Entity::find_by_id(film.0)
            .one(transaction)
            .await?;
        Ok(Outcome::Done(ImportedPage {
            film: film.0,
            is_film_new: summary.films.new > 0,
            critics: summary.critics,
            reviews: summary.reviews,
            missing: summary.missing,
            tally: tally.map(|row| tally_of_row!(row)).transpose()?,
        }))
    }
}

impl ImportPage {
    /// Keeps the film from being deleted in between, too.
    async fn check_film(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let Some(film) = self.film else {
            return Ok(());
        };
        let found = film::Entity::find_by_id(film.0)
            .lock(LockType::KeyShare)
            .one(transaction)
            .await?;
        if found.is_none() {
            errors.add("film.id", NotFound, "there is no such film (any more)");
        }
        Ok(())
    }
}
