//! The catalogue format as JSON Lines.

use super::{Form, Seen, read};
use crate::{
    catalogue::{Defaults, JsonReader, UnknownNames},
    import::{
        rows::{Bad, Flaw, Place, Row},
        source::{Lines, Source, SourceError},
    },
};

/// A JSON Lines file: one object per line.
pub struct JsonLines {
    lines: Lines,
    reader: JsonReader,
    seen: Seen,
}

impl JsonLines {
    pub(super) fn new(source: Source) -> Self {
        Self {
            lines: source.lines(),
            reader: JsonReader::new(),
            seen: Seen::default(),
        }
    }
}

impl Form for JsonLines {
    fn next(&mut self, defaults: &Defaults) -> Result<Option<Row>, SourceError> {
        let Some(line) = self.lines.next_line()? else {
            return Ok(None);
        };
        let cells = match self.reader.row(line.text) {
            Ok(cells) => cells,
            Err(error) => {
                return Ok(Some(Row {
                    place: Place::new(0, line.number),
                    content: Err(Bad {
                        flaws: vec![Flaw::new("the whole row", error.to_string())],
                        text: line.text.to_owned(),
                    }),
                }));
            }
        };
        let row = read(line.number, &cells, defaults, || line.text.to_owned());
        if let Ok(good) = &row.content {
            self.seen.note(&good.record, cells.seen());
        }
        Ok(Some(row))
    }

    fn seen(&self) -> Seen {
        self.seen
    }

    fn unknown(&self) -> &UnknownNames {
        self.reader.unknown()
    }

    fn ends_without_line_break(&self) -> bool {
        self.lines.ends_without_line_break()
    }
}
