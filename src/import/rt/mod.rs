//! The two lists of a Rotten Tomatoes data set: films and their critic reviews.
//!
//! The import converts their columns to the catalogue format and parses them by its rules. It converts values of a
//! special form first. A film is identified by its id, a critic by the URL of the critic's page, a publication by its
//! name, a review by its id.

mod fields;
mod film;
mod review;

use std::{ops::ControlFlow, path::Path};

use self::fields::{HeaderColumns, ListColumn, RowTranslation};
use super::{
    rows::{
        FileError, FileFacts, InvalidRow, Row, RowError, RowPosition, RowSource, TableColumns,
        csv_line, read_each,
    },
    source::{self, CsvRows, Options, Progress, Source, SourceError},
};
use crate::{catalogue::Defaults, site_rules::ReadingRules};

/// The name of the source. The external ids of this source let a later import find the same rows.
pub const SOURCE: &str = "rt";

/// The site of URLs without a host.
const SITE_URL: &str = "https://www.rottentomatoes.com";

/// Both lists as a source of rows: first the films, then the reviews.
pub struct RtImport {
    names: [String; 2],
    films: List,
    reviews: List,
    defaults: Defaults,
    /// The published score of the film that was returned last.
    pending: Option<Row>,
    has_read_films: bool,
}

/// A parsed row with its line.
type Numbered<T> = (u64, Result<T, InvalidRow>);

/// A list that is being read.
struct List {
    rows: CsvRows,
    fields: HeaderColumns,
    progress: Progress,
}

impl RtImport {
    /// Opens both lists and reads their headers.
    ///
    /// # Errors
    ///
    /// Returns an error when a list can't be opened, or when its header lacks a required column.
    pub fn open(
        films: &Path,
        reviews: &Path,
        options: Options,
        mut defaults: Defaults,
    ) -> Result<Self, FileError> {
        defaults.source = Some(SOURCE.to_owned());
        let names = [films, reviews].map(source::display_name);
        let [films_name, reviews_name] = &names;
        Ok(Self {
            films: List::open(Source::open(films, options), films_name, film::COLUMNS)?,
            reviews: List::open(
                Source::open(reviews, options),
                reviews_name,
                review::COLUMNS,
            )?,
            names,
            defaults,
            pending: None,
            has_read_films: false,
        })
    }

    /// Returns the read progress of each list.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.films.progress.clone(), self.reviews.progress.clone()]
    }
}

impl List {
    fn open(
        source: Result<Source, SourceError>,
        name: &str,
        known: &'static [ListColumn],
    ) -> Result<Self, FileError> {
        let source = source.map_err(|error| FileError::new(name, &error))?;
        let progress = source.progress();
        let rows = source
            .csv_rows(b',')
            .map_err(|error| FileError::new(name, &error))?;
        let fields = HeaderColumns::find(rows.header(), known).map_err(|errors| {
            let lines = errors.iter().map(|error| format!("line 1: {error}"));
            FileError::new(name, &lines.collect::<Vec<_>>().join("\n  "))
        })?;
        Ok(Self {
            rows,
            fields,
            progress,
        })
    }

    /// Returns the next row, parsed by `read`, with its line; `None` after the last.
    fn next<T>(
        &mut self,
        read: impl FnOnce(&RowTranslation<'_>) -> Result<T, Vec<RowError>>,
    ) -> Result<Option<Numbered<T>>, SourceError> {
        let row = match self.rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            Err(error) => {
                let (line, error) = RowError::from_source_error(error)?;
                return Ok(Some((line, Err(error.into()))));
            }
        };
        let translation = RowTranslation::new(&self.fields, &row);
        let content = read(&translation).map_err(|errors| InvalidRow {
            errors,
            text: csv_line(row.fields()),
        });
        Ok(Some((row.line(), content)))
    }
}

impl RtImport {
    fn next_row(&mut self) -> Result<Option<Row>, FileError> {
        if let Some(row) = self.pending.take() {
            return Ok(Some(row));
        }
        if !self.has_read_films {
            let next = self
                .films
                .next(|row| film::read(row, &self.defaults))
                .map_err(|error| FileError::new(&self.names[0], &error))?;
            if let Some((line, content)) = next {
                let position = RowPosition::new(0, line);
                let content = content.map(|(film, published)| {
                    self.pending = published.map(|row| Row {
                        position,
                        content: Ok(row),
                    });
                    film
                });
                return Ok(Some(Row { position, content }));
            }
            self.has_read_films = true;
        }
        let next = self
            .reviews
            .next(|row| review::read(row, &self.defaults))
            .map_err(|error| FileError::new(&self.names[1], &error))?;
        Ok(next.map(|(line, content)| Row {
            position: RowPosition::new(1, line),
            content,
        }))
    }
}

impl RowSource for RtImport {
    fn set_reading_rules(&mut self, rules: &ReadingRules) {
        self.defaults.rules = *rules;
    }

    fn read(&mut self, visit: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), FileError> {
        read_each(|| self.next_row(), visit)
    }

    fn file_facts(&self) -> FileFacts {
        let columns = TableColumns {
            film: self.films.fields.table_columns(&film::FILM_COLUMNS),
            published_score: self
                .films
                .fields
                .table_columns(&film::PUBLISHED_SCORE_COLUMNS),
            review: self.reviews.fields.table_columns(&review::REVIEW_COLUMNS),
            ..TableColumns::default()
        };
        let mut facts = FileFacts {
            // No list has rows of the other one's tables, so that these columns are those of both.
            columns: vec![columns.clone(), columns],
            ..FileFacts::default()
        };
        for (list, name) in [&self.films, &self.reviews].into_iter().zip(&self.names) {
            facts.unknown_columns.extend(list.fields.unknown());
            facts.unused_columns.extend(list.fields.unused());
            if list.rows.ends_without_line_break() {
                facts.without_last_line_break.push(name.clone());
            }
        }
        facts
    }

    fn files(&self) -> &[String] {
        &self.names
    }
}
