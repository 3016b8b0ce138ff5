//! What an input says of the values of a thing, and how these are read: what is wrong is noted, and the rest goes on.

use std::collections::HashSet;

use crate::{
    text::{self, TextFlaw},
    user_error::{
        UserErrorCode::{self, Blank, Invalid, OutOfRange, TooLong, TooManyValues},
        UserErrors,
    },
};

/// What an input says of one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// There is to be none.
    Clear,
    /// It is to be this.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the input says anything of it.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }

    /// The value, if it is to be one.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The same, of another value.
    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Patch<U> {
        self.and_then(|value| Some(read(value)))
    }

    /// The same, of another value. What can't be read is noted by `read`, and stays as it is.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => read(value).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Makes what may be missing as the input has it.
    pub fn apply(self, place: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *place = None,
            Self::Set(value) => *place = Some(value),
        }
    }

    /// Makes what can't be missing as the input has it; cleared it is what it is unless said.
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
    /// What a new thing is to have: what isn't said it has not.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

/// A text of one line. A blank one is none.
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

/// A text of any number of lines. A blank one is none.
#[must_use]
pub fn passage(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    read_text(given, errors, |text, errors| {
        read(text, path, text::PASSAGE, text::passage, errors)
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

/// How a text is read that may have so many characters.
type Reading = fn(&str, usize) -> Result<String, TextFlaw>;

/// Notes all that is wrong with a text: what it holds, and its length.
fn read(
    text: &str,
    path: &str,
    limit: usize,
    read: Reading,
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

fn code_of(flaw: TextFlaw) -> UserErrorCode {
    match flaw {
        TextFlaw::TooLong { .. } => TooLong,
        TextFlaw::LineBreak | TextFlaw::Tab | TextFlaw::Control(_) => Invalid,
    }
}

/// A name, which is never missing: to clear it, or to give a blank one, is an error.
#[must_use]
pub fn name(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    match line(given, path, text::NAME, errors) {
        Patch::Clear => {
            errors.add(path, Blank, "is blank");
            Patch::Keep
        }
        Patch::Set(name) if !text::is_visible(&name) => {
            errors.add(path, Blank, "has nothing in it that can be seen");
            Patch::Keep
        }
        read => read,
    }
}

/// A slug, which is never missing.
#[must_use]
pub fn slug(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    name(given, path, errors).and_then(|slug| {
        if text::is_slug(&slug) {
            return Some(slug);
        }
        let message = "has to be of small letters a to z and digits with single hyphens between, such as \"pusher-1996\"";
        errors.add(path, Invalid, message);
        None
    })
}

/// A web address.
#[must_use]
pub fn url(given: Patch<String>, path: &str, errors: &mut UserErrors) -> Patch<String> {
    line(given, path, text::URL, errors).and_then(|url| {
        if text::is_web_address(&url) {
            return Some(url);
        }
        errors.add(path, Invalid, "has to begin like https://example.org");
        None
    })
}

/// The most names in a list.
pub const MOST_NAMES: usize = 50;

/// A list of names, each once, without its blank ones.
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
        if different.len() > MOST_NAMES {
            let message = format!(
                "has {} different names, and at most {MOST_NAMES} are allowed",
                different.len()
            );
            errors.add(path, TooManyValues, message);
            return None;
        }
        let names = different.iter().filter_map(|(place, name)| {
            let path = format!("{path}.{place}");
            read(name, &path, text::NAME, text::line, errors)
        });
        Some(names.collect())
    })
}

/// A whole number from one to another.
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
            let message = format!("has to be from {} to {}", range.start(), range.end());
            errors.add(path, OutOfRange, message);
        }
        read.flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(errors: UserErrors) -> Vec<(String, UserErrorCode)> {
        let errors = errors.into_vec().into_iter();
        errors
            .map(|error| (error.field.join("."), error.code))
            .collect()
    }

    #[test]
    fn what_is_wrong_is_noted_and_the_rest_goes_on() {
        let mut errors = UserErrors::default();
        let set = |text: &str| Patch::Set(text.to_owned());
        assert_eq!(
            line(set(" Rene\u{301}e "), "a", text::NAME, &mut errors),
            set("Renée")
        );
        assert_eq!(line(set("  "), "b", text::NAME, &mut errors), Patch::Clear);
        assert_eq!(name(set("\t"), "c", &mut errors), Patch::Keep);
        assert_eq!(name(set("\u{200b}\u{3164}"), "c", &mut errors), Patch::Keep);
        assert_eq!(name(Patch::Clear, "d", &mut errors), Patch::Keep);
        assert_eq!(slug(set("A b"), "e", &mut errors), Patch::Keep);
        assert_eq!(url(set("ftp://a"), "f", &mut errors), Patch::Keep);
        assert_eq!(passage(set("a\0b"), "g", &mut errors), Patch::Keep);
        assert_eq!(line(set("abc"), "h", 2, &mut errors), Patch::Keep);
        assert_eq!(
            number::<i16>(Patch::Set(101), "i", 0..=100, &mut errors),
            Patch::Keep
        );
        let list = ["a", "", "b\nc", " a "].map(str::to_owned).to_vec();
        assert_eq!(
            names(Patch::Set(list), "j", &mut errors),
            Patch::Set(vec!["a".to_owned()])
        );
        let many = (0..=MOST_NAMES).map(|number| number.to_string()).collect();
        assert_eq!(names(Patch::Set(many), "k", &mut errors), Patch::Keep);
        let expected = [
            ("input.c", Blank),
            ("input.c", Blank),
            ("input.d", Blank),
            ("input.e", Invalid),
            ("input.f", Invalid),
            ("input.g", Invalid),
            ("input.h", TooLong),
            ("input.i", OutOfRange),
            ("input.j.2", Invalid),
            ("input.k", TooManyValues),
        ];
        let expected = expected.map(|(field, code)| (field.to_owned(), code));
        assert_eq!(codes(errors), expected);
    }
}
