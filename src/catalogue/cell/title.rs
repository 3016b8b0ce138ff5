//! Titles with the year of the film in brackets: `The Amber Tide (2021)`.

use crate::film;

/// Splits a title that ends with a year in brackets; `None` for any other text.
#[must_use]
pub fn title_with_year(text: &str) -> Option<(&str, i16)> {
    let (title, year) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    let year: i16 = year.parse().ok().filter(|_| is_year)?;
    let title = title.trim_end();
    (!title.is_empty() && film::YEARS.contains(&year.into())).then_some((title, year))
}

#[cfg(test)]
mod tests;
