//! What a site shows of a film besides its reviews: its poster, other titles, countries and cast.

use crate::{
    patch::{self, MAX_NAMES, Patch},
    text::{
        self,
        alternative_title::{AlternativeTitle, UNKNOWN_LANGUAGE, canonical},
    },
    user_error::{
        UserErrorCode::{Invalid, TooManyValues},
        UserErrors,
    },
};

/// The maximum width and height of a poster in pixels.
pub const MAX_PIXELS: i32 = 100_000;

/// The maximum number of characters of the tag of a language.
pub const MAX_TAG_LENGTH: usize = 35;

/// The details of a film. Most films have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmDetails {
    /// The countries of production, as the source names them.
    pub countries: Vec<String>,
    /// The cast, in the order of the credits.
    pub cast: Vec<String>,
    /// Other titles.
    pub alternative_titles: Vec<AlternativeTitle>,
    /// The poster.
    pub poster: Option<Poster>,
}

impl FilmDetails {
    /// Returns the approximate size in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let names = self.countries.iter().chain(&self.cast).map(String::len);
        let titles = self
            .alternative_titles
            .iter()
            .map(|title| title.title.len());
        let texts: usize = names
            .chain(titles)
            .map(|length| length + size_of::<AlternativeTitle>())
            .sum();
        let poster = self.poster.as_ref();
        let poster = poster.map_or(0, |poster| {
            poster.url.len() + poster.alt.as_ref().map_or(0, String::len)
        });
        size_of::<Self>() + texts + poster
    }
}

/// A poster: a link to an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The address of the image.
    pub url: String,
    /// The width in pixels.
    pub width: Option<i32>,
    /// The height in pixels.
    pub height: Option<i32>,
    /// What the image shows, for people who don't see it.
    pub alt: Option<String>,
}

/// Parses a poster of an input.
pub(super) fn poster(patch: Patch<Poster>, field: &str, errors: &mut UserErrors) -> Patch<Poster> {
    patch.and_then(|poster| {
        let of = |name: &str| format!("{field}.{name}");
        let pixels = |number: Option<i32>, name: &str, errors: &mut UserErrors| {
            let number = patch::number(number.into(), &of(name), 1..=MAX_PIXELS, errors);
            number.value().copied()
        };
        let width = pixels(poster.width, "width", errors);
        let height = pixels(poster.height, "height", errors);
        let alt = patch::line(poster.alt.into(), &of("alt"), text::MAX_NAME_LENGTH, errors);
        let url = match patch::url(Patch::Set(poster.url), &of("url"), errors) {
            Patch::Set(url) => url,
            Patch::Clear => {
                errors.add(
                    &of("url"),
                    Invalid,
                    "is blank; a poster is null if there is none",
                );
                return None;
            }
            Patch::Keep => return None,
        };
        Some(Poster {
            url,
            width,
            height,
            alt: alt.value().cloned(),
        })
    })
}

/// Parses the other titles of an input, and drops duplicates.
pub(super) fn titles(
    patch: Patch<Vec<AlternativeTitle>>,
    field: &str,
    errors: &mut UserErrors,
) -> Patch<Vec<AlternativeTitle>> {
    patch.and_then(|given| {
        let mut titles = Vec::new();
        for (index, given) in given.into_iter().enumerate() {
            let item = format!("{field}.{index}");
            let title = patch::name(Patch::Set(given.title), &format!("{item}.title"), errors);
            let language = language(given.language, &format!("{item}.language"), errors);
            if let Patch::Set(title) = title {
                let title = AlternativeTitle { title, language };
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
        }
        let count = titles.len();
        if count > MAX_NAMES {
            let message =
                format!("has {count} different titles, and at most {MAX_NAMES} are allowed");
            errors.add(field, TooManyValues, message);
            return None;
        }
        Some(titles)
    })
}

/// Parses the tag of a language; `None` if it is blank, that of an unknown language, or invalid.
fn language(tag: Option<String>, path: &str, errors: &mut UserErrors) -> Option<String> {
    let tag = patch::line(tag.into(), path, MAX_TAG_LENGTH, errors);
    let tag = tag.value()?;
    let canonical = canonical(tag);
    if canonical.is_none() {
        let message = "must be a BCP 47 language tag, such as \"da\" or \"pt-BR\"";
        errors.add(path, Invalid, message);
    }
    canonical.filter(|tag| tag != UNKNOWN_LANGUAGE)
}
