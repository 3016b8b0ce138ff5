//! Our own format, as a source of rows.

use std::{ops::ControlFlow, path::Path};

use super::{
    rows::{Bad, Flaw, Given, Gleaned, Good, Place, Row, Rows, Unreadable, csv_text},
    source::{self, CsvRows, Lines, Options, Progress, Source},
};
use crate::catalogue::{
    self, Cells, Column, Columns, Defaults, Header, JsonReader, UnknownNames, record::Record,
};

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
    seen: Seen,
    defaults: Defaults,
    progress: Progress,
}

/// The columns that rows of each kind have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    film: Columns,
    critic: Columns,
    publication: Columns,
    review: Columns,
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
            Seen::in_every_row(self.header.columns()),
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
            seen: Seen::default(),
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
            Ok(cells) => {
                let row = read(line.number, &cells, &self.defaults, || line.text.to_owned());
                if let Ok(good) = &row.content {
                    self.seen.note(&good.record, cells.seen());
                }
                row
            }
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
            self.seen,
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
    seen: Seen,
    unknown: &UnknownNames,
    without_last_line_break: bool,
    file: &[String],
) -> Gleaned {
    let mut unknown_columns = unknown.kept().to_vec();
    if unknown.others() > 0 {
        unknown_columns.push("…".to_owned());
    }
    Gleaned {
        given: seen.given(),
        unknown_columns,
        unused_columns: Vec::new(),
        without_last_line_break: if without_last_line_break {
            file.to_vec()
        } else {
            Vec::new()
        },
    }
}

impl Seen {
    /// A file whose rows all have the same columns.
    #[must_use]
    pub const fn in_every_row(columns: Columns) -> Self {
        Self {
            film: columns,
            critic: columns,
            publication: columns,
            review: columns,
        }
    }

    fn note(&mut self, record: &Record, columns: Columns) {
        let seen = match record {
            Record::Film(_) => &mut self.film,
            Record::Critic(_) => &mut self.critic,
            Record::Publication(_) => &mut self.publication,
            Record::Review(_) => &mut self.review,
            // It is stored as a whole.
            Record::PublishedScore(_) => return,
        };
        *seen = seen.with(columns);
    }

    /// The columns of the tables that they are about.
    #[must_use]
    pub fn given(self) -> Given {
        Given {
            film: those(&FILM, self.film),
            critic: those(&CRITIC, self.critic),
            publication: those(&PUBLICATION, self.publication),
            review: those(&REVIEW, self.review),
        }
    }
}

/// A column of a table, and the columns of a file that are about it.
type About = (&'static str, &'static [Column]);

const FILM: [About; 8] = [
    ("title", &[Column::Film]),
    ("year", &[Column::FilmYear]),
    ("release_date", &[Column::ReleaseDate]),
    ("runtime_minutes", &[Column::RuntimeMinutes]),
    ("directors", &[Column::Directors]),
    ("genres", &[Column::Genres]),
    ("synopsis", &[Column::Synopsis]),
    ("url", &[Column::Url]),
];

const CRITIC: [About; 2] = [("name", &[Column::Critic]), ("url", &[Column::Url])];

const PUBLICATION: [About; 3] = [
    ("name", &[Column::Publication]),
    ("url", &[Column::Url]),
    ("weight", &[Column::Weight]),
];

/// A score is what three columns say together.
const SCORE: &[Column] = &[Column::Score, Column::OriginalScore, Column::ScoreRule];

const REVIEW: [About; 13] = [
    ("film_id", &[Column::Film, Column::FilmSlug]),
    ("critic_id", &[Column::Critic, Column::CriticSlug]),
    (
        "publication_id",
        &[Column::Publication, Column::PublicationSlug],
    ),
    ("score", SCORE),
    ("original_score", SCORE),
    ("score_rule", SCORE),
    ("sentiment", &[Column::Sentiment]),
    ("recommended", &[Column::Recommended]),
    ("top_critic", &[Column::TopCritic]),
    ("byline", &[Column::Byline]),
    ("excerpt", &[Column::Excerpt]),
    ("url", &[Column::Url]),
    ("reviewed_on", &[Column::ReviewedOn]),
];

fn those(columns: &[About], seen: Columns) -> Vec<&'static str> {
    columns
        .iter()
        .filter(|(_, about)| about.iter().any(|column| seen.contains(*column)))
        .map(|(name, _)| *name)
        .collect()
}
