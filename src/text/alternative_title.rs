//! Other titles of films, each with its language.

use std::fmt;

use icu_locale_core::LanguageIdentifier;

/// The tag of a title in an unknown language. It is written if the title could be read as one with a language.
pub const UNKNOWN_LANGUAGE: &str = "und";

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
#[must_use]
pub fn canonical(tag: &str) -> Option<String> {
    let language = LanguageIdentifier::try_from_str(tag).ok()?;
    Some(language.to_string())
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
