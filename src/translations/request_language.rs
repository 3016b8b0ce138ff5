//! The language of a request.

use super::{Language, SharedTranslations, negotiation::DEFAULT};

/// The language of a request's labels, with the languages that its fields may choose from.
#[derive(Clone, Debug)]
pub struct RequestLanguage {
    translations: SharedTranslations,
    index: usize,
}

impl RequestLanguage {
    /// Chooses the language by the values of `Accept-Language`.
    pub fn negotiate<'h>(
        translations: SharedTranslations,
        accept_language: impl IntoIterator<Item = &'h str>,
    ) -> Self {
        let index = translations.negotiate(accept_language);
        Self {
            translations,
            index,
        }
    }

    /// Returns whether these are the languages that the request chooses from.
    #[must_use]
    pub fn is_of(&self, translations: &SharedTranslations) -> bool {
        self.translations.is_same(translations)
    }

    /// Returns whether it is the default language.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.index == DEFAULT
    }

    /// Returns the language of the request.
    #[must_use]
    pub fn language(&self) -> &Language {
        self.translations.at(self.index)
    }

    /// Returns the language for a locale: the default one if there is none for it. Without a locale, it is that of the
    /// request.
    #[must_use]
    pub fn for_locale(&self, locale: Option<&str>) -> &Language {
        locale.map_or_else(
            || self.language(),
            |locale| {
                let index = self.translations.lookup(locale);
                self.translations.at(index.unwrap_or(DEFAULT))
            },
        )
    }
}
