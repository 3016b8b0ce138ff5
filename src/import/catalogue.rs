//! Our own format, as a source of rows.

use std::{ops::ControlFlow, path::Path};

use super::{
    rows::{Bad, Flaw, Given, Gleaned, Good, Place, Row, Rows, Unreadable, csv_text},
    source::{self, CsvRows, Lines, Options, Progress, Source},
};
use crate::catalogue::{self, Cells, Column, Columns, Defaults, Header, JsonReader, UnknownNames};

/// A catalogue as CSV.
pub struct CsvImport {
    file: [String; 1],
    rows: CsvRows,
    header: Header,
    defaults: Defaults,
    progress: Progress,
}

/// A catalogue as JSON Lines.
pub struct JsonlImport {
    file: [String; 1],
    lines: Lines,
    reader: JsonReader,
    defaults: Defaults,
    progress: Progress,
}

impl CsvImport {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    ///
    /// When it can't be opened, or its header lacks what is needed.
    pub fn open(
        path: &Path,
        options: Options,
        delimiter: u8,
        defaults: Defaults,
    ) -> Result<Self, Unreadable> {
        let name = source::name(path);
        let source = Source::open(path, options).map_err(|error| Unreadable::new(&name, &error))?;
        let progress = source.progress();
        let rows = source
            .csv_rows(delimiter)
            .map_err(|error| Unreadable::new(&name, &error))?;
        let header = Header::read(rows.header().iter().map(String::as_str))
            .map_err(|error| Unreadable::new(&name, &format!("line 1: {error}")))?;
        Ok(Self {
            file: [name],
            rows,
            header,
            defaults,
            progress,
        })
    }

    /// How much of it has been read.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.progress.clone()]
    }
}

impl CsvImport {
    fn next_row(&mut self) -> Result<Option<Row>, Unreadable> {
        loop {
            let row = match self.rows.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(None),
                Err(error) => {
                    let (line, flaw) = Flaw::of_row(error)
                        .map_err(|error| Unreadable::new(&self.file[0], &error))?;
                    return Ok(Some(Row {
                        place: Place::new(0, line),
                        content: Err(flaw.into()),
                    }));
                }
            };
            let cells = self.header.cells(row.fields());
            // Spreadsheets keep rows of which nothing is left but the commas.
            if !cells.filled().is_empty() {
                let text = || csv_text(row.fields());
                return Ok(Some(read(row.line(), &cells, &self.defaults, text)));
            }
        }
    }
}

impl Rows for CsvImport {
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable> {
        while let Some(row) = self.next_row()? {
            if take(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn gleaned(&self) -> Gleaned {
        gleaned(
            self.header.columns(),
            self.header.unknown(),
            self.rows.ends_without_line_break(),
            &self.file,
        )
    }

    fn files(&self) -> &[String] {
        &self.file
    }
}

impl JsonlImport {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it can't be opened.
    pub fn open(path: &Path, options: Options, defaults: Defaults) -> Result<Self, Unreadable> {
        let name = source::name(path);
        let source = Source::open(path, options).map_err(|error| Unreadable::new(&name, &error))?;
        Ok(Self {
            file: [name],
            progress: source.progress(),
            lines: source.lines(),
            reader: JsonReader::new(),
            defaults,
        })
    }

    /// How much of it has been read.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        vec![self.progress.clone()]
    }
}

impl JsonlImport {
    fn next_row(&mut self) -> Result<Option<Row>, Unreadable> {
        let line = self
            .lines
            .next_line()
            .map_err(|error| Unreadable::new(&self.file[0], &error))?;
        let Some(line) = line else {
            return Ok(None);
        };
        Ok(Some(match self.reader.row(line.text) {
            Ok(cells) => read(line.number, &cells, &self.defaults, || line.text.to_owned()),
            Err(error) => Row {
                place: Place::new(0, line.number),
                content: Err(Bad {
                    flaws: vec![Flaw::new("the whole row", error.to_string())],
                    text: line.text.to_owned(),
                }),
            },
        }))
    }
}

impl Rows for JsonlImport {
    fn read(&mut self, take: &mut dyn FnMut(Row) -> ControlFlow<()>) -> Result<(), Unreadable> {
        while let Some(row) = self.next_row()? {
            if take(row).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn gleaned(&self) -> Gleaned {
        gleaned(
            self.reader.columns(),
            self.reader.unknown(),
            self.lines.ends_without_line_break(),
            &self.file,
        )
    }

    fn files(&self) -> &[String] {
        &self.file
    }
}

/// Reads a row, of which `text` gives the text if it is bad.
fn read(line: u64, cells: &Cells<'_>, defaults: &Defaults, text: impl FnOnce() -> String) -> Row {
    let content = match catalogue::read(cells, defaults) {
        Ok((record, remarks)) => Ok(Good {
            record,
            remarks: remarks.iter().collect(),
        }),
        Err(flaws) => Err(Bad {
            flaws: flaws
                .into_iter()
                .map(|flaw| Flaw::new(flaw.column.name(), flaw.reason))
                .collect(),
            text: text(),
        }),
    };
    Row {
        place: Place::new(0, line),
        content,
    }
}

fn gleaned(
    columns: Columns,
    unknown: &UnknownNames,
    without_last_line_break: bool,
    file: &[String],
) -> Gleaned {
    let mut unknown_columns = unknown.kept().to_vec();
    if unknown.others() > 0 {
        unknown_columns.push("…".to_owned());
    }
    Gleaned {
        given: given(columns),
        unknown_columns,
        unused_columns: Vec::new(),
        without_last_line_break: if without_last_line_break {
            file.to_vec()
        } else {
            Vec::new()
        },
    }
}

/// The columns of the tables that the columns of a file are about.
#[must_use]
pub fn given(columns: Columns) -> Given {
    use Column as C;
    const SCORE: &[Column] = &[C::Score, C::OriginalScore, C::ScoreRule];
    let has = |any_of: &[Column]| any_of.iter().any(|column| columns.contains(*column));
    let those = |pairs: &[(&[Column], &'static str)]| {
        pairs
            .iter()
            .filter(|(any_of, _)| has(any_of))
            .map(|(_, name)| *name)
            .collect()
    };
    Given {
        film: those(&[
            (&[C::Film], "title"),
            (&[C::FilmYear], "year"),
            (&[C::ReleaseDate], "release_date"),
            (&[C::RuntimeMinutes], "runtime_minutes"),
            (&[C::Directors], "directors"),
            (&[C::Genres], "genres"),
            (&[C::Synopsis], "synopsis"),
            (&[C::Url], "url"),
        ]),
        critic: those(&[(&[C::Critic], "name"), (&[C::Url], "url")]),
        publication: those(&[
            (&[C::Publication], "name"),
            (&[C::Url], "url"),
            (&[C::Weight], "weight"),
        ]),
        review: those(&[
            (&[C::Film, C::FilmSlug], "film_id"),
            (&[C::Critic, C::CriticSlug], "critic_id"),
            (&[C::Publication, C::PublicationSlug], "publication_id"),
            (SCORE, "score"),
            (SCORE, "original_score"),
            (SCORE, "score_rule"),
            (&[C::Sentiment], "sentiment"),
            (&[C::Recommended], "recommended"),
            (&[C::TopCritic], "top_critic"),
            (&[C::Byline], "byline"),
            (&[C::Excerpt], "excerpt"),
            (&[C::Url], "url"),
            (&[C::ReviewedOn], "reviewed_on"),
        ]),
    }
}
