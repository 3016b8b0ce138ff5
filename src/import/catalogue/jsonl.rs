//! The catalogue format as JSON Lines.

use super::{CatalogueParser, SeenColumns, read};
use crate::{
    catalogue::{Defaults, JsonReader, UnknownNames},
    import::{
        rows::{InvalidRow, Row, RowError, RowPosition},
        source::{Lines, Source, SourceError},
    },
};

/// A JSON Lines file: one object per line.
pub struct JsonLines {
    lines: Lines,
    reader: JsonReader,
    seen: SeenColumns,
}

impl JsonLines {
    pub(super) fn new(source: Source) -> Self {
        Self {
            lines: source.lines(),
            reader: JsonReader::new(),
            seen: SeenColumns::default(),
        }
    }
}

impl CatalogueParser for JsonLines {
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError> {
        let Some(line) = self.lines.next_line()? else {
            return Ok(None);
        };
        let cells = match self.reader.row(line.text) {
            Ok(cells) => cells,
            Err(error) => {
                return Ok(Some(Row {
                    position: RowPosition::new(0, line.number),
                    content: Err(InvalidRow {
                        errors: vec![RowError::new("the whole row", error.to_string())],
                        text: line.text.to_owned(),
                    }),
                }));
            }
        };
        let row = read(line.number, &cells, defaults, || line.text.to_owned());
        if let Ok(valid) = &row.content {
            self.seen.add(&valid.record, cells.present());
        }
        Ok(Some(row))
    }

    fn seen_columns(&self) -> SeenColumns {
        self.seen
    }

    fn unknown_names(&self) -> &UnknownNames {
        self.reader.unknown()
    }

    fn ends_without_line_break(&self) -> bool {
        self.lines.ends_without_line_break()
    }
}
