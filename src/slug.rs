//! Slugs: names for URLs, made of lower-case letters, digits and single hyphens.

use std::collections::{HashMap, HashSet};

/// The maximum number of characters of a slug, without its year and number. Transliteration can make a string several
/// times as long.
const MAX_LENGTH: usize = 200;

/// Returns the slug of a string, transliterated from any script. It is never empty.
#[must_use]
pub fn of(text: &str) -> String {
    let slug = truncate(slug::slugify(text));
    if slug.is_empty() {
        "unnamed".to_owned()
    } else {
        slug
    }
}

/// Returns the slug of a film, made of its title and year.
#[must_use]
pub fn of_film(title: &str, year: Option<i16>) -> String {
    let Some(year) = year else {
        return of(title);
    };
    let slug = truncate(slug::slugify(title));
    if slug.is_empty() {
        year.to_string()
    } else {
        format!("{slug}-{year}")
    }
}

fn truncate(mut slug: String) -> String {
    // The slug is ASCII, so any index is a character boundary.
    slug.truncate(MAX_LENGTH);
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// An allocator of unique slugs. It returns the first of `base`, `base-2`, `base-3` … that is free.
#[derive(Debug, Default)]
pub struct FreeSlugs {
    taken: HashSet<String>,
    /// The next number to try, by base.
    next: HashMap<String, u32>,
}

impl FreeSlugs {
    /// Creates an allocator with the slugs that are already taken.
    #[must_use]
    pub fn new(taken: HashSet<String>) -> Self {
        Self {
            taken,
            next: HashMap::new(),
        }
    }

    /// Takes the next free slug of a base.
    pub fn take(&mut self, base: &str) -> String {
        let next = self.next.entry(base.to_owned()).or_insert(1);
        loop {
            let slug = match *next {
                1 => base.to_owned(),
                number => format!("{base}-{number}"),
            };
            *next += 1;
            if self.taken.insert(slug.clone()) {
                return slug;
            }
        }
    }
}

#[cfg(test)]
mod tests;
