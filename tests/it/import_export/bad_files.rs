//! Invalid files: each is rejected in one line that names the file, the line and the reason. Memory stays bounded, and
//! nothing is stored.

use std::{
    fs::File,
    io::{BufWriter, Write},
    thread,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};

use super::{NO_ROWS, Workspace, import_error};
use crate::support::program::{CommandResult, Program};

/// The maximum memory of an import in bytes.
const MAX_MEMORY: u64 = 300 << 20;

const MOVIES: &str = "movieId,movieTitle,movieYear\nm1,Lantern,2001\n";
const REVIEWS: &str = "reviewId,movieId,criticName,quote\nr1,m1,Ann Lee,Bright.\n";

/// Returns the error of an import that is rejected in one line, and asserts that nothing was stored.
fn rejection(trial: &Workspace, done: &CommandResult) -> String {
    assert_eq!(trial.counts(), NO_ROWS, "{done:?}");
    done.error().to_owned()
}

/// Imports a file called "bad" in one of the formats. For Rotten Tomatoes, it is the list of films or of reviews.
fn import(trial: &Workspace, format: &str, bytes: impl AsRef<[u8]>) -> CommandResult {
    trial.write("bad", bytes);
    trial.write("movies.csv", MOVIES);
    trial.write("reviews.csv", REVIEWS);
    let line: &[&str] = match format {
        "rt films" => &["import", "rt", "--films", "bad", "--reviews", "reviews.csv"],
        "rt reviews" => &["import", "rt", "--films", "movies.csv", "--reviews", "bad"],
        _ => &["import", format, "bad"],
    };
    trial.run(line)
}

#[test]
fn a_missing_file_and_a_directory_are_named() {
    let trial = Workspace::empty();
    std::fs::create_dir(trial.path("folder")).unwrap();
    trial.write("movies.csv", MOVIES);
    for (file, reason) in [("missing", "No such file"), ("folder", "Is a directory")] {
        for line in [
            &["import", "csv", file][..],
            &["import", "jsonl", file],
            &["import", "rt", "--films", file, "--reviews", "movies.csv"],
            &["import", "rt", "--films", "movies.csv", "--reviews", file],
        ] {
            let done = trial.run(line);
            let error = done.error();
            assert!(
                error.starts_with(&format!("error: {file}: can't be ")),
                "{error}"
            );
            assert!(error.contains(reason), "{error}");
        }
    }
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn an_empty_file_has_no_header() {
    let trial = Workspace::empty();
    for format in ["csv", "rt films", "rt reviews"] {
        for (text, reason) in [
            ("", "the file is empty"),
            ("\n\n", "line 1 is blank, but the header must be there"),
            (
                " , \n1,2\n",
                "line 1 is blank, but the header must be there",
            ),
        ] {
            let done = import(&trial, format, text);
            assert_eq!(rejection(&trial, &done), format!("error: bad: {reason}"));
        }
    }
    // JSON Lines have no header.
    for text in ["", "\n \n"] {
        assert!(
            import(&trial, "jsonl", text)
                .output()
                .ends_with("nothing changed\n")
        );
    }
}

#[test]
fn nul_and_invalid_utf_8_are_reported_with_line_and_byte() {
    let trial = Workspace::empty();
    for (format, good) in [
        ("rt films", MOVIES),
        ("rt reviews", REVIEWS),
        ("csv", "film,quote\nLantern,Bright.\n"),
        ("jsonl", "{\"film\": \"Lantern\"}\n{\"film\": \"Quay\"}\n"),
    ] {
        for (byte, reason) in [
            (0, "NUL, so this is not text; nothing was stored"),
            (
                0xFF,
                "not UTF-8 (0xFF); pass --encoding windows-1252 if the file is in that encoding; nothing was stored",
            ),
        ] {
            let done = import(
                &trial,
                format,
                [good.as_bytes(), b"Lan", &[byte], b"tern\n"].concat(),
            );
            let expected = format!("error: bad: byte {} in line 3 is {reason}", good.len() + 4);
            assert_eq!(rejection(&trial, &done), expected, "{format}");
        }
    }
}

#[test]
fn utf_16_is_rejected_unless_the_encoding_is_given() {
    let trial = Workspace::empty();
    let text: Vec<u8> = "\u{feff}film,critic\nLantern,Ann Lee\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let done = trial.import("rows.csv", &text, &[]);
    assert!(
        done.error().contains("byte 1 in line 1 is not UTF-8"),
        "{done:?}"
    );
    assert!(done.error().contains("--encoding utf-16le"), "{done:?}");
    trial
        .import("rows.csv", &text, &["--encoding", "utf-16le"])
        .output();
    assert_eq!(trial.rows("slug FROM film"), ["(lantern)"]);
}

#[test]
fn a_truncated_file_is_rejected_with_its_last_line() {
    let trial = Workspace::empty();
    for (format, text, reason) in [
        (
            "csv",
            "film,critic,quote\nLantern,Ann Lee,Bright.\nLantern,Bo",
            "bad, line 3: the whole row: line 3 has 2 fields, the header has 3",
        ),
        (
            "csv",
            "film,critic,quote\nLantern,Ann Lee,Bright.\nLantern,Bo Marsh,\"Dim,\nand",
            "bad: the file ends inside a quoted field that began in the row of line 3; nothing was stored",
        ),
        (
            "jsonl",
            "{\"film\": \"Lantern\"}\n{\"film\": \"Lan",
            "bad, line 2: the whole row: not a JSON object: EOF while parsing a string, at character 13, \
             and an object must end on its own line",
        ),
        (
            "rt films",
            "movieId,movieTitle\nm1,Lantern\nm2",
            "bad, line 3: the whole row: line 3 has 1 field, the header has 2",
        ),
        (
            "rt reviews",
            "reviewId,movieId,quote\nr1,m1,Bright.\nr2,m1,\"Di",
            "bad: the file ends inside a quoted field that began in the row of line 3; nothing was stored",
        ),
    ] {
        let done = import(&trial, format, text);
        let error = import_error(&done);
        assert!(error.ends_with(reason), "{format}: {error}");
        assert_eq!(trial.counts(), NO_ROWS);
    }
}

#[test]
fn a_missing_header_or_wrong_delimiter_is_reported_with_what_is_expected() {
    let trial = Workspace::empty();
    for (format, text, parts) in [
        (
            "csv",
            "Lantern,Ann Lee,80\nLantern,Bo Marsh,70\n",
            &["bad: line 1: the header has no known column", "film_slug"][..],
        ),
        (
            "csv",
            "film;critic\nLantern;Ann Lee\n",
            &[
                "bad: line 1: the header is a single field that contains ';'",
                "--delimiter",
            ],
        ),
        (
            "csv",
            "critic,score\nAnn Lee,80\n",
            &["bad: line 1: the header has neither film nor film_slug"],
        ),
        (
            "csv",
            "film,title\nLantern,Lantern\n",
            &["bad: line 1: the header's \"film\" and \"title\" both mean film"],
        ),
        (
            "jsonl",
            "film,critic\nLantern,Ann Lee\n",
            &["bad, line 1: the whole row: not a JSON object"],
        ),
        (
            "jsonl",
            "[{\"film\": \"Lantern\"}]\n",
            &["bad, line 1: the whole row: not a JSON object: invalid type: sequence"],
        ),
        (
            "rt films",
            "m1,Lantern,2001\n",
            &["bad: ", "line 1", "no column \"movieId\"", "\"Lantern\""],
        ),
        (
            "rt reviews",
            "reviewId;movieId\nr1;m1\n",
            &[
                "bad: ",
                "line 1",
                "no column \"reviewId\"",
                "\"reviewId;movieId\"",
            ],
        ),
        (
            "rt reviews",
            "reviewId,movieId,movieid\nr1,m1,m1\n",
            &["bad: ", "line 1", "\"movieId\" twice"],
        ),
        // Either list in the place of the other.
        (
            "rt films",
            REVIEWS,
            &["bad: ", "line 1", "no column \"movieTitle\""],
        ),
    ] {
        let done = import(&trial, format, text);
        let error = import_error(&done);
        for part in parts {
            assert!(error.contains(part), "{format}: no {part:?} in {error}");
        }
        assert_eq!(trial.counts(), NO_ROWS);
    }
}

#[test]
fn truncated_and_damaged_gzip_files_are_rejected() {
    let trial = Workspace::empty();
    let rows = (0..500).map(|number| format!("Lantern,Critic {number},{}\n", number * 7919 % 101));
    let text = format!("film,critic,score\n{}", rows.collect::<String>());
    let whole = gzip(text.as_bytes());
    for (bytes, reason) in [
        (
            whole[..whole.len() - 20].to_vec(),
            "the gzip data ends too early: the file is truncated",
        ),
        (damaged(&whole), "the gzip data is damaged: "),
        (
            {
                let zst = zstd::encode_all(text.as_bytes(), 3).unwrap();
                zst[..zst.len() - 5].to_vec()
            },
            "the zstd data ends too early: the file is truncated",
        ),
    ] {
        let done = trial.import("rows.csv.gz", &bytes, &[]);
        let error = rejection(&trial, &done);
        assert!(
            error.starts_with(&format!("error: rows.csv.gz: {reason}")),
            "{error}"
        );
    }
    // The checksum detects damage although every row is readable.
    trial.import("rows.csv.gz", &whole, &[]).output();
}

/// Waits until a program exits. Returns its peak memory in bytes, or 0 on systems that don't report it.
fn wait_with_peak_memory(mut program: Program) -> (CommandResult, u64) {
    let mut most = 0;
    while !program.has_ended() {
        most = most.max(program.peak_memory().unwrap_or_default());
        thread::sleep(Duration::from_millis(1));
    }
    (program.wait(), most)
}

/// Fifty megabytes without a line break are rejected long before they are all read.
#[test]
fn fifty_megabytes_in_one_line_are_rejected_in_bounded_memory() {
    const LENGTH: usize = 50 << 20;
    let trial = Workspace::empty();
    trial.write("movies.csv", MOVIES);
    for (format, start, reason) in [
        ("csv", "", "line 1 is longer than 1 MiB"),
        (
            "csv",
            "film,quote\nLantern,Bright.\nLantern,\"",
            "the row that begins in line 3 is longer than 1 MiB; it may have an unclosed quotation mark",
        ),
        (
            "csv",
            "film,quote\nLantern,",
            "the row that begins in line 2 is longer than 1 MiB",
        ),
        (
            "jsonl",
            "{\"film\": \"Lantern\"}\n{\"film\": \"",
            "line 2 is longer than 1 MiB",
        ),
        (
            "rt",
            "reviewId,movieId,quote\nr1,m1,\"",
            "the row that begins in line 2 is longer than 1 MiB",
        ),
    ] {
        let mut file = BufWriter::new(File::create(trial.path("long")).unwrap());
        file.write_all(start.as_bytes()).unwrap();
        let chunk = "long, ".repeat(1 << 15);
        for _ in 0..LENGTH / chunk.len() {
            file.write_all(chunk.as_bytes()).unwrap();
        }
        file.into_inner().unwrap();
        let line = match format {
            "rt" => vec!["import", "rt", "--films", "movies.csv", "--reviews", "long"],
            _ => vec!["import", format, "long"],
        };
        let (done, memory) = wait_with_peak_memory(Program::start(trial.command(&line), None));
        let error = done.error();
        assert!(
            error.starts_with("error: long: ")
                && error.contains(reason.trim_start_matches("line 1 ")),
            "{error}"
        );
        assert!(memory < MAX_MEMORY, "{format}: {memory}");
        assert_eq!(trial.counts(), NO_ROWS);
    }
}

/// Hundreds of megabytes of blank lines, of blanks in one line, and of NUL.
#[test]
fn a_gzip_bomb_is_rejected_in_bounded_memory() {
    const GROWS: &str =
        "the gzip data expands to more than 250 times its size, which no list of reviews does: ";
    let trial = Workspace::empty();
    let blanks = " ".repeat(60_000);
    let (blank_line, blank_row) = (format!("{blanks}\n"), format!(",{blanks}\n"));
    for (format, head, piece, reason) in [
        ("csv", "film,critic\n", blank_row.as_str(), GROWS),
        (
            "jsonl",
            "{\"film\": \"Lantern\"}\n",
            blank_line.as_str(),
            GROWS,
        ),
        (
            "csv",
            "film,critic\n",
            " ",
            "the row that begins in line 2 is longer than 1 MiB",
        ),
        ("jsonl", "", "\0", "byte 1 in line 1 is NUL"),
    ] {
        trial.write("bomb.gz", bomb(head, piece));
        let command = trial.command(&["import", format, "bomb.gz"]);
        let (done, memory) = wait_with_peak_memory(Program::start(command, None));
        let error = rejection(&trial, &done);
        assert!(
            error.starts_with(&format!("error: bomb.gz: {reason}")),
            "{error}"
        );
        assert!(memory < MAX_MEMORY, "{piece:?}: {memory}");
    }
}

/// Returns a gzip file that expands to 200 megabytes. The repeated block is compressed once.
fn bomb(head: &str, piece: &str) -> Vec<u8> {
    let mut bytes = gzip(head.as_bytes());
    let member = gzip(piece.repeat((10 << 20) / piece.len()).as_bytes());
    for _ in 0..20 {
        bytes.extend_from_slice(&member);
    }
    bytes
}

fn damaged(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0xA5);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
