//! XML in pieces of bounded length.

use std::io::{self, BufReader, Read};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::TableError;
use crate::import::source::is_bomb;

/// The maximum number of bytes that a tag or a text may have: a cell has 32,767 characters at most.
const MAX_EVENT: usize = 1024 * 1024;

/// A reader of XML that stops at overlong tags and texts, and at decompression bombs.
pub(super) struct XmlReader<R: Read> {
    reader: Reader<BufReader<MeteredReader<R>>>,
    buffer: Vec<u8>,
}

impl<R: Read> XmlReader<R> {
    /// Creates a reader of decompressed bytes. `compressed` is the size of what they are decompressed from.
    pub fn new(bytes: R, compressed: u64) -> Self {
        let metered = MeteredReader {
            inner: bytes,
            budget: 0,
            compressed,
            read: 0,
        };
        let mut reader = Reader::from_reader(BufReader::new(metered));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Self {
            reader,
            buffer: Vec::new(),
        }
    }

    /// Returns the next event.
    pub fn next(&mut self) -> Result<Event<'_>, TableError> {
        self.reader.get_mut().get_mut().budget = MAX_EVENT;
        self.buffer.clear();
        self.reader
            .read_event_into(&mut self.buffer)
            .map_err(xml_error)
    }

    /// Returns the number of bytes that were read.
    pub fn bytes_read(&self) -> u64 {
        self.reader.get_ref().get_ref().read
    }
}

/// Converts an error of the parser, and unwraps one of the reader below it.
fn xml_error(error: quick_xml::Error) -> TableError {
    match error {
        quick_xml::Error::Io(error) => match std::sync::Arc::try_unwrap(error) {
            Ok(error) => error.into(),
            Err(error) => TableError::Sheet(error.to_string()),
        },
        error => TableError::Sheet(error.to_string()),
    }
}

/// Returns the value of an attribute, by its name without a prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, TableError> {
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| TableError::Sheet(error.to_string()))?;
        if attribute.key.local_name().as_ref() == name {
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|error| TableError::Sheet(error.to_string()))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// Appends the text of an event.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), TableError> {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => {
            let character = reference.resolve_char_ref().map_err(xml_error)?;
            let name: &str = reference;
            match (character, quick_xml::escape::resolve_xml_entity(name)) {
                (Some(character), _) => text.push(character),
                (None, Some(entity)) => text.push_str(entity),
                (None, None) => {
                    return Err(TableError::Sheet(format!("unknown entity &{name};")));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// A reader with a budget of bytes.
struct MeteredReader<R> {
    inner: R,
    /// The number of bytes that may be read until the next event.
    budget: usize,
    /// The size of what the bytes are decompressed from.
    compressed: u64,
    read: u64,
}

impl<R: Read> Read for MeteredReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.budget);
        if length == 0 && !buffer.is_empty() {
            return Err(TableError::SheetBound("a text of more than 1 MiB").into());
        }
        let (buffer, _) = buffer.split_at_mut(length);
        let read = self.inner.read(buffer)?;
        self.budget -= read;
        self.read += u64::try_from(read).unwrap_or(u64::MAX);
        if is_bomb(self.compressed, self.read) {
            return Err(TableError::SheetBound("parts of more than 250 times its size").into());
        }
        Ok(read)
    }
}
