//! The two lists, of films and of their critic reviews, in which data sets of Rotten Tomatoes come.
//!
//! Their columns become ours and are read by our own format's rules; what is peculiar to them is mended before. Films are told apart by
//! their id, critics by their page, publications by their name, reviews by their id.

mod fields;
mod film;
mod review;

use std::{ops::ControlFlow, path::Path};

use self::fields::{Fields, Known, Translation};
use super::{
    rows::{Bad, Flaw, Given, Gleaned, Place, Row, Rows, Unreadable, csv_text, one_by_one},
    source::{self, CsvRows, Options, Progress, Source, SourceError},
};
use crate::catalogue::Defaults;

/// The name of the source, under which a later import finds everything again.
pub const SOURCE: &str = "rt";

/// The site that the addresses without a host belong to.
const SITE: &str = "https://www.rottentomatoes.com";

/// Both lists, as they are read: first the films, then the reviews.
pub struct RtImport {
    names: [String; 2],
    films: List,
    reviews: List,
    defaults: Defaults,
    /// What the row of a film says beyond the film.
    pending: Option<Row>,
    films_are_read: bool,
}

/// A row as it was read, with its line.
type Numbered<T> = (u64, Result<T, Bad>);

/// One list.
struct List {
    rows: CsvRows,
    fields: Fields,
    progress: Progress,
}

impl RtImport {
    /// Opens both lists and reads their headers.
    ///
    /// # Errors
    ///
    /// When one can't be opened, or its header lacks what is needed.
    pub fn open(
        films: &Path,
        reviews: &Path,
        options: Options,
        mut defaults: Defaults,
    ) -> Result<Self, Unreadable> {
        defaults.source = Some(SOURCE.to_owned());
        let names = [films, reviews].map(source::name);
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
            films_are_read: false,
        })
    }

    /// How much of each list has been read.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.films.progress.clone(), self.reviews.progress.clone()]
    }
}

impl List {
    fn open(
        source: Result<Source, SourceError>,
        name: &str,
        known: &'static [Known],
    ) -> Result<Self, Unreadable> {
        let source = source.map_err(|error| Unreadable::new(name, &error))?;
        let progress = source.progress();
        let rows = source
            .csv_rows(b',')
            .map_err(|error| Unreadable::new(name, &error))?;
        let fields = Fields::find(rows.header(), known)
            .map_err(|error| Unreadable::new(name, &format!("line 1: {error}")))?;
        Ok(Self {
            rows,
            fields,
            progress,
        })
    }

    /// The next row as `read` reads it, with its line; `None` after the last.
    fn next<T>(
        &mut self,
        read: impl FnOnce(&Translation<'_>) -> Result<T, Vec<Flaw>>,
    ) -> Result<Option<Numbered<T>>, SourceError> {
        let row = match self.rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            Err(error) => {
                let (line, flaw) = Flaw::of_row(error)?;
                return Ok(Some((line, Err(flaw.into()))));
            }
        };
        let translation = Translation::new(&self.fields, &row);
        let content = read(&translation).map_err(|flaws| Bad {
            flaws,
            text: csv_text(row.fields()),
        });
        Ok(Some((row.line(), content)))
    }
}

impl RtImport {
    fn next_row(&mut self) -> Result<Option<Row>, Unreadable> {
        if let Some(row) = self.pending.take() {
            return Ok(Some(row));
        }
        if !self.films_are_read {
            let next = self
                .films
                .next(|row| film::read(row, &self.defaults))
                .map_err(|error| Unreadable::new(&self.names[0], &error))?;
            if let Some((line, read)) = next {
                let place = Place::new(0, line);
                let content = read.map(|(film, published)| {
                    self.pending = published.map(|good| Row {
                        place,
                        content: Ok(good),
                    });
                    film
                });
                return Ok(Some(Row { place, content }));
            }
            self.films_are_read = true;
        }
        let next = self
            .reviews
            .next(|row| review::read(row, &self.defaults))
            .map_err(|error| Unreadable::new(&self.names[1], &error))?;
        Ok(next.map(|(line, content)| Row {
            place: Place::new(1, line),
            content,
        }))
    }
}

impl Rows for RtImport {
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable> {
        one_by_one(|| self.next_row(), take)
    }

    fn gleaned(&self) -> Gleaned {
        let mut gleaned = Gleaned {
            given: Given {
                film: self.films.fields.given(&film::GIVEN),
                published_score: self.films.fields.given(&film::GIVEN_OF_SCORE),
                review: self.reviews.fields.given(&review::GIVEN),
                ..Given::default()
            },
            ..Gleaned::default()
        };
        for (list, name) in [&self.films, &self.reviews].into_iter().zip(&self.names) {
            gleaned.unknown_columns.extend(list.fields.unknown());
            gleaned.unused_columns.extend(list.fields.unused());
            if list.rows.ends_without_line_break() {
                gleaned.without_last_line_break.push(name.clone());
            }
        }
        gleaned
    }

    fn files(&self) -> &[String] {
        &self.names
    }
}
