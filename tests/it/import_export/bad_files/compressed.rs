//! Truncated, damaged and hostile files: their memory stays bounded.

use std::{
    fs::File,
    io::{BufWriter, Write},
    thread,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};

use super::{MOVIES, rejection};
use crate::{
    import_export::{NO_ROWS, Workspace},
    support::program::{CommandResult, Program},
};

/// The maximum memory of an import in bytes.
const MAX_MEMORY: u64 = 300 << 20;

#[test]
fn truncated_and_damaged_gzip_files_are_rejected() {
    let workspace = Workspace::empty();
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
        let result = workspace.import("rows.csv.gz", &bytes, &[]);
        let error = rejection(&workspace, &result);
        assert!(
            error.starts_with(&format!("error: rows.csv.gz: {reason}")),
            "{error}"
        );
    }
    // The checksum detects damage although every row is readable.
    workspace.import("rows.csv.gz", &whole, &[]).output();
}

/// Waits until a program exits. Returns its peak memory in bytes, or 0 on systems that don't report it.
fn wait_with_peak_memory(mut program: Program) -> (CommandResult, u64) {
    let mut peak = 0;
    while !program.has_ended() {
        peak = peak.max(program.peak_memory().unwrap_or_default());
        thread::sleep(Duration::from_millis(1));
    }
    (program.wait(), peak)
}

/// Fifty megabytes without a line break are rejected long before they are all read.
#[test]
fn fifty_megabytes_in_one_line_are_rejected_in_bounded_memory() {
    const LENGTH: usize = 50 << 20;
    let workspace = Workspace::empty();
    workspace.write("movies.csv", MOVIES);
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
            "{\"film\": \"Lantern\", \"quote\": \"Bright.\"}\n{\"film\": \"",
            "line 2 is longer than 1 MiB",
        ),
        (
            "rt",
            "reviewId,movieId,quote\nr1,m1,\"",
            "the row that begins in line 2 is longer than 1 MiB",
        ),
    ] {
        let mut file = BufWriter::new(File::create(workspace.path("long")).unwrap());
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
        let (result, memory) =
            wait_with_peak_memory(Program::start(workspace.command(&line), None));
        let error = result.error();
        assert!(
            error.starts_with("error: long: ")
                && error.contains(reason.trim_start_matches("line 1 ")),
            "{error}"
        );
        assert!(memory < MAX_MEMORY, "{format}: {memory}");
        assert_eq!(workspace.counts(), NO_ROWS);
    }
}

/// Hundreds of megabytes of blank lines, of blanks in one line, and of NUL.
#[test]
fn a_gzip_bomb_is_rejected_in_bounded_memory() {
    const EXPANDS: &str =
        "the gzip data expands to more than 250 times its size, which no list of reviews does: ";
    let workspace = Workspace::empty();
    let blanks = " ".repeat(60_000);
    let (blank_line, blank_row) = (format!("{blanks}\n"), format!(",{blanks}\n"));
    for (format, head, piece, reason) in [
        ("csv", "film,critic\n", blank_row.as_str(), EXPANDS),
        (
            "jsonl",
            "{\"film\": \"Lantern\", \"quote\": \"Bright.\"}\n",
            blank_line.as_str(),
            EXPANDS,
        ),
        (
            "csv",
            "film,critic\n",
            " ",
            "the row that begins in line 2 is longer than 1 MiB",
        ),
        ("jsonl", "", "\0", "byte 1 in line 1 is NUL"),
    ] {
        workspace.write("bomb.gz", bomb(head, piece));
        let command = workspace.command(&["import", format, "bomb.gz"]);
        let (result, memory) = wait_with_peak_memory(Program::start(command, None));
        let error = rejection(&workspace, &result);
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

/// Overwrites some bytes in the middle.
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
