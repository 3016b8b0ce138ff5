//! The types of a film's poster and other titles, and their inputs.

use async_graphql::InputObject;
use macros::object;

use crate::{
    film::details::Poster,
    graphql::{
        constraint::{LANGUAGE, NAME, NOT_A_LIST, URL, constraint},
        selection::Text,
    },
    patch::Patch,
    text::alternative_title::AlternativeTitle,
};

/// The poster of a film: a link to an image, which the server does not keep.
#[object]
impl Poster {
    /// The URL of the image: HTTP or HTTPS.
    fn url(&self) -> &str {
        &self.url
    }

    /// The width in pixels; null if unknown.
    fn width(&self) -> Option<i32> {
        self.width
    }

    /// The height in pixels; null if unknown.
    fn height(&self) -> Option<i32> {
        self.height
    }

    /// What the image shows, for people who do not see it; null if unknown.
    fn alt(&self) -> Text<'_> {
        Text(self.alt.as_deref())
    }
}

/// Another title of a film, such as that in another country.
#[object]
impl AlternativeTitle {
    /// The title.
    fn title(&self) -> &str {
        &self.title
    }

    /// The BCP 47 tag of the language of the title, such as "da" or "pt-BR"; null if unknown.
    fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }
}

/// The poster of a film.
#[derive(Clone, Debug, InputObject)]
pub struct PosterInput {
    /// The URL of the image: HTTP or HTTPS, at most 2,000 characters.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: String,
    /// The width in pixels, 1 to 100,000; unknown when null.
    width: Option<i32>,
    /// The height in pixels, 1 to 100,000; unknown when null.
    height: Option<i32>,
    /// What the image shows, for people who do not see it, at most 300 characters; unknown when null.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    alt: Option<String>,
}

impl From<PosterInput> for Poster {
    fn from(input: PosterInput) -> Self {
        Self {
            url: input.url,
            width: input.width,
            height: input.height,
            alt: input.alt,
        }
    }
}

/// Another title of a film.
#[derive(Clone, Debug, InputObject)]
pub struct AlternativeTitleInput {
    /// The title, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: String,
    /// The BCP 47 tag of the language of the title, such as "da" or "pt-BR", at most 35 characters; unknown when null.
    #[graphql(directive = constraint::apply(LANGUAGE, NOT_A_LIST))]
    language: Option<String>,
}

impl From<AlternativeTitleInput> for AlternativeTitle {
    fn from(AlternativeTitleInput { title, language }: AlternativeTitleInput) -> Self {
        Self { title, language }
    }
}

/// Converts the titles of an input.
#[must_use]
pub fn titles_of(list: Patch<Vec<AlternativeTitleInput>>) -> Patch<Vec<AlternativeTitle>> {
    list.map(|titles| titles.into_iter().map(AlternativeTitle::from).collect())
}
