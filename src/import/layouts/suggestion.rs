//! What a refusal suggests to type: the column that is most probably the title or the id of the film, and the scale of
//! bare numbers.

use std::collections::HashSet;

use super::{
    choices::{Choices, Decision},
    error::typed,
    names,
    scan::number,
    values::argument,
};
use crate::{
    catalogue::Column,
    import::{rows::RowError, table::Table},
    text::folded,
};

/// The number of rows that are looked at.
const ROWS: usize = 200;
/// The maximum mean length of titles in characters. Longer texts are descriptions.
const MAX_LENGTH: usize = 60;

/// The usual maxima of grades.
const SCALES: [f64; 4] = [5.0, 10.0, 20.0, 100.0];
/// The parts of names of columns with numbers of stars.
const STARS: [&str; 6] = ["star", "stern", "étoile", "etoile", "estrella", "stelle"];

/// What the first cells of a column say.
#[derive(Default)]
struct Texts {
    distinct: HashSet<String>,
    count: usize,
    imdb_ids: usize,
    words: usize,
    length: usize,
}

impl Texts {
    fn observe(&mut self, cell: &str) {
        let text = cell.trim();
        if text.is_empty() {
            return;
        }
        self.count += 1;
        self.words += usize::from(is_words(text));
        self.imdb_ids += usize::from(is_imdb_id(text));
        self.length += text.chars().count();
        self.distinct.insert(text.to_lowercase());
    }

    fn are_imdb_ids(&self) -> bool {
        self.count > 0 && self.imdb_ids * 10 >= self.count * 8
    }

    /// Returns the share of different texts in percent, if the texts can be titles.
    fn likelihood(&self) -> Option<usize> {
        let is_words = self.words * 10 >= self.count * 8;
        let is_short = self.length <= MAX_LENGTH * self.count;
        (self.count > 0 && is_words && is_short).then(|| self.distinct.len() * 100 / self.count)
    }
}

/// Returns what the user can type about a table in which no column is known as the title of a film.
pub(super) fn film_hint(table: &Table, choices: &Choices) -> String {
    let header = names::unique(table.header());
    let texts = texts(table);
    let column = |index: Option<usize>| index.and_then(|index| header.get(index));
    let map = |name: &str, meaning: &str| argument(&format!("{}={meaning}", typed(name)));
    let is_open = |index: usize| {
        let name = header.get(index).map_or("", String::as_str);
        choices.columns.get(name) == Decision::Open && names::known(name, &header).is_none()
    };
    let id = texts.iter().position(Texts::are_imdb_ids);
    let title = likely_title(&texts, is_open);
    match (column(title), column(id)) {
        (Some(title), Some(id)) => format!(
            "name it by --map {}, or the ids of the films by --map {}",
            map(title, "film"),
            map(id, "film_id:imdb")
        ),
        (None, Some(id)) => format!(
            "name the ids of the films by --map {}",
            map(id, "film_id:imdb")
        ),
        (title, None) => {
            let title = title.map_or("COLUMN", String::as_str);
            format!("name it by --map {}", map(title, "film"))
        }
    }
}

/// Returns the texts of each column in the first rows.
fn texts(table: &Table) -> Vec<Texts> {
    let mut columns: Vec<Texts> = table.header().iter().map(|_| Texts::default()).collect();
    let Ok(mut rows) = table.rows() else {
        return columns;
    };
    for _ in 0..ROWS {
        match rows.next_row() {
            Ok(Some(row)) => {
                for (texts, cell) in columns.iter_mut().zip(row.cells()) {
                    texts.observe(cell);
                }
            }
            Ok(None) => break,
            // The suggestion is a part of a refusal, which stands whatever is wrong with a row.
            Err(error) => {
                if RowError::from_source_error(error).is_err() {
                    break;
                }
            }
        }
    }
    columns
}

/// Returns the index of the column whose texts are the most probably titles: words that are mostly different. Of several,
/// the first. `None` if no column without another meaning has such texts.
fn likely_title(texts: &[Texts], is_open: impl Fn(usize) -> bool) -> Option<usize> {
    let likely = texts
        .iter()
        .enumerate()
        .filter(|(index, _)| is_open(*index));
    let likely = likely.filter_map(|(index, texts)| Some((texts.likelihood()?, index)));
    let best = likely.rev().max_by_key(|(likelihood, _)| *likelihood);
    best.map(|(_, index)| index)
}

/// Returns whether a text has the form of the ids of `imdb`, such as `tt0103639`.
pub(super) fn is_imdb_id(text: &str) -> bool {
    let digits = text.trim().strip_prefix("tt");
    digits.is_some_and(|digits| {
        (7..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Returns the probable maximum of the bare numbers of a column, of which one is the largest.
pub(super) fn scale_hint(column: &str, largest: &str) -> String {
    let largest = number(largest);
    let is_of_stars = names::known(column, &[]) == Some(Column::OriginalScore)
        && STARS.iter().any(|word| folded(column).contains(word));
    if is_of_stars && largest <= 4.0 {
        return "5 (or 4)".to_owned();
    }
    let scale = SCALES.iter().find(|scale| largest <= **scale);
    scale.map_or_else(|| "N".to_owned(), f64::to_string)
}

/// Returns whether a text has words, and is no address.
fn is_words(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters * 2 > text.chars().count() && !text.contains("://")
}
