//! The arguments that refer to a film.

use async_graphql::{ID, InputObject, OneofObject};

use crate::{
    film::{
        FilmId, YEARS,
        reference::{FilmReference, FilmTitle},
    },
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        types::external_id::ExternalIdInput,
    },
    named::{check_slug, decode_key},
    patch::{self, Patch},
    user_error::UserErrors,
};

/// A reference to a film: exactly one of `id`, `slug`, `titled` and `external`.
#[derive(Debug, OneofObject)]
pub enum FilmBy {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The title and the year. It means the film of exactly this title, or else the one whose title differs only in
    /// case. Without a year, it means the film of this title that has no year, or else the only film of this title.
    Titled(TitleInput),
    /// The identifier at a source. It means the film that has it among its `externalIds`.
    External(ExternalIdInput),
}

impl FilmBy {
    /// Parses the reference at `path` of an input; adds an error if it is invalid. Also returns the path of the value.
    #[must_use]
    pub fn read(
        self,
        paths: [&'static str; 4],
        errors: &mut UserErrors,
    ) -> (Option<FilmReference>, &'static str) {
        let [id_path, slug_path, title_path, external_path] = paths;
        match self {
            Self::Id(id) => {
                let key = decode_key(&id, Kind::Film, id_path, errors);
                (key.map(|key| FilmReference::Key(FilmId(key))), id_path)
            }
            Self::Slug(slug) => {
                let slug = check_slug(slug, slug_path, errors);
                (slug.map(FilmReference::Slug), slug_path)
            }
            Self::Titled(title) => {
                let title = title.parse(title_path, errors);
                (title.map(FilmReference::Titled), title_path)
            }
            Self::External(id) => {
                let id = id.parse(external_path, errors);
                (id.map(FilmReference::External), external_path)
            }
        }
    }
}

/// The title and year of a film.
#[derive(Clone, Debug, InputObject)]
pub struct TitleInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The year of the first release, 1870 to 2200; unknown when null.
    year: Option<i32>,
}

impl TitleInput {
    /// Parses the title and the year below `path`; adds errors if they are invalid.
    #[must_use]
    pub fn parse(self, path: &str, errors: &mut UserErrors) -> Option<FilmTitle> {
        let title = patch::name(Patch::Set(self.title), &format!("{path}.title"), errors);
        let given_year = self.year.is_some();
        let year = patch::number(self.year.into(), &format!("{path}.year"), YEARS, errors);
        let year = year.value().copied();
        match title {
            Patch::Set(title) if year.is_some() == given_year => Some(FilmTitle { title, year }),
            _ => None,
        }
    }
}
