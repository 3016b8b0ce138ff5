//! Properties that hold for every file and every chunk size.

use std::{io::Write, str};

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use flate2::{Compression, write::GzEncoder};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    Options, ReadResult, Source, fn_reader::in_chunks, lines_of, options, records_of, source,
};

/// Generates bytes. Most of them are special to one of the readers.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let special = select(&b"\"\",,\r\n\n a1\0\xEF\xBB\xBF\xC3\xA9\xE2\x82\xFF\xFE"[..]);
    vec(prop_oneof![8 => special, 1 => any::<u8>()], 0..200)
}

/// Generates texts with characters of 1 to 4 bytes.
fn text() -> impl Strategy<Value = String> {
    vec(
        select(&['a', '"', ',', ' ', '\r', '\n', 'é', '€', '😀'][..]),
        0..100,
    )
    .prop_map(|text| text.into_iter().collect())
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1..9_usize, 1..6)
}

fn encoding() -> impl Strategy<Value = Options> {
    const LABELS: [&str; 6] = [
        "utf-8",
        "windows-1252",
        "utf-16le",
        "shift_jis",
        "gb18030",
        "iso-2022-jp",
    ];
    select(&LABELS[..]).prop_map(options)
}

/// Returns the number of the line after a text.
fn naive_line(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    1 + text.matches(['\r', '\n']).map(|_| 1).sum::<u64>()
}

/// Returns the message of the first error in UTF-8 without a byte-order mark.
fn naive_error(bytes: &[u8]) -> Option<String> {
    let valid = str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let valid_length = bytes[..valid]
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(valid);
    let byte = *bytes.get(valid_length)?;
    let position = format!(
        "byte {} in line {} is",
        valid_length + 1,
        naive_line(&bytes[..valid_length])
    );
    Some(if byte == 0 {
        format!("{position} NUL, so this is not text")
    } else {
        format!(
            "{position} not UTF-8 (0x{byte:02X}); pass --encoding windows-1252 if the file is in that encoding"
        )
    })
}

/// Returns the lines of a complete text.
fn naive_lines(text: &str) -> ReadResult<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let is_blank = |line: &str| line.trim_ascii().is_empty();
    let lines = (1..).zip(text.split('\n'));
    ReadResult {
        rows: lines
            .filter(|(_, line)| !is_blank(line))
            .map(|(number, line)| (number, line.to_owned()))
            .collect(),
        error: None,
        ends_without_line_break: text.rsplit('\n').next().is_some_and(|last| !is_blank(last)),
    }
}

proptest! {
    #[test]
    fn the_chunk_size_does_not_change_the_result(
        bytes in bytes(), sizes in sizes(), options in encoding(), is_marked: bool,
    ) {
        let start: &[u8] = if is_marked { b"\xEF\xBB\xBF" } else { b"" };
        let bytes = [start, &bytes].concat();
        let unsplit = || Source::from_reader(std::io::Cursor::new(bytes.clone()), options);
        let chunks = || Source::from_reader(in_chunks(bytes.clone(), sizes.clone()), options);
        prop_assert_eq!(lines_of(unsplit()), lines_of(chunks()));
        prop_assert_eq!(records_of(unsplit(), b','), records_of(chunks(), b','));
    }

    /// The result isn't compared, because the decompressors decide how much they return before an
    /// error.
    #[test]
    fn any_bytes_that_look_compressed_are_read_without_a_panic(
        bytes in bytes(), sizes in sizes(), options in encoding(), is_gzip: bool,
    ) {
        let start: &[u8] = if is_gzip { b"\x1F\x8B\x08" } else { b"\x28\xB5\x2F\xFD" };
        let bytes = [start, &bytes].concat();
        let chunks = || Source::from_reader(in_chunks(bytes.clone(), sizes.clone()), options);
        lines_of(chunks());
        records_of(chunks(), b',');
    }

    #[test]
    fn a_corrupt_byte_in_a_compressed_file_causes_no_panic(
        text in text(), position in any::<prop::sample::Index>(), byte: u8, sizes in sizes(),
    ) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).expect("written");
        let gzip = encoder.finish().expect("written");
        let zstd = zstd::encode_all(text.as_bytes(), 1).expect("written");
        for mut bytes in [gzip, zstd] {
            let index = position.index(bytes.len());
            bytes[index] = byte;
            let reader = in_chunks(bytes, sizes.clone());
            lines_of(Source::from_reader(reader, Options::default()));
        }
    }

    #[test]
    fn errors_are_those_of_a_naive_implementation(
        text in text(), bytes in bytes(), sizes in sizes(),
    ) {
        let bytes = [b"12", text.as_bytes(), &bytes].concat();
        let chunks = Source::from_reader(in_chunks(bytes.clone(), sizes), Options::default());
        prop_assert_eq!(lines_of(chunks).error, naive_error(&bytes));
    }

    #[test]
    fn lines_are_those_of_a_naive_implementation(text in text(), sizes in sizes()) {
        let reader = in_chunks(text.clone().into_bytes(), sizes);
        let result = lines_of(Source::from_reader(reader, Options::default()));
        prop_assert_eq!(result, naive_lines(&text));
    }

    #[test]
    fn windows_1252_is_decoded_by_its_table(
        bytes in vec(prop_oneof![Just(b'\n'), 32..127_u8, 0xA0..=0xFF_u8], 0..200), sizes in sizes(),
    ) {
        // From 0xA0 on, the encoding equals Unicode. The "x" prevents a byte-order mark.
        let bytes = [b"x", &bytes[..]].concat();
        let text: String = bytes.iter().copied().map(char::from).collect();
        let reader = in_chunks(bytes, sizes);
        let result = lines_of(Source::from_reader(reader, options("windows-1252")));
        prop_assert_eq!(result, naive_lines(&text));
    }

    #[test]
    fn rows_are_read_as_they_were_written(
        rows in (1..5_usize).prop_flat_map(|width| vec(vec(text(), width), 1..8)),
        sizes in sizes(), crlf: bool, quote_always: bool, truncate: bool, delimiter in select(&b",;\t"[..]),
    ) {
        let terminator = if crlf { Terminator::CRLF } else { Terminator::Any(b'\n') };
        let style = if quote_always { QuoteStyle::Always } else { QuoteStyle::Necessary };
        let mut rows = rows;
        rows[0][0].push('h');
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for row in &rows {
            expected.push((naive_line(&bytes), row.clone()));
            let mut writer = WriterBuilder::new()
                .terminator(terminator).quote_style(style).delimiter(delimiter).from_writer(bytes);
            writer.write_record(row).expect("written");
            bytes = writer.into_inner().expect("written");
        }
        if truncate {
            bytes.truncate(bytes.len() - if crlf { 2 } else { 1 });
        }
        let reader = in_chunks(bytes, sizes);
        let result = records_of(Source::from_reader(reader, Options::default()), delimiter);
        prop_assert_eq!(result, ReadResult { rows: expected, error: None, ends_without_line_break: truncate });
    }

    #[test]
    fn a_file_truncated_anywhere_is_read_up_to_there(
        rows in vec(vec(text(), 3), 1..5), length in any::<prop::sample::Index>(),
    ) {
        let mut writer = WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).expect("written");
        for row in &rows {
            writer.write_record(row).expect("written");
        }
        let mut bytes = writer.into_inner().expect("written");
        bytes.truncate(6 + length.index(bytes.len() - 6));
        let result = records_of(source(bytes.clone()), b',');
        let written = &rows[..(result.rows.len() - 1).min(rows.len())];
        let read: Vec<_> = result.rows.into_iter().skip(1).map(|(_, row)| row).collect();
        // Only the last row can differ from the written one, and only with a warning.
        let complete = read.len() - usize::from(result.ends_without_line_break && result.error.is_none());
        prop_assert_eq!(&read[..complete], &written[..complete]);
    }
}
