//! What a site shows of a film besides its reviews: its poster, other titles, countries and cast.

use std::fmt;

use icu_locale_core::LanguageIdentifier;

use crate::{
    patch::{self, MAX_NAMES, Patch},
    text,
    user_error::{
        UserErrorCode::{Invalid, TooManyValues},
        UserErrors,
    },
};

/// The maximum width and height of a poster in pixels.
pub const MAX_PIXELS: i32 = 100_000;

/// The tag of a title in an unknown language. It is written if the title could be read as one with a language.
const UNKNOWN_LANGUAGE: &str = "und";

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

/// Another title of a film. It is stored, imported and exported as a text, `Title [tag]`, with the BCP 47 tag of the
/// language, or as the title alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlternativeTitle {
    /// The title.
    pub title: String,
    /// The canonical BCP 47 tag of its language; `None` if it is unknown.
    pub language: Option<String>,
}

impl AlternativeTitle {
    /// Reads the text of a title.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let tagged = || {
            let (title, tag) = text.strip_suffix(']')?.rsplit_once('[')?;
            let title = title.strip_suffix(' ')?;
            Some((title, canonical(tag)?)).filter(|(title, _)| !title.trim().is_empty())
        };
        let (title, language) = match tagged() {
            Some((title, tag)) if tag == UNKNOWN_LANGUAGE => (title, None),
            Some((title, tag)) => (title, Some(tag)),
            None => (text, None),
        };
        Self {
            title: title.to_owned(),
            language,
        }
    }
}

impl fmt::Display for AlternativeTitle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = &self.title;
        match &self.language {
            Some(language) => write!(formatter, "{title} [{language}]"),
            None if Self::parse(title).title != *title => {
                write!(formatter, "{title} [{UNKNOWN_LANGUAGE}]")
            }
            None => formatter.write_str(title),
        }
    }
}

/// Returns the canonical form of a language's tag; `None` if it isn't well-formed.
fn canonical(tag: &str) -> Option<String> {
    let language = LanguageIdentifier::try_from_str(tag).ok()?;
    Some(language.to_string())
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
            let language = given.language.filter(|tag| !tag.trim().is_empty());
            let canonical = language.as_deref().map(|tag| canonical(tag.trim()));
            if canonical == Some(None) {
                let message = "must be a BCP 47 language tag, such as \"da\" or \"pt-BR\"";
                errors.add(&format!("{item}.language"), Invalid, message);
            }
            let language = canonical.flatten().filter(|tag| tag != UNKNOWN_LANGUAGE);
            if let Patch::Set(title) = title {
                let title = AlternativeTitle { title, language };
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
            if titles.len() > MAX_NAMES {
                let message = format!("has more than {MAX_NAMES} different titles");
                errors.add(field, TooManyValues, message);
                return None;
            }
        }
        Some(titles)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::AlternativeTitle;

    #[test]
    fn a_title_ends_with_the_tag_of_its_language() {
        for (text, title, language) in [
            ("Ravtidevann", "Ravtidevann", None),
            ("Ravtidevann [nb]", "Ravtidevann", Some("nb")),
            ("Maré de Âmbar [pt-br]", "Maré de Âmbar", Some("pt-BR")),
            ("[Rec]", "[Rec]", None),
            ("Lantern [und]", "Lantern", None),
            ("Lantern [the cut]", "Lantern [the cut]", None),
            (" [nb]", " [nb]", None),
        ] {
            let parsed = AlternativeTitle::parse(text);
            assert_eq!(
                (parsed.title.as_str(), parsed.language.as_deref()),
                (title, language),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_title_is_read_as_it_was_written(
            title in "[a-zA-Z\\[\\] éλ雨-]{1,20}",
            language in proptest::option::of(prop::sample::select(vec!["da", "pt-BR", "zh-Hant", "ast"])),
        ) {
            prop_assume!(!title.trim().is_empty());
            let title = AlternativeTitle { title, language: language.map(str::to_owned) };
            prop_assert_eq!(AlternativeTitle::parse(&title.to_string()), title);
        }
    }
}
