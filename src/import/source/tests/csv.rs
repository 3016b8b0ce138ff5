//! Tests of text as CSV.

use std::io::{Cursor, Read};

use super::{Options, Source, csv_error, records_of, repeated, source};

const MIB: usize = 1024 * 1024;

/// Returns the rows of a valid text, with their fields joined by `|`.
fn rows(text: &str) -> Vec<(u64, String)> {
    let result = records_of(source(text), b',');
    assert_eq!(result.error, None);
    let joined = |(line, fields): &(u64, Vec<String>)| (*line, fields.join("|"));
    result.rows.iter().map(joined).collect()
}

fn owned(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
    rows.iter()
        .map(|(line, row)| (*line, (*row).to_owned()))
        .collect()
}

#[test]
fn a_row_has_the_number_of_its_first_line() {
    assert_eq!(
        rows("a,b\r\n1,\"x\r\ny\nz\"\n\r\n\n2,\"\"\r3,4"),
        owned(&[(1, "a|b"), (2, "1|x\r\ny\nz"), (7, "2|"), (8, "3|4")])
    );
}

#[test]
fn quotes_in_the_middle_of_a_field_are_text() {
    assert_eq!(
        rows("a,b\n5\" disc,the \"best\"\n\"say \"\"so\"\"\",\"x\"y\n"),
        owned(&[
            (1, "a|b"),
            (2, "5\" disc|the \"best\""),
            (3, "say \"so\"|xy")
        ])
    );
    let result = records_of(source("a,b\n1,2\""), b',');
    assert_eq!((result.rows.len(), result.error), (2, None));
}

#[test]
fn the_rows_after_a_row_with_a_wrong_number_of_fields_are_read() {
    let header = vec!["h"; 16].join(",");
    let text = format!(
        "{header}\n\n\"{}\n\n\"\n\n1,2,3,4,5\n{header}\n",
        "x,".repeat(15)
    );
    assert_eq!(csv_error(text), "line 3 has 1 field, the header has 16");
    let text = format!("{header}\n{header}\n\n\n\n\n1,2,3,4,5\n{header}\n");
    let result = records_of(source(text), b',');
    assert_eq!(
        result.error.as_deref(),
        Some("line 7 has 5 fields, the header has 16")
    );
    let lines: Vec<_> = result.rows.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 8]);
}

#[test]
fn a_file_that_ends_inside_a_quoted_field_is_an_error() {
    for text in [
        "a,b\n1,2\n3,\"4\n5,6\n7,8\n",
        "a,b\n1,2\n3,\"",
        "a,b\n1,2\n3,\"4\"\"",
        "a,b\n1,2\n\"\n",
    ] {
        assert_eq!(
            csv_error(text),
            "the file ends inside a quoted field that began in the row of line 3",
            "{text}"
        );
    }
    assert_eq!(
        csv_error("\"a"),
        "the file ends inside a quoted field that began in the row of line 1"
    );
}

#[test]
fn a_last_row_without_a_line_break_is_reported() {
    for (text, expected) in [
        ("a,b\n1,2", true),
        ("a,b\n1,\"2\"", true),
        ("a,b\n1,", true),
        ("a,b", true),
        ("a,b\n1,2\n", false),
        ("a,b\n1,2\r", false),
        ("a,b\n1,2\r\n\r\n", false),
    ] {
        let result = records_of(source(text), b',');
        assert_eq!(result.error, None);
        assert_eq!(result.ends_without_line_break, expected, "{text:?}");
    }
}

#[test]
fn a_file_without_a_header_is_an_error() {
    for text in ["", "\u{feff}"] {
        assert_eq!(csv_error(text), "the file is empty");
    }
    for text in [
        "\n",
        "\r\n\r\n",
        "\na,b\n1,2\n",
        "\r\na,b\r\n",
        ",,\n1,2,3\n",
        "\"\"\n",
        " , \n",
    ] {
        assert_eq!(
            csv_error(text),
            "line 1 is blank, but the header must be there",
            "{text:?}"
        );
    }
}

#[test]
fn a_second_byte_order_mark_is_text() {
    let text = "\u{feff}\u{feff}a,b\n";
    assert_eq!(rows(text), owned(&[(1, "\u{feff}a|b")]));
}

#[test]
fn any_ascii_character_without_another_meaning_may_be_the_delimiter() {
    let result = records_of(source("a;b\n1,5;2\n"), b';');
    assert_eq!(result.rows[1].1, ["1,5", "2"]);
    for (delimiter, expected) in [
        (
            b'"',
            "'\"' can't be a delimiter; use another ASCII character",
        ),
        (
            b'\n',
            "'\\n' can't be a delimiter; use another ASCII character",
        ),
        (
            0xC3,
            "'Ã' can't be a delimiter; use another ASCII character",
        ),
    ] {
        let result = records_of(source("a,b\n"), delimiter);
        assert_eq!(result.error.as_deref(), Some(expected));
    }
}

#[test]
fn a_row_may_have_at_most_1_mib() {
    for end in ["", "\n", "\r\n"] {
        let field = "x".repeat(MIB - 2);
        let result = records_of(source(format!("a,b\n1,{field}{end}")), b',');
        assert_eq!(result.error, None);
        assert_eq!(result.rows[1], (2, vec!["1".to_owned(), field.clone()]));
        assert_eq!(
            csv_error(format!("a,b\n\n1,x{field}{end}")),
            "the row that begins in line 3 is longer than 1 MiB; \
             it may have an unclosed quotation mark"
        );
    }
}

#[test]
fn an_endless_row_is_not_read_to_its_end() {
    for piece in ["x", ",", "x\n"] {
        let start = Cursor::new("a,b\n1,\"x\n\"\n2,\"");
        let reader = start.chain(repeated(piece, 50 * MIB));
        let source = Source::from_reader(reader, Options::default()).expect("a start");
        let progress = source.progress();
        let result = records_of(Ok(source), b',');
        assert_eq!(result.rows.len(), 2);
        let error = result.error.expect("an error");
        assert!(error.starts_with("the row that begins in line 4 is longer than 1 MiB"));
        assert!(progress.bytes_read() < 3 * 512 * 1024);
    }
}
