//! Splits JSON into its objects, in bounded memory: those of an array, or those that stand one after the other.

use std::{
    io::{BufRead, BufReader},
    mem, str,
};

use memchr::memchr2;

use crate::import::{
    source::{ByteReader, LineCounter, MAX_ROW_BYTES, SourceError},
    table::TableError,
};

/// What may come next between two objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// An array or an object: nothing was read yet.
    Start,
    /// The first object of an array, or its end.
    FirstItem,
    /// An object after a comma.
    Item,
    /// A comma, or the end of the array.
    Comma,
    /// Another object without an array around it, or the end of the text.
    Object,
    /// The end of the text.
    End,
}

impl Expected {
    /// Describes what is expected, for an error.
    const fn describe(self) -> &'static str {
        match self {
            Self::Start | Self::Object => "an object, for example {\"film\": \"…\"}",
            Self::FirstItem => "an object or the end of the array",
            Self::Item => "an object after the comma: each row is one",
            Self::Comma => "a comma or the end of the array",
            Self::End => "nothing after the end of the array",
        }
    }
}

/// A reader of the objects of a text.
pub(super) struct Objects {
    text: BufReader<ByteReader>,
    lines: LineCounter,
    expected: Expected,
    is_array: bool,
    /// The object that was read last.
    object: Vec<u8>,
    line: u64,
}

impl Objects {
    pub fn new(text: BufReader<ByteReader>) -> Self {
        Self {
            text,
            lines: LineCounter::new(),
            expected: Expected::Start,
            is_array: false,
            object: Vec::new(),
            line: 0,
        }
    }

    /// Returns whether the objects stand in an array.
    pub fn is_array(&self) -> bool {
        self.is_array
    }

    /// Returns the next object and the line in which it begins; `None` after the last one.
    pub fn next(&mut self) -> Result<Option<(u64, &str)>, TableError> {
        if !self.find_object()? {
            return Ok(None);
        }
        self.read_object()?;
        let text = str::from_utf8(&self.object).map_err(|error| self.error(&error.to_string()))?;
        Ok(Some((self.line, text)))
    }

    /// Skips what is between two objects. Returns whether an object follows.
    fn find_object(&mut self) -> Result<bool, TableError> {
        loop {
            let Some(byte) = self.peek()? else {
                return self.end();
            };
            let expected = self.expected;
            self.expected = match (expected, byte) {
                (_, b' ' | b'\t' | b'\r' | b'\n') => expected,
                (Expected::Start, b'[') => {
                    self.is_array = true;
                    Expected::FirstItem
                }
                (Expected::Start | Expected::Object, b'{') => {
                    self.expected = Expected::Object;
                    return Ok(true);
                }
                (Expected::FirstItem | Expected::Item, b'{') => {
                    self.expected = Expected::Comma;
                    return Ok(true);
                }
                (Expected::Comma, b',') => Expected::Item,
                (Expected::FirstItem | Expected::Comma, b']') => Expected::End,
                _ => return Err(self.unexpected(byte)),
            };
            self.lines.advance(&[byte]);
            self.text.consume(1);
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, SourceError> {
        Ok(self.text.fill_buf()?.first().copied())
    }

    /// Checks that the text may end here.
    fn end(&self) -> Result<bool, TableError> {
        match self.expected {
            Expected::Start => Err(SourceError::Empty.into()),
            Expected::Object | Expected::End => Ok(false),
            _ => Err(self.error("the text ends inside the array: the file is truncated")),
        }
    }

    /// Reads an object, from its first to its last brace.
    fn read_object(&mut self) -> Result<(), TableError> {
        self.line = self.lines.line();
        self.object.clear();
        let mut nesting = Nesting::default();
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                return Err(self.unclosed());
            }
            let (length, is_complete) = nesting.advance(buffer);
            let (piece, _) = buffer.split_at(length);
            self.object.extend_from_slice(piece);
            self.lines.advance(piece);
            self.text.consume(length);
            if self.object.len() > MAX_ROW_BYTES {
                return Err(self.too_long());
            }
            if is_complete {
                return Ok(());
            }
        }
    }

    fn error(&self, reason: &str) -> TableError {
        TableError::Json {
            line: self.lines.line(),
            reason: reason.to_owned(),
        }
    }

    fn unexpected(&self, byte: u8) -> TableError {
        let found = if byte.is_ascii_graphic() {
            format!("{:?}", char::from(byte))
        } else {
            "another character".to_owned()
        };
        self.error(&format!(
            "expected {}, found {found}",
            self.expected.describe()
        ))
    }

    /// Takes the text of an object without an end, so that its first error can be found.
    pub fn take_rest(&mut self) -> (u64, Vec<u8>) {
        (self.line, mem::take(&mut self.object))
    }

    fn unclosed(&self) -> TableError {
        TableError::Json {
            line: self.line,
            reason: "the text ends inside the object that begins here: a brace is missing, or the file is truncated"
                .to_owned(),
        }
    }

    fn too_long(&self) -> TableError {
        TableError::Json {
            line: self.line,
            reason: "the object that begins here is longer than 1 MiB; if its rows are a list inside it, \
                     save that list alone as a file"
                .to_owned(),
        }
    }
}

/// The open brackets and the open string of an object.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
}

impl Nesting {
    /// Returns the number of bytes up to the end of the object, or of all bytes, and whether they end it.
    fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut index = 0;
        while let Some(byte) = bytes.get(index) {
            if self.is_escaped {
                self.is_escaped = false;
            } else if self.is_in_string {
                let rest = bytes.get(index..).unwrap_or_default();
                let Some(distance) = memchr2(b'"', b'\\', rest) else {
                    return (bytes.len(), false);
                };
                index += distance;
                self.is_escaped = bytes.get(index) == Some(&b'\\');
                self.is_in_string = self.is_escaped;
            } else {
                match byte {
                    b'"' => self.is_in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                if self.depth == 0 {
                    return (index + 1, true);
                }
            }
            index += 1;
        }
        (bytes.len(), false)
    }
}
