//! Properties that hold for every table and for every file.

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use proptest::{collection::vec, prelude::*, sample::select};
use rust_xlsxwriter::Workbook;

use super::{cells, open, pass, table, zip};
use crate::import::table::{Table, TableOptions};

/// The first bytes of files of each kind.
const STARTS: [&[u8]; 7] = [
    b"",
    b"{\"a\":",
    b"[{\"",
    b"PK\x03\x04",
    b"\x1F\x8B\x08",
    b"\x28\xB5\x2F\xFD",
    b"\xFF\xFE",
];

/// Generates the text of a cell. It begins with a letter, so that no row is blank, and no header looks like data.
fn cell() -> impl Strategy<Value = String> {
    let special = select(
        &[
            'a', 'Z', '7', '"', ',', ';', '|', '\t', ' ', '\n', 'é', '€', '😀', '<', '&', '}', ']',
        ][..],
    );
    vec(special, 0..12).prop_map(|text| format!("x{}", text.into_iter().collect::<String>()))
}

/// Generates a header and rows of 2 columns or more. All cells are different, as keys have to be.
fn cells_of_table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2..6_usize)
        .prop_flat_map(|width| vec(vec(cell(), width), 2..7))
        .prop_map(|mut rows| {
            for (index, name) in rows[0].iter_mut().enumerate() {
                name.push_str(&index.to_string());
            }
            rows
        })
}

fn check(table: &Table, expected: &[Vec<String>]) -> Result<(), TestCaseError> {
    prop_assert_eq!(table.header(), expected[0].as_slice());
    prop_assert_eq!(cells(table), &expected[1..]);
    Ok(())
}

fn csv(rows: &[Vec<String>], delimiter: u8, crlf: bool) -> String {
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(QuoteStyle::Always)
        .terminator(if crlf {
            Terminator::CRLF
        } else {
            Terminator::Any(b'\n')
        })
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("written");
    }
    String::from_utf8(writer.into_inner().expect("written")).expect("UTF-8")
}

/// Encodes a text as a file has it, with its byte-order mark.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    match encoding {
        "utf-16le" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "marked" => marked.into_bytes(),
        _ => text.into(),
    }
}

/// Returns the rows as JSON objects. Indented ones have a line for each member.
fn objects(rows: &[Vec<String>], is_indented: bool) -> Vec<String> {
    let string = |text: &String| serde_json::to_string(text).expect("JSON");
    let (comma, colon) = if is_indented {
        (",\n    ", ": ")
    } else {
        (",", ":")
    };
    let object = |row: &Vec<String>| {
        let member = |(key, text)| format!("{}{colon}{}", string(key), string(text));
        let members: Vec<String> = rows[0].iter().zip(row).map(member).collect();
        format!("{{{}}}", members.join(comma))
    };
    rows[1..].iter().map(object).collect()
}

fn all_ways_of_opening(bytes: &[u8]) {
    for name in ["list.csv", "list.json", "list.xlsx"] {
        for has_header in [true, false] {
            let options = TableOptions {
                has_header,
                ..TableOptions::default()
            };
            if let Ok(opened) = super::open_with(name, bytes, &options) {
                for table in &opened.tables {
                    // An error in a row is as good as a row: only a panic fails.
                    drop(pass(table));
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn csv_reads_back_as_it_was_written(
        rows in cells_of_table(), delimiter in select(&b",;|\t"[..]), crlf: bool,
        encoding in select(&["utf-8", "marked", "utf-16le", "utf-16be"][..]), states_delimiter: bool,
    ) {
        // A line that states the delimiter rules out that another one splits the rows as evenly.
        let first = format!("sep={}\r\n", char::from(delimiter));
        let start = if states_delimiter { first.as_str() } else { "" };
        let text = format!("{start}{}", csv(&rows, delimiter, crlf));
        let table = table("list.csv", &encoded(&text, encoding));
        check(&table, &rows)?;
    }

    #[test]
    fn csv_in_a_given_encoding_reads_back_as_it_was_written(
        rows in cells_of_table(), encoding in select(&["windows-1252", "iso-8859-15", "gb18030", "utf-8"][..]),
    ) {
        // Only two of the encodings have it.
        let without_emoji = |text: &String| text.replace('😀', "ä");
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(without_emoji).collect()).collect();
        let label = encoding.parse().expect("an encoding");
        let encoder = encoding_rs::Encoding::for_label(encoding.as_bytes()).expect("an encoding");
        let text = csv(&rows, b',', false);
        let (bytes, _, has_unmappable) = encoder.encode(&text);
        prop_assert!(!has_unmappable);
        let options = TableOptions { encoding: Some(label), ..TableOptions::default() };
        let opened = super::open_with("list.csv", &bytes, &options).expect("a table");
        check(&opened.tables[0], &rows)?;
    }

    #[test]
    fn json_reads_back_as_it_was_written(rows in cells_of_table(), is_indented: bool) {
        let objects = objects(&rows, is_indented);
        let array = format!("[{}]", objects.join(if is_indented { ",\n  " } else { "," }));
        check(&table("list.json", array.as_bytes()), &rows)?;
        check(&table("list.jsonl", objects.join("\n").as_bytes()), &rows)?;
    }

    #[test]
    fn xlsx_reads_back_as_it_was_written(rows in cells_of_table(), first in 0..3_u32) {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (number, row) in (first..).zip(&rows) {
            sheet.write_row(number, 0, row).expect("written");
        }
        let bytes = workbook.save_to_buffer().expect("a workbook");
        check(&table("list.xlsx", &bytes), &rows)?;
    }

    #[test]
    fn a_member_of_an_archive_reads_as_the_file_itself(rows in cells_of_table()) {
        let text = csv(&rows, b',', false);
        let opened = open("list.zip", &zip(&[("list.csv", text.as_bytes())])).expect("a table");
        check(&opened.tables[0], &rows)?;
    }

    #[test]
    fn any_bytes_are_a_table_or_an_error(
        bytes in vec(prop_oneof![
            6 => select(&b"\"\",,;|\t\r\n\n a1{}[]:\\\0\xEF\xBB\xBF\xC3\xA9\xE2\x82\xFF\xFE"[..]),
            1 => any::<u8>(),
        ], 0..200),
        start in select(&STARTS[..]),
    ) {
        all_ways_of_opening(&[start, &bytes].concat());
    }

    #[test]
    fn a_damaged_workbook_is_a_table_or_an_error(
        rows in cells_of_table(), positions in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (number, row) in (0..).zip(&rows) {
            sheet.write_row(number, 0, row).expect("written");
        }
        let mut bytes = workbook.save_to_buffer().expect("a workbook");
        for (index, byte) in positions {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        all_ways_of_opening(&bytes);
    }
}
