//! Compressed files, valid and corrupt.

use std::io::{self, Read, Write};

use flate2::{Compression, write::GzEncoder};

use super::{Options, Source, fn_reader::in_chunks, line_error, lines_of, repeated, source};

const MIB: usize = 1024 * 1024;

fn gzip(mut plain: impl Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    io::copy(&mut plain, &mut encoder).expect("written");
    encoder.finish().expect("written")
}

fn zstd(plain: impl Read) -> Vec<u8> {
    zstd::encode_all(plain, 1).expect("written")
}

/// Returns some lines that do not compress well.
fn lines() -> Vec<u8> {
    let mut lines = Vec::new();
    for number in 0..2_000_u32 {
        let hash = number.wrapping_mul(2_654_435_761);
        writeln!(lines, "{number} {hash}").expect("written");
    }
    lines
}

#[test]
fn compressed_files_are_read_in_chunks_of_any_size() {
    let plain = lines_of(source(lines()));
    assert_eq!(plain.rows.len(), 2_000);
    for bytes in [gzip(&lines()[..]), zstd(&lines()[..])] {
        for sizes in [vec![1], vec![3, 1, 7], vec![usize::MAX]] {
            let reader = in_chunks(bytes.clone(), sizes);
            let source = Source::from_reader(reader, Options::default());
            assert_eq!(lines_of(source), plain);
        }
    }
}

#[test]
fn several_compressed_members_are_one_text() {
    let skipped = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
    for bytes in [
        [gzip(&b"a\nb"[..]), gzip(&b""[..]), gzip(&b"c\nd\n"[..])].concat(),
        [zstd(&b"a\nb"[..]), zstd(&b""[..]), zstd(&b"c\nd\n"[..])].concat(),
        [&skipped[..], &zstd(&b"a\nbc\nd\n"[..])].concat(),
    ] {
        let result = lines_of(source(bytes));
        let texts: Vec<_> = result.rows.iter().map(|(_, text)| &text[..]).collect();
        assert_eq!((texts, result.error), (vec!["a", "bc", "d"], None));
    }
}

#[test]
fn a_file_truncated_anywhere_is_an_error() {
    let text = &lines()[..300];
    for (bytes, name, magic) in [(gzip(text), "gzip", 2), (zstd(text), "zstd", 4)] {
        for length in magic..bytes.len() {
            assert_eq!(
                line_error(&bytes[..length]),
                format!("the {name} data ends too early: the file is truncated"),
                "at byte {length}"
            );
        }
    }
}

#[test]
fn a_corrupt_file_is_an_error() {
    let mut bytes = gzip(&lines()[..]);
    let end = bytes.len() - 8;
    bytes[end] ^= 1;
    assert_eq!(
        line_error(bytes),
        "the gzip data is damaged: corrupt gzip stream does not have a matching checksum"
    );
    let bytes = [gzip(&lines()[..]), b"and some more".to_vec()].concat();
    assert_eq!(
        line_error(bytes),
        "the gzip data is damaged: invalid gzip header"
    );
    let mut bytes = zstd(&lines()[..]);
    bytes[6..40].fill(0xFF);
    let error = line_error(bytes);
    assert!(error.starts_with("the zstd data is damaged: "), "{error}");
    let bytes = [zstd(&lines()[..]), b"and some more".to_vec()].concat();
    assert_eq!(
        line_error(bytes),
        "the zstd data is damaged: Unknown frame descriptor"
    );
}

#[test]
fn a_window_that_needs_too_much_memory_is_an_error() {
    // A frame with a window of 2 GiB.
    let bytes = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 0x01, 0x00, 0x00];
    assert_eq!(
        line_error(bytes),
        "the zstd data is damaged: Frame requires too much memory for decoding"
    );
}

#[test]
fn a_decompression_bomb_is_an_error() {
    let plain = || repeated(&long_line(), MIB);
    for (bytes, name) in [(gzip(plain()), "gzip"), (zstd(plain()), "zstd")] {
        let bytes = bytes.repeat(256);
        assert!(bytes.len() * 250 + 64 * MIB < 256 * MIB);
        let (count, error) = count_lines(bytes);
        assert!((63 * 1024..256 * 1024).contains(&count), "{name} {count}");
        let start = format!(
            "the {name} data expands to more than 250 times its size, which no list of reviews does: "
        );
        let error = error.expect("an error");
        assert!(error.starts_with(&start), "{error}");
        assert!(error.contains(" bytes so far from "), "{error}");
    }
}

#[test]
fn a_small_file_with_a_high_ratio_is_allowed() {
    let bytes = zstd(repeated(&long_line(), MIB)).repeat(63);
    assert!(bytes.len() * 500 < 63 * MIB);
    assert_eq!(count_lines(bytes), (63 * MIB / 1024, None));
}

/// Returns a line of 1 KiB.
fn long_line() -> String {
    format!("{}\n", "x".repeat(1023))
}

/// Counts the lines of a file that is too large for [`lines_of`], up to the end or the first error.
fn count_lines(bytes: Vec<u8>) -> (usize, Option<String>) {
    let mut lines = source(bytes).expect("a beginning").lines();
    let mut count = 0;
    loop {
        match lines.next_line() {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, None),
            Err(error) => return (count, Some(error.to_string())),
        }
    }
}
