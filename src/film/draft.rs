//! Drafts of films: the values of a film after an input is applied, and their validation.

use chrono::{Datelike, NaiveDate};

use super::{
    YEARS,
    details::{self, FilmDetails, Poster},
    year_of,
};
use crate::{
    external_id::{self, ExternalId},
    patch::{self, Patch},
    text::alternative_title::AlternativeTitle,
    user_error::{
        UserErrorCode::{Contradiction, OutOfRange},
        UserErrors,
    },
};

/// An input's values for a film.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmPatch {
    /// The slug.
    pub slug: Patch<String>,
    /// The title.
    pub title: Patch<String>,
    /// The year of the first release.
    pub year: Patch<i32>,
    /// The date of the first release.
    pub release_date: Patch<NaiveDate>,
    /// The running time in minutes.
    pub runtime_minutes: Patch<i32>,
    /// The directors, in the order of the credits.
    pub directors: Patch<Vec<String>>,
    /// The genres, as named by the site.
    pub genres: Patch<Vec<String>>,
    /// The synopsis.
    pub synopsis: Patch<String>,
    /// The address of the film's page on another site.
    pub url: Patch<String>,
    /// The identifiers at sources.
    pub external_ids: Patch<Vec<ExternalId>>,
    /// The countries of production.
    pub countries: Patch<Vec<String>>,
    /// The cast, in the order of the credits.
    pub cast: Patch<Vec<String>>,
    /// Other titles.
    pub alternative_titles: Patch<Vec<AlternativeTitle>>,
    /// The poster.
    pub poster: Patch<Poster>,
}

/// The values of a film that is to be inserted or updated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmDraft {
    /// The slug; `None` to derive it from the title and the year.
    pub slug: Option<String>,
    /// The title.
    pub title: String,
    /// The year of the first release, 1870 to 2200.
    pub year: Option<i16>,
    /// The date of the first release.
    pub release_date: Option<NaiveDate>,
    /// The running time in minutes, at least one.
    pub runtime_minutes: Option<i32>,
    /// The directors, in the order of the credits.
    pub directors: Vec<String>,
    /// The genres, as named by the site.
    pub genres: Vec<String>,
    /// The synopsis.
    pub synopsis: Option<String>,
    /// The address of the film's page on another site.
    pub url: Option<String>,
    /// The identifiers at sources, sorted.
    pub external_ids: Vec<ExternalId>,
    /// Countries, cast, other titles and poster.
    pub details: FilmDetails,
}

/// The maximum running time in minutes: sixty days. The longest film on record has 35.
const MAX_RUNTIME_MINUTES: i32 = 86_400;

impl FilmDraft {
    /// Returns the names of the columns that differ in another draft.
    #[must_use]
    pub fn changed_columns(&self, other: &Self) -> Vec<String> {
        patch::changed_columns([
            ("slug", self.slug != other.slug),
            ("title", self.title != other.title),
            ("year", self.year != other.year),
            ("release_date", self.release_date != other.release_date),
            (
                "runtime_minutes",
                self.runtime_minutes != other.runtime_minutes,
            ),
            ("directors", self.directors != other.directors),
            ("genres", self.genres != other.genres),
            ("synopsis", self.synopsis != other.synopsis),
            ("url", self.url != other.url),
            (external_id::COLUMN, self.external_ids != other.external_ids),
            (
                "countries",
                self.details.countries != other.details.countries,
            ),
            ("cast_members", self.details.cast != other.details.cast),
            (
                "alternative_titles",
                self.details.alternative_titles != other.details.alternative_titles,
            ),
            ("poster", self.details.poster != other.details.poster),
        ])
    }

    /// Applies the values of an input, and adds the errors in them to `errors`.
    pub fn apply(&mut self, patch: FilmPatch, errors: &mut UserErrors) {
        let gives_year = patch.year.is_given();
        let changes_date = gives_year || patch.release_date.is_given();
        patch::slug(patch.slug, "slug", errors).apply(&mut self.slug);
        if let Patch::Set(title) = patch::name(patch.title, "title", errors) {
            self.title = title;
        }
        let year = patch::number(patch.year, "year", YEARS, errors);
        // An invalid year has its error already. Further checks would only add errors that follow from it.
        let is_year_valid = year.is_given() == gives_year;
        year.apply(&mut self.year);
        patch.release_date.apply(&mut self.release_date);
        patch::number(
            patch.runtime_minutes,
            "runtimeMinutes",
            1..=MAX_RUNTIME_MINUTES,
            errors,
        )
        .apply(&mut self.runtime_minutes);
        patch::names(patch.directors, "directors", errors).apply_or_default(&mut self.directors);
        patch::names(patch.genres, "genres", errors).apply_or_default(&mut self.genres);
        patch::passage(patch.synopsis, "synopsis", errors).apply(&mut self.synopsis);
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        external_id::read_list(patch.external_ids, "externalIds", errors)
            .apply_or_default(&mut self.external_ids);
        let details = &mut self.details;
        patch::names(patch.countries, "countries", errors).apply_or_default(&mut details.countries);
        patch::names(patch.cast, "cast", errors).apply_or_default(&mut details.cast);
        details::titles(patch.alternative_titles, "alternativeTitles", errors)
            .apply_or_default(&mut details.alternative_titles);
        details::poster(patch.poster, "poster", errors).apply(&mut details.poster);
        if changes_date && is_year_valid {
            self.reconcile_dates(errors);
        }
    }

    /// Sets an unknown year to that of the release date, or adds an error if the date is not in the year. Imported films
    /// may have a date in another year until one of them is changed.
    fn reconcile_dates(&mut self, errors: &mut UserErrors) {
        let Some(day) = self.release_date else {
            return;
        };
        let Some(year) = self.year else {
            self.year = year_of(day);
            if self.year.is_none() {
                let (first, last) = (YEARS.start(), YEARS.end());
                let message = format!("must be in a year from {first} to {last}");
                errors.add("releaseDate", OutOfRange, message);
            }
            return;
        };
        if i32::from(year) != day.year() {
            let message = format!("is not in `year`, which is {year}; change one of them");
            errors.add("releaseDate", Contradiction, message);
        }
    }
}

#[cfg(test)]
mod tests;
