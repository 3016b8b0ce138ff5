//! Tests of text as lines.

use super::{Options, ReadResult, Source, line_error, lines_of, repeated, source};

const MIB: usize = 1024 * 1024;

fn result(rows: &[(u64, &str)], ends_without_line_break: bool) -> ReadResult<String> {
    ReadResult {
        rows: rows
            .iter()
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect(),
        error: None,
        ends_without_line_break,
    }
}

#[test]
fn lines_with_any_line_ending_are_numbered_and_blank_lines_are_skipped() {
    assert_eq!(
        lines_of(source("1\n\r\n \t\n 4 \r\n5\r6\n\n8\n")),
        result(&[(1, "1"), (4, " 4 "), (5, "5"), (6, "6"), (8, "8")], false)
    );
}

#[test]
fn a_last_line_without_a_line_break_is_reported() {
    assert_eq!(
        lines_of(source("1\n2")),
        result(&[(1, "1"), (2, "2")], true)
    );
    assert_eq!(
        lines_of(source("1\n2\r")),
        result(&[(1, "1"), (2, "2")], false)
    );
    assert_eq!(lines_of(source("1\n  ")), result(&[(1, "1")], false));
    assert_eq!(lines_of(source("")), result(&[], false));
}

#[test]
fn a_line_may_have_at_most_1_mib() {
    for end in ["", "\n", "\r\n"] {
        let line = "x".repeat(MIB);
        let text = format!("1\n{line}{end}");
        assert_eq!(lines_of(source(text)).rows[1], (2, line));
        let text = format!("1\n\n{}{end}", "x".repeat(MIB + 1));
        assert_eq!(line_error(text), "line 3 is longer than 1 MiB");
    }
}

#[test]
fn a_file_without_line_breaks_is_not_read_to_its_end() {
    let reader = repeated("x", 50 * MIB);
    let source = Source::from_reader(reader, Options::default()).expect("a start");
    let progress = source.progress();
    let result = lines_of(Ok(source));
    assert_eq!(result.error.as_deref(), Some("line 1 is longer than 1 MiB"));
    assert!(progress.bytes_read() < 3 * 512 * 1024);
}
