//! Changes to optional values, and the parsers of input fields. A parser records errors and continues, so that all
//! errors of an input are reported together.

use std::collections::HashSet;

use crate::{
    text::{self, TextError},
    user_error::{
        UserErrorCode::{self, Blank, Invalid, OutOfRange, TooLong, TooManyValues},
        UserErrors,
    },
};

/// A change to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Leaves the value unchanged.
    #[default]
    Keep,
    /// Removes the value.
    Clear,
    /// Sets the value.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns whether the patch changes the value.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// Returns the new value, if the patch sets one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Converts the new value.
    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Patch<U> {
        self.and_then(|value| Some(read(value)))
    }

    /// Converts the new value with `read`. When `read` returns `None`, for which it records an error, the patch becomes
    /// [`Keep`](Self::Keep).
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => read(value).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Applies the patch to an optional value.
    pub fn apply(self, place: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *place = None,
            Self::Set(value) => *place = Some(value),
        }
    }

    /// Applies the patch to a required value. [`Clear`](Self::Clear) sets the default.
    pub fn apply_or_default(self, place: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *place = T::default(),
            Self::Set(value) => *place = value,
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Converts an optional input field; `None` becomes [`Keep`](Patch::Keep).
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// Parses a string of one line. A blank string clears the value.
#[must_use]
pub fn line(
    given: Patch<String>,
    path: &str,
    limit: usize,
    errors: &mut UserErrors,
) -> Patch<String> {
    read_text(given, errors, |text, errors| {
        read(text, path, limit, text::line, errors)
    })
}

/// Parses a string of any number of lines. A blank string clears the value.
#[must_use]
pub fn passage(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    read_text(given, errors, |text, errors| {
        read(text, path, text::MAX_PASSAGE_LENGTH, text::passage, errors)
    })
}

fn read_text(
    given: Patch<String>,
    errors: &mut UserErrors,
    read: impl FnOnce(&str, &mut UserErrors) -> Option<String>,
) -> Patch<String> {
    match given.and_then(|text| read(&text, errors)) {
        Patch::Set(text) if text.is_empty() => Patch::Clear,
        read => read,
    }
}

/// A function that normalizes a string of at most the given number of characters.
type TextNormalizer = fn(&str, usize) -> Result<String, TextError>;

/// Normalizes a string, or records all of its errors: a forbidden character, and its length.
fn read(
    text: &str,
    path: &str,
    limit: usize,
    read: TextNormalizer,
    errors: &mut UserErrors,
) -> Option<String> {
    let flaw = match read(text, limit) {
        Ok(text) => return Some(text),
        Err(flaw) => flaw,
    };
    let length = text::check_length(&text::normalised(text.trim()), limit).err();
    for flaw in length
        .into_iter()
        .chain(Some(flaw).filter(|flaw| code_of(*flaw) != TooLong))
    {
        errors.add(path, code_of(flaw), flaw.to_string());
    }
    None
}

fn code_of(flaw: TextError) -> UserErrorCode {
    match flaw {
        TextError::TooLong { .. } => TooLong,
        TextError::LineBreak | TextError::Tab | TextError::Control(_) => Invalid,
    }
}

/// Parses a required name. Clearing it is an error, and so is a blank or invisible name.
#[must_use]
pub fn name(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    match line(given, path, text::MAX_NAME_LENGTH, errors) {
        Patch::Clear => {
            errors.add(path, Blank, "is blank");
            Patch::Keep
        }
        Patch::Set(name) if !text::is_visible(&name) => {
            errors.add(path, Blank, "has no visible characters");
            Patch::Keep
        }
        read => read,
    }
}

/// Parses a required slug.
#[must_use]
pub fn slug(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    name(given, path, errors).and_then(|slug| {
        if text::is_slug(&slug) {
            return Some(slug);
        }
        let message = "must be lower-case letters a to z and digits with single hyphens between them, such as \"pusher-1996\"";
        errors.add(path, Invalid, message);
        None
    })
}

/// Parses an HTTP or HTTPS URL.
#[must_use]
pub fn url(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    line(given, path, text::MAX_URL_LENGTH, errors).and_then(|url| {
        if text::is_web_address(&url) {
            return Some(url);
        }
        let message = "must start with http:// or https:// and a host, such as https://example.org";
        errors.add(path, Invalid, message);
        None
    })
}

/// The most names in a list.
pub const MAX_NAMES: usize = 50;

/// Parses a list of names, and drops duplicates and blank names.
#[must_use]
pub fn names(given: Patch<Vec<String>>, path: &str, errors: &mut UserErrors) -> Patch<Vec<String>> {
    given.and_then(|given| {
        let mut seen = HashSet::new();
        let different: Vec<_> = given
            .iter()
            .map(|name| text::normalised(name.trim()))
            .enumerate()
            .filter(|(_, name)| !name.is_empty() && seen.insert(name.clone()))
            .collect();
        if different.len() > MAX_NAMES {
            let message = format!(
                "has {} different names, and at most {MAX_NAMES} are allowed",
                different.len()
            );
            errors.add(path, TooManyValues, message);
            return None;
        }
        let names = different.iter().filter_map(|(place, name)| {
            let path = format!("{path}.{place}");
            read(name, &path, text::MAX_NAME_LENGTH, text::line, errors)
        });
        Some(names.collect())
    })
}

/// Parses an integer in a range.
#[must_use]
pub fn number<T: TryFrom<i32>>(
    given: Patch<i32>,
    path: &str,
    range: std::ops::RangeInclusive<i32>,
    errors: &mut UserErrors,
) -> Patch<T> {
    given.and_then(|number| {
        let read = range.contains(&number).then(|| T::try_from(number).ok());
        if read.is_none() {
            let message = format!("must be from {} to {}", range.start(), range.end());
            errors.add(path, OutOfRange, message);
        }
        read.flatten()
    })
}

#[cfg(test)]
mod tests;
