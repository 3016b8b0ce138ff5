//! Bylines: the line that names the author of a review.

use crate::text;

/// The marks that pages write in brackets after, or instead of, the name of an uncredited critic.
const UNCREDITED_MARKS: [&str; 2] = ["not credited", "uncredited"];
/// The words that pages write instead of a name.
const UNCREDITED_WORDS: [&str; 6] = [
    "staff",
    "uncredited",
    "not credited",
    "anonymous",
    "unknown",
    "n/a",
];
/// The words before the names.
const INTRODUCTIONS: [&str; 4] = ["reviewed by", "review by", "written by", "by"];
/// What stands between two names.
const CONJUNCTIONS: [&str; 3] = [" and ", " & ", " with "];
/// What may stand after a comma, and is no name.
const NAME_SUFFIXES: [&str; 6] = ["jr", "jr.", "sr", "sr.", "ii", "iii"];

/// The critics that a byline names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Byline<'t> {
    /// One critic.
    Critic(&'t str),
    /// Several critics: at least two.
    Critics(Vec<&'t str>),
    /// No critic: the byline is blank, or says "Staff" or the like.
    Uncredited,
}

/// Returns the critics that a byline names: "By Ann Example" names one, and "By Ann Field and Karl Stroem" names two.
#[must_use]
pub fn byline_names(text: &str) -> Byline<'_> {
    let names = without_introduction(text.trim());
    if is_uncredited(names) || is_staff(names) {
        return Byline::Uncredited;
    }
    // No column accepts such a long name.
    if names.len() > 4 * text::MAX_NAME_LENGTH {
        return Byline::Critic(names);
    }
    let split = split_names(names);
    match split.as_slice() {
        [] => Byline::Uncredited,
        [_] => Byline::Critic(names),
        _ => Byline::Critics(split),
    }
}

/// Returns whether a byline credits no critic: it has a mark such as "[Not Credited]", is a word such as "Staff", or has
/// no letter.
#[must_use]
pub fn is_uncredited(byline: &str) -> bool {
    let is_placeholder =
        is_one_of(byline, &UNCREDITED_WORDS) || !byline.contains(char::is_alphabetic);
    is_placeholder || is_marked_uncredited(byline)
}

/// Returns whether a pair of brackets contains exactly a mark.
fn is_marked_uncredited(byline: &str) -> bool {
    byline
        .split(['[', '('])
        .skip(1)
        .filter_map(|after_bracket| after_bracket.split_once([']', ')']))
        .any(|(enclosed, _)| is_one_of(enclosed, &UNCREDITED_MARKS))
}

/// Returns whether a text is one of the lower-case `words`. Ignores case and brackets.
fn is_one_of(text: &str, words: &[&str]) -> bool {
    let text = text.trim_matches(['[', ']', '(', ')', ' ']);
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns whether the byline is that of a group, such as "Staff Writer" or "Quay Weekly Staff".
fn is_staff(names: &str) -> bool {
    let is_staff = |word: Option<&str>| word.is_some_and(|word| word.eq_ignore_ascii_case("staff"));
    let mut words = names.split_whitespace();
    is_staff(words.next()) || is_staff(words.next_back())
}

/// Removes "By" and the like.
fn without_introduction(text: &str) -> &str {
    for introduction in INTRODUCTIONS {
        let Some((start, rest)) = text.split_at_checked(introduction.len()) else {
            continue;
        };
        if start.eq_ignore_ascii_case(introduction)
            && (rest.is_empty() || rest.starts_with([':', ' ', '\u{a0}']))
        {
            return rest.trim_start_matches([':', ' ', '\u{a0}']);
        }
    }
    text
}

/// Splits a byline into its names.
fn split_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for mut part in text.split([',', ';']) {
        // A conjunction after a comma begins the part: "A, B, and C".
        while let Some((start, end)) = first_conjunction(part) {
            add_name(&mut names, part.get(..start).unwrap_or_default());
            // The blank that ends a conjunction may begin the next one.
            part = part.get(end - 1..).unwrap_or_default();
        }
        add_name(&mut names, part);
    }
    names
}

/// Adds a name, unless it is blank or belongs to the name before it.
fn add_name<'t>(names: &mut Vec<&'t str>, name: &'t str) {
    let name = name.trim();
    let is_suffix = NAME_SUFFIXES
        .iter()
        .any(|suffix| name.eq_ignore_ascii_case(suffix));
    if !name.is_empty() && !is_suffix {
        names.push(name);
    }
}

/// Returns where the first "and" or the like begins and ends.
fn first_conjunction(text: &str) -> Option<(usize, usize)> {
    let found = CONJUNCTIONS.iter().filter_map(|conjunction| {
        let start = find_ignoring_case(text, conjunction)?;
        Some((start, start + conjunction.len()))
    });
    found.min()
}

/// Returns where an ASCII word begins in a text, in any case.
fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes()
        .windows(word.len())
        .position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests;
