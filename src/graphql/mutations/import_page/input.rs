//! The input of `importPage`.

use async_graphql::{ID, InputObject, OneofObject};

use crate::{
    graphql::{
        constraint::{NAME, NOT_A_LIST, PAGE, SHORT, constraint},
        mutations::idempotency::Idempotency,
    },
    import::FilmName,
    patch::{self, Patch},
    user_error::UserErrors,
};

/// The input of `importPage`.
#[derive(Debug, InputObject)]
pub struct ImportPageInput {
    /// The page as text, at most 450,000 characters: the heading with the number of critics, the score distribution,
    /// and the numbered reviews.
    #[graphql(directive = constraint::apply(PAGE, NOT_A_LIST))]
    pub(super) text: String,
    /// The film that the page is about.
    pub(super) film: PageFilmRef,
    /// The name of the page's source, at most 200 characters; "page" when null. A later import with the same source
    /// updates these reviews.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    pub(super) source: Option<String>,
    /// Whether the reviews are in another order than best to worst; false when null. If true, only reviews with a score
    /// get a sentiment.
    pub(super) unordered: Option<bool>,
    /// Whether to preview the import without changing anything; false when null.
    pub(super) dry_run: Option<bool>,
    #[graphql(flatten)]
    pub(super) idempotency: Idempotency,
}

/// A reference to the film that a page is about: exactly one of `id` and `titled`.
#[derive(Debug, OneofObject)]
pub enum PageFilmRef {
    /// An existing film, by its global ID.
    Id(ID),
    /// A film by title and year. It is added if it doesn't exist.
    Titled(TitleInput),
}

/// The title and year of a film.
#[derive(Debug, InputObject)]
pub struct TitleInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; unknown when null.
    year: Option<i32>,
}

impl TitleInput {
    pub(super) fn parse(self, errors: &mut UserErrors) -> Option<FilmName> {
        let title = patch::name(Patch::Set(self.title), "film.titled.title", errors);
        let year = patch::number(self.year.into(), "film.titled.year", 1870..=2200, errors);
        FilmName::new(title.value()?, year.value().copied())
    }
}
