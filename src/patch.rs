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

/// Returns the names of the columns that differ.
#[must_use]
pub fn changed_columns<const N: usize>(columns: [(&str, bool); N]) -> Vec<String> {
    let changed = columns.into_iter().filter(|(_, differs)| *differs);
    changed.map(|(column, _)| column.to_owned()).collect()
}

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
    pub fn apply(self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new),
        }
    }

    /// Applies the patch to a required value. [`Clear`](Self::Clear) sets the default.
    pub fn apply_or_default(self, value: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *value = T::default(),
            Self::Set(new) => *value = new,
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
    patch: Patch<String>,
    field: &str,
    limit: usize,
    errors: &mut UserErrors,
) -> Patch<String> {
    read_text(patch, errors, |text, errors| {
        read(text, field, limit, text::line, errors)
    })
}

/// Parses a string of any number of lines. A blank string clears the value.
#[must_use]
pub fn passage(patch: Patch<String>, field: &str, errors: &mut UserErrors) -> Patch<String> {
    read_text(patch, errors, |text, errors| {
        read(text, field, text::MAX_PASSAGE_LENGTH, text::passage, errors)
    })
}

fn read_text(
    patch: Patch<String>,
    errors: &mut UserErrors,
    read: impl FnOnce(&str, &mut UserErrors) -> Option<String>,
) -> Patch<String> {
    match patch.and_then(|text| read(&text, errors)) {
        Patch::Set(text) if text.is_empty() => Patch::Clear,
        patch => patch,
    }
}

/// A function that normalizes a string of at most the given number of characters.
type TextNormalizer = fn(&str, usize) -> Result<String, TextError>;

/// Normalizes a string, or records all of its errors: a forbidden character, and its length.
fn read(
    text: &str,
    field: &str,
    limit: usize,
    normalize: TextNormalizer,
    errors: &mut UserErrors,
) -> Option<String> {
    let error = match normalize(text, limit) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let length = text::check_length(&text::normalized(text.trim()), limit).err();
    for error in length
        .into_iter()
        .chain(Some(error).filter(|error| code_of(*error) != TooLong))
    {
        errors.add(field, code_of(error), error.to_string());
    }
    None
}

fn code_of(error: TextError) -> UserErrorCode {
    match error {
        TextError::TooLong { .. } => TooLong,
        TextError::LineBreak | TextError::Tab | TextError::Control(_) => Invalid,
    }
}

/// Parses a name that may be missing. A blank name clears the value.
#[must_use]
pub fn optional_name(patch: Patch<String>, field: &str, errors: &mut UserErrors) -> Patch<String> {
    read_text(patch, errors, |name, errors| {
        read(name, field, text::MAX_NAME_LENGTH, text::name, errors)
    })
}

/// Parses a required name. Clearing it is an error, and so is a blank or invisible name.
#[must_use]
pub fn name(patch: Patch<String>, field: &str, errors: &mut UserErrors) -> Patch<String> {
    match optional_name(patch, field, errors) {
        Patch::Clear => {
            errors.add(field, Blank, "is blank");
            Patch::Keep
        }
        Patch::Set(name) if !text::is_visible(&name) => {
            errors.add(field, Blank, "has no visible characters");
            Patch::Keep
        }
        patch => patch,
    }
}

/// Parses a required slug.
#[must_use]
pub fn slug(patch: Patch<String>, field: &str, errors: &mut UserErrors) -> Patch<String> {
    name(patch, field, errors).and_then(|slug| {
        if text::is_slug(&slug) {
            return Some(slug);
        }
        let message = "must be lower-case letters a to z and digits with single hyphens between them, such as \"pusher-1996\"";
        errors.add(field, Invalid, message);
        None
    })
}

/// Parses an HTTP or HTTPS URL.
#[must_use]
pub fn url(patch: Patch<String>, field: &str, errors: &mut UserErrors) -> Patch<String> {
    line(patch, field, text::MAX_URL_LENGTH, errors).and_then(|url| {
        if text::is_web_address(&url) {
            return Some(url);
        }
        let message = "must start with http:// or https:// and a host, such as https://example.org";
        errors.add(field, Invalid, message);
        None
    })
}

/// The maximum number of names in a list.
pub const MAX_NAMES: usize = 50;

/// Parses a list of names, and drops duplicates and blank names.
#[must_use]
pub fn names(
    patch: Patch<Vec<String>>,
    field: &str,
    errors: &mut UserErrors,
) -> Patch<Vec<String>> {
    patch.and_then(|names| {
        let mut seen = HashSet::new();
        let distinct: Vec<_> = names
            .iter()
            .map(|name| text::normalized(name.trim()))
            .enumerate()
            .filter(|(_, name)| !name.is_empty() && seen.insert(name.clone()))
            .collect();
        if distinct.len() > MAX_NAMES {
            let message = format!(
                "has {} different names, and at most {MAX_NAMES} are allowed",
                distinct.len()
            );
            errors.add(field, TooManyValues, message);
            return None;
        }
        let names = distinct.iter().filter_map(|(index, name)| {
            let field = format!("{field}.{index}");
            read(name, &field, text::MAX_NAME_LENGTH, text::line, errors)
        });
        Some(names.collect())
    })
}

/// Parses an integer in a range.
#[must_use]
pub fn number<T: TryFrom<i32>>(
    patch: Patch<i32>,
    field: &str,
    range: std::ops::RangeInclusive<i32>,
    errors: &mut UserErrors,
) -> Patch<T> {
    patch.and_then(|number| {
        let read = range.contains(&number).then(|| T::try_from(number).ok());
        if read.is_none() {
            let message = format!("must be from {} to {}", range.start(), range.end());
            errors.add(field, OutOfRange, message);
        }
        read.flatten()
    })
}

#[cfg(test)]
mod tests;
