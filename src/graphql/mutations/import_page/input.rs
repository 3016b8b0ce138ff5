//! The input of `importPage`.

use async_graphql::{ID, InputObject, OneofObject};

use crate::graphql::{
    constraint::{NAME, NOT_A_LIST, PAGE, SHORT, constraint},
    mutations::idempotency::Idempotency,
    types::{external_id::ExternalIdInput, film::reference::TitleInput},
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

/// A reference to the film that a page is about: exactly one of `id`, `slug`, `titled` and `external`.
#[derive(Debug, OneofObject)]
pub enum PageFilmRef {
    /// An existing film, by its global ID.
    Id(ID),
    /// An existing film, by its slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// A film by title and year: the one with exactly this title and year, or else the one whose title differs only in
    /// case. Without a year, it is the film of this title that has no year, or else the only film of this title. It is
    /// added if there is none. If there are several, the user error is `AMBIGUOUS`, and lists them as `candidates`.
    Titled(TitleInput),
    /// An existing film, by its identifier at a source.
    External(ExternalIdInput),
}
