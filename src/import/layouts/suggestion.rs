//! The column that is most probably the title, for the sentence that asks for it.

use std::collections::HashSet;

use crate::import::{rows::RowError, table::Table};

/// The number of rows that are looked at.
const ROWS: usize = 200;
/// The maximum mean length of titles in characters. Longer texts are descriptions.
const MAX_LENGTH: usize = 60;

/// What the first cells of a column say.
#[derive(Default)]
struct Texts {
    distinct: HashSet<String>,
    count: usize,
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
        self.length += text.chars().count();
        self.distinct.insert(text.to_lowercase());
    }

    /// Returns the share of different texts in percent, if the texts can be titles.
    fn likelihood(&self) -> Option<usize> {
        let is_words = self.words * 10 >= self.count * 8;
        let is_short = self.length <= MAX_LENGTH * self.count;
        (self.count > 0 && is_words && is_short).then(|| self.distinct.len() * 100 / self.count)
    }
}

/// Returns the index of the column whose texts are the most probably titles: words that are mostly different. Of several,
/// the first. `None` if no column has such texts.
pub(super) fn likely_title(table: &Table) -> Option<usize> {
    let mut columns: Vec<Texts> = table.header().iter().map(|_| Texts::default()).collect();
    let mut rows = table.rows().ok()?;
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
                RowError::from_source_error(error).ok()?;
            }
        }
    }
    let likely = columns.iter().enumerate();
    let likely = likely.filter_map(|(index, texts)| Some((texts.likelihood()?, index)));
    let best = likely.rev().max_by_key(|(likelihood, _)| *likelihood);
    best.map(|(_, index)| index)
}

/// Returns whether a text has words, and is no address.
fn is_words(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters * 2 > text.chars().count() && !text.contains("://")
}
