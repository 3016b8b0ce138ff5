//! What the fields of a CSV file are.

use thiserror::Error;

use crate::catalogue::{
    Cell, Cells, Column, Columns, UnknownNames,
    names::{LONGEST_QUOTE, shortened},
};

/// A CSV file's header: which column each field is.
#[derive(Clone, Debug)]
pub struct Header {
    fields: Vec<Option<Column>>,
    columns: Columns,
    unknown: UnknownNames,
}

/// Why a CSV file can't be read by its header.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// There is no header.
    #[error("the file has no header, and nothing else")]
    Empty,

    /// Something else parts the fields than the file was read by.
    #[error(
        "the header is a single field that holds {0:?}: if that parts the fields, say so by --delimiter"
    )]
    Delimiter(char),

    /// Two fields are one column.
    #[error("the header's {first:?} and {second:?} both mean {}: leave one of them out", column.name())]
    Repeated {
        /// The column.
        column: Column,
        /// The first header that means it.
        first: String,
        /// The second.
        second: String,
    },

    /// No field is a column.
    #[error("the header has no column that is known, only {found}; a row needs film or film_slug, or a kind; {KNOWN}", KNOWN = known())]
    NoneKnown {
        /// What it has instead.
        found: UnknownNames,
    },

    /// Nothing says which film a review is of.
    #[error(
        "the header has neither film nor film_slug, which every review needs, nor a kind, which says that a row is none"
    )]
    NoFilm,
}

impl Header {
    /// Finds the columns of the fields of a header.
    ///
    /// # Errors
    /// Fails if rows under this header could only be misread, or are reviews of nothing.
    pub fn read<'f>(fields: impl IntoIterator<Item = &'f str>) -> Result<Self, HeaderError> {
        let names: Vec<_> = fields.into_iter().collect();
        if names.is_empty() {
            return Err(HeaderError::Empty);
        }
        if let [name] = names[..]
            && let Some(delimiter) = name.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|'))
        {
            return Err(HeaderError::Delimiter(delimiter));
        }
        let fields: Vec<_> = names.iter().map(|name| Column::find(name)).collect();
        let mut unknown = UnknownNames::default();
        let mut columns = Columns::default();
        for (name, column) in names.iter().zip(&fields) {
            match column {
                Some(column) if !columns.insert(*column) => {
                    return Err(repeated(*column, &names, &fields));
                }
                Some(_) => {}
                None => unknown.note(name),
            }
        }
        let header = Self {
            fields,
            columns,
            unknown,
        };
        header.check()
    }

    /// The row that these fields of the file are, as many as the header has.
    pub fn cells<'r>(&self, fields: impl IntoIterator<Item = &'r str>) -> Cells<'r> {
        let mut cells = Cells::new();
        for (column, field) in self.fields.iter().zip(fields) {
            if let Some(column) = column {
                cells.insert(*column, Cell::text(field));
            }
        }
        cells
    }

    /// The columns that the file has.
    #[must_use]
    pub const fn columns(&self) -> Columns {
        self.columns
    }

    /// The headers that mean no column.
    #[must_use]
    pub const fn unknown(&self) -> &UnknownNames {
        &self.unknown
    }

    fn check(self) -> Result<Self, HeaderError> {
        const NEEDED: Columns = Columns::of(&[Column::Kind, Column::Film, Column::FilmSlug]);
        if self.columns.is_empty() {
            return Err(HeaderError::NoneKnown {
                found: self.unknown,
            });
        }
        if self.columns.without(NEEDED) == self.columns {
            return Err(HeaderError::NoFilm);
        }
        Ok(self)
    }
}

/// The error that two fields are this column.
fn repeated(column: Column, names: &[&str], fields: &[Option<Column>]) -> HeaderError {
    let mut those = names
        .iter()
        .zip(fields)
        .filter(|(_, field)| **field == Some(column))
        .map(|(name, _)| shortened(name, LONGEST_QUOTE).into_owned());
    HeaderError::Repeated {
        column,
        first: those.next().unwrap_or_default(),
        second: those.next().unwrap_or_default(),
    }
}

/// What columns there are.
fn known() -> String {
    format!(
        "the columns are {}",
        Column::ALL.map(Column::name).join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fields: &[&str]) -> String {
        Header::read(fields.iter().copied())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_header_finds_its_columns_and_tells_what_it_does_not_know() {
        let header = Header::read(["Movie Title", "mood", "Rating", ""]).unwrap();
        assert_eq!(
            header.columns(),
            Columns::of(&[Column::Film, Column::OriginalScore])
        );
        assert_eq!(header.unknown().to_string(), r#""mood", """#);

        let cells = header.cells(["Pusher", "bleak", "B+", "x"]);
        assert_eq!(cells.filled(), header.columns());
        assert_eq!(*cells.get(Column::OriginalScore), Cell::text("B+"));
    }

    #[test]
    fn a_column_can_not_stand_twice() {
        assert_eq!(
            error(&["title", "score", "Movie"]),
            r#"the header's "title" and "Movie" both mean film: leave one of them out"#
        );
    }

    #[test]
    fn a_single_field_with_another_delimiter_asks_for_it() {
        for (header, delimiter) in [
            ("film;score", r"';'"),
            ("film\tscore", r"'\t'"),
            ("film|score", "'|'"),
        ] {
            assert_eq!(
                error(&[header]),
                format!(
                    "the header is a single field that holds {delimiter}: if that parts the fields, say so by --delimiter"
                )
            );
        }
        assert!(Header::read(["film"]).is_ok());
    }

    #[test]
    fn a_header_without_any_column_is_told_what_is_needed() {
        let error = error(&["a", "b"]);
        let start = "the header has no column that is known, only \"a\", \"b\"; a row needs film or film_slug, or a kind; \
            the columns are kind, film_slug, film, ";
        assert!(
            error.starts_with(start) && error.ends_with(", negative_count"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_file_is_told() {
        assert_eq!(error(&[]), "the file has no header, and nothing else");
    }

    #[test]
    fn reviews_need_a_film_unless_rows_have_kinds() {
        assert_eq!(
            error(&["critic", "score"]),
            "the header has neither film nor film_slug, which every review needs, nor a kind, which says that a row is none"
        );
        for name in ["kind", "film", "film_slug"] {
            assert!(Header::read([name, "score"]).is_ok());
        }
    }
}
