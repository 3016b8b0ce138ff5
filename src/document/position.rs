//! Positions in a document.

use async_graphql::Pos;

/// Maps byte offsets to lines and columns.
///
/// Lines end with LF, CR or CRLF, as in the specification. Columns count UTF-16 code units, as in graphql-js and
/// therefore in editors.
#[derive(Debug)]
pub struct Positions<'a> {
    text: &'a str,
    /// The byte offset of the start of each line.
    lines: Vec<usize>,
}

impl<'a> Positions<'a> {
    /// Creates the mapping for a document.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(index, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        });
        let lines = std::iter::once(0).chain(ends.map(|(index, _)| index + 1));
        Self {
            text,
            lines: lines.collect(),
        }
    }

    /// Returns the position of a byte offset, which is at most the length of the text.
    pub fn at(&self, offset: usize) -> Pos {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let prefix = self.text.get(start..offset).unwrap_or_default();
        let column = if prefix.is_ascii() {
            prefix.len()
        } else {
            prefix.encode_utf16().count()
        };
        Pos {
            line,
            column: column + 1,
        }
    }
}

#[cfg(test)]
mod tests;
