//! The form of a table, as the plan of an import states it.

use std::fmt;

use super::encoding::FoundEncoding;

/// The form in which a file has a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableForm {
    pub(super) kind: FormKind,
    /// The encoding of the text; `None` for spreadsheets, which state it themselves.
    pub(super) encoding: Option<FoundEncoding>,
    /// The name of the compression, if there is one.
    pub(super) compression: Option<&'static str>,
    /// The line of the names of the columns, if it is not the first one with a text.
    pub(super) header_line: Option<u64>,
}

impl TableForm {
    /// Returns the line of the names of the columns, if there are lines above it that are not read.
    #[must_use]
    pub const fn header_line(&self) -> Option<u64> {
        self.header_line
    }

    /// Returns whether the table is CSV.
    #[must_use]
    pub const fn is_csv(&self) -> bool {
        matches!(self.kind, FormKind::Csv(_))
    }

    /// Returns the delimiter of CSV with several columns.
    #[must_use]
    pub const fn delimiter(&self) -> Option<u8> {
        match self.kind {
            FormKind::Csv(delimiter) => delimiter,
            _ => None,
        }
    }

    /// Returns whether the table is JSON in either form.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        matches!(self.kind, FormKind::JsonArray | FormKind::JsonLines)
    }

    /// Returns whether the table is JSON Lines.
    #[must_use]
    pub fn is_json_lines(&self) -> bool {
        self.kind == FormKind::JsonLines
    }
}

/// The kinds of forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormKind {
    /// CSV with that delimiter; `None` if there is one column only.
    Csv(Option<u8>),
    /// A JSON array of objects.
    JsonArray,
    /// JSON objects one after the other, each usually on a line of its own.
    JsonLines,
    /// A sheet of an Excel workbook.
    Xlsx,
    /// A sheet of an `OpenDocument` spreadsheet.
    Ods,
}

impl fmt::Display for FormKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Csv(None) => "CSV with one column",
            Self::Csv(Some(b',')) => "CSV separated by commas",
            Self::Csv(Some(b';')) => "CSV separated by semicolons",
            Self::Csv(Some(b'|')) => "CSV separated by vertical bars",
            Self::Csv(Some(b'\t')) => "CSV separated by tabs",
            Self::Csv(Some(other)) => {
                return write!(formatter, "CSV separated by {:?}", char::from(*other));
            }
            Self::JsonArray => "JSON array",
            Self::JsonLines => "JSON Lines",
            Self::Xlsx => "Excel sheet",
            Self::Ods => "OpenDocument sheet",
        })
    }
}

impl fmt::Display for TableForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)?;
        if let Some(encoding) = self.encoding {
            write!(formatter, ", {encoding}")?;
        }
        if let Some(compression) = self.compression {
            write!(formatter, ", {compression}")?;
        }
        Ok(())
    }
}
