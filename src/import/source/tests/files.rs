//! Files on the disk, and I/O errors.

use std::{
    fs,
    io::{self, Cursor, ErrorKind, Read},
    path::Path,
};

use tempfile::tempdir;

use super::{FnReader, Options, Source, lines_of};

#[test]
fn a_file_is_read_with_its_progress() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("rows.jsonl");
    fs::write(&path, "{}\n".repeat(100_000)).expect("a file");
    let source = Source::open(&path, Options::default()).expect("a file");
    let progress = source.progress();
    assert_eq!(progress.bytes_total(), Some(300_000));
    assert!(progress.bytes_read() < 10);
    assert_eq!(lines_of(Ok(source)).rows.len(), 100_000);
    assert_eq!(progress.bytes_read(), 300_000);
}

#[test]
fn a_source_that_is_not_a_file_has_no_size() {
    let source = Source::from_reader(io::empty(), Options::default()).expect("nothing");
    assert_eq!(source.progress().bytes_total(), None);
    assert_eq!(lines_of(Ok(source)).rows, []);
    let source = Source::open(Path::new("/dev/null"), Options::default()).expect("nothing");
    assert_eq!(source.progress().bytes_total(), None);
}

#[test]
fn a_missing_file_and_a_directory_are_errors() {
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("rows.jsonl");
    assert_eq!(
        lines_of(Source::open(&path, Options::default())).error,
        Some("can't be opened: No such file or directory (os error 2)".to_owned())
    );
    assert_eq!(
        lines_of(Source::open(directory.path(), Options::default())).error,
        Some("can't be read: Is a directory (os error 21)".to_owned())
    );
}

#[test]
fn an_io_error_is_reported_as_such_for_any_kind_of_file() {
    let gzip: &[u8] = &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    let zstd: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD, 4];
    for (start, encoding) in [
        (gzip, "utf-8"),
        (zstd, "utf-8"),
        (b"{ }\n", "utf-8"),
        (b"{ }\n", "shift_jis"),
    ] {
        let failing =
            FnReader::new(|_| Err(io::Error::new(ErrorKind::UnexpectedEof, "disk fault")));
        let reader = Cursor::new(start.to_vec()).chain(failing);
        let result = lines_of(Source::from_reader(reader, super::options(encoding)));
        assert_eq!(
            result.error.as_deref(),
            Some("can't be read: disk fault"),
            "{start:?}"
        );
        let rows = usize::from(start.starts_with(b"{"));
        assert_eq!(
            result.rows.len(),
            rows,
            "the rows before the error are read"
        );
    }
}

#[test]
fn an_interrupted_read_is_retried() {
    let mut calls = 0;
    let mut bytes = Cursor::new("1\n2\n3\n");
    let reader = FnReader::new(move |buffer| {
        calls += 1;
        if calls % 2 == 1 {
            return Err(ErrorKind::Interrupted.into());
        }
        bytes.by_ref().take(2).read(buffer)
    });
    let result = lines_of(Source::from_reader(reader, Options::default()));
    assert_eq!((result.rows.len(), result.error), (3, None));
}
