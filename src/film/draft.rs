//! What a film is to be, put together from what an input says of it.

use chrono::{Datelike, NaiveDate};

use crate::{
    patch::{self, Patch},
    user_error::{UserErrorCode::Contradiction, UserErrors},
};

/// What an input says of a film.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmPatch {
    /// Its name in addresses.
    pub slug: Patch<String>,
    /// As shown.
    pub title: Patch<String>,
    /// Of the first release.
    pub year: Patch<i32>,
    /// Of the first release.
    pub release_date: Patch<NaiveDate>,
    /// In minutes.
    pub runtime_minutes: Patch<i32>,
    /// In the order of the credits.
    pub directors: Patch<Vec<String>>,
    /// As the site names them.
    pub genres: Patch<Vec<String>>,
    /// What it is about.
    pub synopsis: Patch<String>,
    /// Its page elsewhere.
    pub url: Patch<String>,
}

/// What a film is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmDraft {
    /// Its name in addresses, if it was chosen.
    pub slug: Option<String>,
    /// As shown.
    pub title: String,
    /// Of the first release, 1870 to 2200.
    pub year: Option<i16>,
    /// Of the first release.
    pub release_date: Option<NaiveDate>,
    /// In minutes, at least one.
    pub runtime_minutes: Option<i32>,
    /// In the order of the credits.
    pub directors: Vec<String>,
    /// As the site names them.
    pub genres: Vec<String>,
    /// What it is about.
    pub synopsis: Option<String>,
    /// Its page elsewhere.
    pub url: Option<String>,
}

/// The longest that a film may be, in minutes: sixty days, where the longest on record has 35.
const LONGEST_RUNTIME: i32 = 86_400;

impl FilmDraft {
    /// Makes it as the input has it, and notes what is wrong with that.
    pub fn apply(&mut self, patch: FilmPatch, errors: &mut UserErrors) {
        let is_dated = patch.year.is_given() || patch.release_date.is_given();
        patch::slug(patch.slug, "slug", errors).apply(&mut self.slug);
        if let Patch::Set(title) = patch::name(patch.title, "title", errors) {
            self.title = title;
        }
        patch::number(patch.year, "year", 1870..=2200, errors).apply(&mut self.year);
        patch.release_date.apply(&mut self.release_date);
        patch::number(
            patch.runtime_minutes,
            "runtimeMinutes",
            1..=LONGEST_RUNTIME,
            errors,
        )
        .apply(&mut self.runtime_minutes);
        patch::names(patch.directors, "directors", errors).apply_or_default(&mut self.directors);
        patch::names(patch.genres, "genres", errors).apply_or_default(&mut self.genres);
        patch::passage(patch.synopsis, "synopsis", errors).apply(&mut self.synopsis);
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        if is_dated {
            self.check_dates(errors);
        }
    }

    /// The year and the day are of the same release. What was imported otherwise may stay so until somebody touches it.
    fn check_dates(&self, errors: &mut UserErrors) {
        let (Some(year), Some(day)) = (self.year, self.release_date) else {
            return;
        };
        if i32::from(year) != day.year() {
            let message = format!("is not in the year of the first release, {year}");
            errors.add("releaseDate", Contradiction, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_error::UserErrorCode;

    fn errors_of(patch: FilmPatch) -> Vec<(String, UserErrorCode)> {
        let mut errors = UserErrors::default();
        FilmDraft::default().apply(patch, &mut errors);
        let errors = errors.into_vec().into_iter();
        errors
            .map(|error| (error.field.join("."), error.code))
            .collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let patch = FilmPatch {
            slug: Patch::Set("Not A Slug".to_owned()),
            title: Patch::Set(" ".to_owned()),
            year: Patch::Set(1869),
            runtime_minutes: Patch::Set(0),
            url: Patch::Set("nowhere".to_owned()),
            ..FilmPatch::default()
        };
        let fields: Vec<_> = errors_of(patch)
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        let expected = ["slug", "title", "year", "runtimeMinutes", "url"];
        assert_eq!(fields, expected.map(|field| format!("input.{field}")));
    }

    #[test]
    fn the_year_and_the_day_are_of_one_release() {
        let day = NaiveDate::from_ymd_opt(1996, 8, 30);
        let patch = |year| FilmPatch {
            title: Patch::Set("Pusher".to_owned()),
            year: Patch::Set(year),
            release_date: day.into(),
            ..FilmPatch::default()
        };
        assert_eq!(errors_of(patch(1996)), []);
        assert_eq!(
            errors_of(patch(1997)),
            [("input.releaseDate".to_owned(), Contradiction)]
        );
    }
}
