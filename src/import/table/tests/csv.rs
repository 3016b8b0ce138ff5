//! CSV with every delimiter, with and without a header.

use flate2::{Compression, write::GzEncoder};
use std::io::Write;

use super::{cells, error, open_with, pass, rows, table};
use crate::import::table::{Table, TableOptions};

fn form(bytes: &[u8]) -> String {
    table("list.csv", bytes).form().to_string()
}

fn without_header(bytes: &[u8]) -> Table {
    let options = TableOptions {
        has_header: false,
        ..TableOptions::default()
    };
    let mut tables = open_with("list.csv", bytes, &options).expect("a table");
    tables.tables.remove(0)
}

#[test]
fn delimiters_are_found() {
    for (text, expected) in [
        ("film,grade\nA,B+\n", "CSV separated by commas, UTF-8"),
        ("film;grade\nA;B+\n", "CSV separated by semicolons, UTF-8"),
        (
            "film|grade\nA|B+\n",
            "CSV separated by vertical bars, UTF-8",
        ),
        ("film\tgrade\nA\tB+\n", "CSV separated by tabs, UTF-8"),
        ("film\nA, again\nB\n", "CSV with one column, UTF-8"),
        // Decimal commas, and delimiters in quoted fields.
        (
            "film;grade\nA;8,7\nB;6,05\n",
            "CSV separated by semicolons, UTF-8",
        ),
        (
            "film,text\nA,\"a;b;c\"\nB,\"x;y;z\"\n",
            "CSV separated by commas, UTF-8",
        ),
        (
            "film;text\nA;\"one, two\nthree, four\"\n",
            "CSV separated by semicolons, UTF-8",
        ),
    ] {
        assert_eq!(form(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn the_line_of_excel_decides_the_delimiter_and_counts_as_a_line() {
    for start in [
        "sep=;\r\n",
        "SEP=;\r\n",
        "\"sep=;\"\r\n",
        "\u{feff}sep=;\r\n",
    ] {
        let text = format!("{start}film;grade\r\nA, B, C;4/5\r\n");
        let table = table("list.csv", text.as_bytes());
        assert_eq!(table.header(), ["film", "grade"]);
        assert_eq!(
            rows(&table),
            [(3, vec!["A, B, C".to_owned(), "4/5".to_owned()])]
        );
    }
    let text = "sep=,\nfilm;x,grade\nA;y,B\n";
    assert_eq!(
        table("list.csv", text.as_bytes()).header(),
        ["film;x", "grade"]
    );
}

#[test]
fn the_given_delimiter_is_taken() {
    let options = TableOptions {
        delimiter: Some(b';'),
        ..TableOptions::default()
    };
    let tables = open_with("list.csv", b"a,b;c\n1,2;3\n", &options).expect("a table");
    assert_eq!(tables.tables[0].header(), ["a,b", "c"]);
}

#[test]
fn blank_rows_before_the_header_and_between_rows_are_skipped() {
    let table = table("list.csv", b"\n;;\nfilm;year;\n;;\nA;2021;\n\n \nB;1998;\n");
    assert_eq!(table.header(), ["film", "year", ""]);
    let lines: Vec<u64> = rows(&table).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [5, 8]);
}

#[test]
fn data_in_place_of_the_header_is_refused() {
    let text = "Соляная книга,The Amber Tide,2021,9\n";
    assert_eq!(
        error("list.csv", text.as_bytes()),
        "line 1 has no names of columns, but data (2021, 9); add a line with the names of the columns above it, or pass \
         --no-header"
    );
    let table = without_header(text.as_bytes());
    assert_eq!(
        table.header(),
        ["column_1", "column_2", "column_3", "column_4"]
    );
    assert_eq!(
        cells(&table),
        [["Соляная книга", "The Amber Tide", "2021", "9"]]
    );
    assert_eq!(rows(&without_header(b"sep=;\n\na;1\nb;2\n"))[0].0, 3);
}

#[test]
fn a_row_of_another_width_is_an_error_after_which_rows_follow() {
    let table = table("list.csv", b"a,b\n1,2\n3\n4,5\n");
    assert_eq!(
        pass(&table).expect_err("an error"),
        "line 3 has 1 field, the header has 2"
    );
    let mut rows = table.rows().expect("rows");
    assert!(rows.next_row().expect("a row").is_some());
    assert!(rows.next_row().is_err());
    let row = rows.next_row().expect("no error").expect("a row");
    assert_eq!(row.cells().collect::<Vec<_>>(), ["4", "5"]);
}

#[test]
fn an_unclosed_quotation_mark_ends_the_rows() {
    let table = table("list.csv", b"a,b\n1,2\n3,\"4\n");
    let mut rows = table.rows().expect("rows");
    assert!(rows.next_row().expect("a row").is_some());
    assert!(rows.next_row().is_err());
    assert!(rows.next_row().expect("the end").is_none());
}

#[test]
fn files_without_a_text_are_refused() {
    assert_eq!(error("list.csv", b""), "the file is empty");
    assert_eq!(
        error("list.csv", b"\n;;\n"),
        "it has no row with a text in it"
    );
}

#[test]
fn other_encodings_are_read_and_named() {
    let text =
        "Const;Titel\r\nt1;Schöne Grüße\r\nt2;Der Zögling\r\nt3;Über Mühlen\r\nt4;Süße Äpfel\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let table = table("list.csv", &bytes);
    assert_eq!(
        table.form().to_string(),
        "CSV separated by semicolons, windows-1252 (detected)"
    );
    assert_eq!(cells(&table)[0], ["t1", "Schöne Grüße"]);
    let options = TableOptions {
        encoding: Some("iso-8859-2".parse().expect("an encoding")),
        ..TableOptions::default()
    };
    let tables = open_with("list.csv", b"film,x\n\xC8as,1\n", &options).expect("a table");
    assert_eq!(cells(&tables.tables[0]), [["Čas", "1"]]);
}

#[test]
fn compressed_files_are_read_twice_and_named() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"film,grade\nA,B+\n").expect("written");
    let table = table("list.csv", &encoder.finish().expect("written"));
    assert_eq!(
        table.form().to_string(),
        "CSV separated by commas, UTF-8, gzip"
    );
    assert_eq!(cells(&table), [["A", "B+"]]);
    let progress = table.progress();
    assert_eq!(Some(progress.bytes_read()), progress.bytes_total());
}

#[test]
fn passes_at_the_same_time_do_not_disturb_each_other() {
    let table = table("list.csv", b"a,b\n1,2\n3,4\n");
    let (mut one, mut other) = (table.rows().expect("rows"), table.rows().expect("rows"));
    for _ in 0..2 {
        let line = one.next_row().expect("a row").map(|row| row.line);
        assert_eq!(other.next_row().expect("a row").map(|row| row.line), line);
    }
}

#[test]
fn a_title_above_the_names_hides_no_delimiter() {
    for text in [
        "Reviews of the spring\n\nTitle;Year;Critic\nA;2021;Ann\n",
        "Reviews, spring, all\nof 2021\nTitle;Year;Critic;Date\nA;2021;Ann;\n",
        "\"Reviews; all of them\"\nTitle\tYear\tCritic\nA\t2021\tAnn\n",
    ] {
        let table = table("list.csv", text.as_bytes());
        assert_eq!(table.header()[..3], ["Title", "Year", "Critic"], "{text}");
        assert_eq!(cells(&table)[0][..3], ["A", "2021", "Ann"], "{text}");
        assert!(table.form().header_line().is_some(), "{text}");
    }
}
