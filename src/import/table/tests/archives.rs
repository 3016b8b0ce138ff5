//! ZIP archives and the guards against bombs.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{cells, error, open, zip};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("written")
}

#[test]
fn each_file_of_an_archive_is_a_table() {
    let bytes = zip(&[
        ("reviews.csv", b"film;grade\nA;B+\n"),
        ("lists/../../films.json", b"[{\"film\": \"A\"}]"),
        ("more/diary.csv.gz", &gzip(b"film,day\nA,2021-03-06\n")),
        ("README.md", b"About this list."),
        ("poster.jpg", b"\xFF\xD8\xFF"),
        ("__MACOSX/._reviews.csv", b"\0\x05\x16\x07"),
        (".DS_Store", b"\0\0\0\x01Bud1"),
        ("likes.csv", b""),
    ]);
    let opened = open("export.zip", &bytes).expect("tables");
    let names: Vec<&str> = opened
        .tables
        .iter()
        .map(|table| {
            table
                .name()
                .rsplit_once("export.zip")
                .expect("the archive")
                .1
        })
        .collect();
    assert_eq!(
        names,
        [
            "/reviews.csv",
            "/lists/../../films.json",
            "/more/diary.csv.gz"
        ]
    );
    assert_eq!(cells(&opened.tables[0]), [["A", "B+"]]);
    assert_eq!(cells(&opened.tables[2]), [["A", "2021-03-06"]]);
    assert!(opened.tables[2].form().to_string().ends_with("gzip"));
    let reasons: Vec<&str> = opened
        .skipped
        .iter()
        .map(|skipped| skipped.reason)
        .collect();
    assert_eq!(
        reasons,
        [
            "its name is not that of a list",
            "its name is not that of a list",
            "it is a hidden file",
            "it is a hidden file",
            "it is empty"
        ]
    );
}

#[test]
fn an_error_names_the_file_in_the_archive() {
    let bytes = zip(&[("a.csv", b"film,year\nA,1\n"), ("b.json", b"[{\"a\" 1}]")]);
    let text = error("export.zip", &bytes);
    assert!(text.starts_with("b.json: line 1: not JSON"), "{text}");
}

#[test]
fn archives_inside_archives_are_refused() {
    let inner = zip(&[("a.csv", b"film,year\nA,1\n")]);
    for bytes in [
        zip(&[("inner.zip", &inner)]),
        gzip(&inner),
        zip(&[("list.xlsx", &inner)]),
    ] {
        let text = error("export.zip", &bytes);
        assert!(text.contains("inside an archive; extract it"), "{text}");
    }
}

#[test]
fn an_archive_without_a_list_is_refused_with_the_reasons() {
    let text = error("export.zip", &zip(&[("poster.jpg", b"\xFF\xD8\xFF")]));
    assert!(
        text.contains("poster.jpg is not read, because its name is not that of a list"),
        "{text}"
    );
}

#[test]
fn a_bomb_is_stopped() {
    let zeros = vec![b'0'; 100_000_000];
    let text = error("export.zip", &zip(&[("a.csv", &zeros)]));
    assert!(
        text.contains("expands to more than 250 times its size"),
        "{text}"
    );
}

#[test]
fn files_that_share_their_bomb_are_stopped_together() {
    let zeros = [b"a,b\n".as_slice(), &vec![b'0'; 50_000_000]].concat();
    let bytes = zip(&[("a.csv", &zeros), ("b.csv", &zeros)]);
    let text = error("export.zip", &bytes);
    assert!(text.contains("expands to more than 250 times"), "{text}");
}

#[test]
fn truncated_and_damaged_archives_are_refused() {
    let bytes = zip(&[("a.csv", b"film,year\nA,1\n")]);
    for length in 4..bytes.len() {
        let text = error("export.zip", &bytes[..length]);
        assert!(text.contains("ZIP"), "{text}");
    }
}
