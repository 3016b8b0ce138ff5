//! Dates with the month as a word: `March 8, 2021`, `8 Mar 2021`, `08-Mar-21`.

use chrono::{Datelike, Month, NaiveDate, Weekday};

use super::{calendar_day, full_year, is_loose_time, number};

/// A text that has the form of a date with the month as a word.
pub(super) enum InWords<'t> {
    /// The day.
    Day(NaiveDate),
    /// The word is no month in a language that is read.
    OtherMonth(&'t str),
}

/// Reads a date with the month as a word. A day of the week may come before it, and a time after it. `None` for a text of
/// another form, and for a day that doesn't exist.
pub(super) fn read(text: &str) -> Option<InWords<'_>> {
    let mut rest = text;
    let mut first = next_word(&mut rest)?;
    let weekday = first.parse::<Weekday>().ok();
    if weekday.is_some() {
        first = next_word(&mut rest)?;
    }
    let (second, third) = (next_word(&mut rest)?, next_word(&mut rest)?);
    if !is_end(rest) {
        return None;
    }
    let (month, day, year) = if is_word(first) {
        (first, second, third)
    } else if first.len() == 4 {
        (second, third, first)
    } else {
        (second, first, third)
    };
    let day = day_number(day)?;
    let year = year_number(year)?;
    if !is_word(month) {
        return None;
    }
    let Some(month) = month_number(month) else {
        return Some(InWords::OtherMonth(month));
    };
    let day = calendar_day(year, month, day)?;
    weekday
        .is_none_or(|weekday| weekday == day.weekday())
        .then_some(InWords::Day(day))
}

/// Takes the next word or number, and the separators before it. `8 de marzo de 2021` has words between them.
fn next_word<'t>(rest: &mut &'t str) -> Option<&'t str> {
    let word = any_word(rest)?;
    if ["de", "del"].contains(&word) {
        return any_word(rest);
    }
    Some(word)
}

fn any_word<'t>(rest: &mut &'t str) -> Option<&'t str> {
    let start = rest.trim_start_matches([' ', ',', '-', '/', '.']);
    let end = start
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(start.len());
    let (word, after) = start.split_at_checked(end)?;
    *rest = after;
    (!word.is_empty()).then_some(word)
}

/// Returns whether the date ends here: there is no more text, or a time.
fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', ',', '.']);
    let time = rest.strip_prefix("at ").unwrap_or(rest);
    rest.is_empty() || is_loose_time(time)
}

fn is_word(text: &str) -> bool {
    text.chars().all(char::is_alphabetic)
}

/// The names of months in German, French, Spanish and Italian, in full and as they are shortened, that are not English ones.
/// None means different months in two of the languages.
const OTHER_NAMES: [&[&str]; 12] = [
    &[
        "januar", "jänner", "janvier", "janv", "enero", "ene", "gennaio", "gen",
    ],
    &[
        "februar", "février", "fevrier", "févr", "fevr", "fév", "febrero", "febbraio",
    ],
    &["märz", "maerz", "mär", "mrz", "mars", "marzo"],
    &["avril", "avr", "abril", "abr", "aprile"],
    &["mai", "mayo", "maggio", "mag"],
    &["juni", "juin", "junio", "giugno", "giu"],
    &["juli", "juillet", "juil", "julio", "luglio", "lug"],
    &["août", "aout", "agosto", "ago"],
    &["septembre", "septiembre", "setiembre", "settembre", "set"],
    &["oktober", "okt", "octobre", "octubre", "ottobre", "ott"],
    &["novembre", "noviembre"],
    &[
        "dezember",
        "dez",
        "décembre",
        "decembre",
        "déc",
        "diciembre",
        "dicembre",
        "dic",
    ],
];

/// Returns the number of a month for its English name, in full or with three letters, for September also with four; or for
/// its name in another language.
fn month_number(word: &str) -> Option<u32> {
    let word = if word.eq_ignore_ascii_case("sept") {
        "sep"
    } else {
        word
    };
    if let Ok(month) = word.parse::<Month>() {
        return Some(month.number_from_month());
    }
    let word = word.to_lowercase();
    let mut months = (1..).zip(OTHER_NAMES);
    let (number, _) = months.find(|(_, names)| names.contains(&word.as_str()))?;
    Some(number)
}

/// Returns the number of a day, which may have an ending: `6th`.
fn day_number(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = text.get(digits.len()..)?;
    let is_ending = ["", "st", "nd", "rd", "th", "er"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known));
    (is_ending && matches!(digits.len(), 1 | 2))
        .then(|| number(digits.as_bytes()))
        .flatten()
}

/// Returns the year of two or four digits.
fn year_number(text: &str) -> Option<u32> {
    let year = number(text.as_bytes())?;
    match text.len() {
        4 => Some(year),
        2 => Some(full_year(year)),
        _ => None,
    }
}
