//! The labels of scores in languages: the texts of the built-in languages, and those of a site.
//!
//! The texts are in Fluent (`en.ftl` and its neighbours). They are compiled once, to patterns that resolve neither
//! references nor options any more (`pattern.rs`). To render a label costs as little as to format a string.
//!
//! A site overrides messages of the built-in languages and adds languages of its own. Its texts are input: they are
//! bounded in size, and [`Translations::new`] reports all that is wrong with them.

mod compile;
mod error;
mod language;
mod message;
mod negotiation;
mod pattern;
mod request_language;
mod shared;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use icu_locale_core::LanguageIdentifier;
use parking_lot::Mutex;

use self::language::Numbers;
pub use self::{
    error::TranslationError,
    language::{Label, Language},
    message::{MessageId, Variable},
    negotiation::{MAX_TAG_CHARS, is_language_tag},
    request_language::RequestLanguage,
    shared::SharedTranslations,
};

/// The maximum size of a language's text in bytes.
pub const MAX_TEXT_BYTES: usize = 65_536;

/// The maximum number of languages of a site.
pub const MAX_LANGUAGES: usize = 64;

/// The texts of the built-in languages. The first one is the default.
const BUILTIN: [(&str, &str); 3] = [
    ("en", include_str!("en.ftl")),
    ("de", include_str!("de.ftl")),
    ("fr", include_str!("fr.ftl")),
];

/// The texts of a site, by their locales.
type SiteTexts = BTreeMap<String, String>;

/// The languages of labels.
#[derive(Debug)]
pub struct Translations {
    default: Language,
    /// The languages but the default one.
    others: Vec<Language>,
}

impl Translations {
    /// Returns the built-in languages. They are compiled once.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "the texts are part of the program, and tests compile them"
    )]
    pub fn builtin() -> Arc<Self> {
        static BUILTIN_LANGUAGES: LazyLock<Arc<Translations>> = LazyLock::new(|| {
            let compiled = Translations::compile_builtin();
            Arc::new(compiled.expect("a text of a built-in language is invalid"))
        });
        Arc::clone(&BUILTIN_LANGUAGES)
    }

    fn compile_builtin() -> Result<Self, Vec<TranslationError>> {
        let [(locale, text), others @ ..] = BUILTIN;
        let identifier = parse_locale(locale)?;
        let mut translations = Self {
            default: Language::compile(locale, &identifier, text, None)?,
            others: Vec::new(),
        };
        for (locale, text) in others {
            translations.add(locale, text)?;
        }
        Ok(translations)
    }

    /// Returns the built-in languages with the texts of a site, by their locales (BCP 47).
    ///
    /// A text of a built-in language overrides the messages that it has. A text of another language has all messages,
    /// unless there is a language with a part of its locale: "de-AT" inherits those of "de".
    ///
    /// # Errors
    ///
    /// All problems of all texts.
    pub fn new(site: &BTreeMap<String, String>) -> Result<Self, Vec<TranslationError>> {
        let mut translations = Self::compile_builtin()?;
        if let Some(locale) = site.keys().nth(MAX_LANGUAGES) {
            let count = site.len();
            let problem =
                format!("there are {count} languages, and at most {MAX_LANGUAGES} are allowed");
            return Err(of_locale(locale, problem));
        }
        let mut errors = Vec::new();
        // A locale comes after those that are a part of it, so a parent comes first.
        for (locale, text) in site {
            if let Err(problems) = translations.add(locale, text) {
                errors.extend(problems);
            }
        }
        if errors.is_empty() {
            Ok(translations)
        } else {
            Err(errors)
        }
    }

    /// Returns the same as [`Translations::new`], without compiling the texts again if they are those of the last call.
    ///
    /// # Errors
    ///
    /// All problems of all texts.
    pub fn of_site(site: &BTreeMap<String, String>) -> Result<Arc<Self>, Vec<TranslationError>> {
        static LAST: Mutex<Option<(SiteTexts, Arc<Translations>)>> = Mutex::new(None);
        if site.is_empty() {
            return Ok(Self::builtin());
        }
        if let Some((texts, translations)) = &*LAST.lock()
            && texts == site
        {
            return Ok(Arc::clone(translations));
        }
        let translations = Arc::new(Self::new(site)?);
        *LAST.lock() = Some((site.clone(), Arc::clone(&translations)));
        Ok(translations)
    }

    /// Returns all languages, the default one first.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// Adds a language, or overrides messages of it.
    fn add(&mut self, locale: &str, text: &str) -> Result<(), Vec<TranslationError>> {
        let identifier = parse_locale(locale)?;
        let tag = identifier.to_string();
        let parent = self.longest_part(&tag).map(|index| self.at(index));
        let language = Language::compile(locale, &identifier, text, parent)?;
        let mut others = self.others.iter_mut();
        if self.default.tag == tag {
            self.default = language;
        } else if let Some(existing) = others.find(|existing| existing.tag == tag) {
            *existing = language;
        } else {
            self.others.push(language);
        }
        Ok(())
    }

    /// Returns a language by its index among [`Translations::languages`].
    fn at(&self, index: usize) -> &Language {
        let other = index
            .checked_sub(1)
            .and_then(|index| self.others.get(index));
        other.unwrap_or(&self.default)
    }
}

impl Language {
    /// Compiles the text of a language. `parent` has the messages that the text may omit.
    fn compile(
        locale: &str,
        identifier: &LanguageIdentifier,
        text: &str,
        parent: Option<&Self>,
    ) -> Result<Self, Vec<TranslationError>> {
        if text.len() > MAX_TEXT_BYTES {
            let problem = format!(
                "the text has {} bytes, and at most {MAX_TEXT_BYTES} are allowed",
                text.len()
            );
            return Err(of_locale(locale, problem));
        }
        if text.contains('\0') {
            let problem = "the text contains the character U+0000".to_owned();
            return Err(of_locale(locale, problem));
        }
        let numbers = Numbers::new(identifier);
        let numbers = numbers.map_err(|error| of_locale(locale, error.to_string()))?;
        let mut own = compile::compile(locale, text, &numbers, parent)?;
        let missing = MessageId::ALL
            .into_iter()
            .filter(|id| !own.contains_key(id));
        let missing: Vec<_> = missing.map(MessageId::name).collect();
        if parent.is_none() && !missing.is_empty() {
            let missing = missing.join("`, `");
            let problem =
                format!("a new language has all messages, and this one lacks `{missing}`");
            return Err(of_locale(locale, problem));
        }
        let messages = MessageId::ALL.into_iter().map(|id| {
            let inherited = || parent.map(|parent| parent.pattern(id).clone());
            own.remove(&id).or_else(inherited).unwrap_or_default()
        });
        Ok(Self {
            messages: messages.collect(),
            numbers,
            tag: identifier.to_string(),
        })
    }
}

/// Parses the locale of a language.
fn parse_locale(locale: &str) -> Result<LanguageIdentifier, Vec<TranslationError>> {
    let identifier = locale.parse::<LanguageIdentifier>().ok();
    identifier
        .filter(|identifier| !identifier.language.is_unknown() && is_language_tag(locale))
        .ok_or_else(|| {
            let problem = "this is not a language tag, such as \"de\" or \"zh-Hant\"";
            of_locale(locale, problem.to_owned())
        })
}

/// Returns the error of a whole text.
fn of_locale(locale: &str, problem: String) -> Vec<TranslationError> {
    vec![TranslationError {
        locale: error::quoted(locale),
        line: None,
        message: None,
        problem,
    }]
}

#[cfg(test)]
mod tests;
