//! Text in UTF-8 and in other encodings, valid and invalid.

use std::io::Cursor;

use super::{
    Options, Source, SourceError, fn_reader::in_chunks, line_error, lines_of, options, source,
};
use crate::import::source::TextEncoding;

fn error_in(encoding: &str, bytes: &[u8]) -> String {
    let reader = Cursor::new(bytes.to_vec());
    let result = lines_of(Source::from_reader(reader, options(encoding)));
    result.error.expect("an error")
}

/// Returns the lines of a valid text, read with several chunk sizes.
fn texts_in(encoding: &str, bytes: &[u8]) -> Vec<String> {
    let mut expected: Option<Vec<String>> = None;
    for size in [1, 2, 3, 5, usize::MAX] {
        let reader = in_chunks(bytes.to_vec(), vec![size]);
        let result = lines_of(Source::from_reader(reader, options(encoding)));
        assert_eq!(result.error, None);
        let texts = result.rows.into_iter().map(|(_, text)| text).collect();
        assert_eq!(expected.get_or_insert_with(|| Vec::clone(&texts)), &texts);
    }
    expected.expect("a text")
}

#[test]
fn the_first_byte_that_is_not_utf_8_is_reported() {
    let mut bytes = b"1\n2\r\n3\r\r".to_vec();
    bytes.resize(1_233, b'x');
    bytes.extend(b"\xE9t\xE9\n");
    assert_eq!(
        line_error(bytes),
        "byte 1,234 in line 5 is not UTF-8 (0xE9); \
         pass --encoding windows-1252 if the file is in that encoding"
    );
}

#[test]
fn a_character_truncated_by_the_end_of_the_file_is_not_utf_8() {
    assert_eq!(
        line_error(b"a\n\xE2\x82"),
        "byte 3 in line 2 is not UTF-8 (0xE2); \
         pass --encoding windows-1252 if the file is in that encoding"
    );
}

#[test]
fn an_error_suggests_utf_16() {
    assert_eq!(
        line_error(b"\xFF\xFEa\0\n\0"),
        "byte 1 in line 1 is not UTF-8 (0xFF); pass --encoding utf-16le if the file is in that encoding"
    );
    assert_eq!(
        line_error(b"\xFE\xFF\0a\0\n"),
        "byte 1 in line 1 is not UTF-8 (0xFE); pass --encoding utf-16be if the file is in that encoding"
    );
    assert_eq!(
        line_error(b"a\0\n\0"),
        "byte 2 in line 1 is NUL, so this is not text; \
         pass --encoding utf-16le if the file is in that encoding"
    );
    assert_eq!(
        line_error(b"\0a\0\n"),
        "byte 1 in line 1 is NUL, so this is not text; \
         pass --encoding utf-16be if the file is in that encoding"
    );
}

#[test]
fn a_byte_order_mark_is_skipped_and_counted() {
    assert_eq!(texts_in("utf-8", b"\xEF\xBB\xBF\xC3\xA9\n"), ["é"]);
    assert_eq!(
        line_error(b"\xEF\xBB\xBFa\xE9"),
        "byte 5 in line 1 is not UTF-8 (0xE9)"
    );
    for bytes in [&b"\xEF\xBB"[..], b"\xEF", b"\xEF\xBBa"] {
        assert_eq!(
            line_error(bytes),
            "byte 1 in line 1 is not UTF-8 (0xEF); \
             pass --encoding windows-1252 if the file is in that encoding"
        );
    }
}

#[test]
fn a_byte_order_mark_takes_precedence_over_a_label() {
    let utf_16 = b"\xFF\xFE\xE9\0\n\0";
    assert_eq!(texts_in("windows-1252", utf_16), ["é"]);
    assert_eq!(texts_in("utf-16be", utf_16), ["é"]);
    assert_eq!(texts_in("windows-1252", b"\xEF\xBB\xBF\xC3\xA9\n"), ["é"]);
}

#[test]
fn nul_is_an_error_in_any_encoding() {
    assert_eq!(
        line_error(b"abc\nd\0"),
        "byte 6 in line 2 is NUL, so this is not text"
    );
    for encoding in ["windows-1252", "shift_jis", "gb18030", "iso-2022-jp"] {
        assert_eq!(
            error_in(encoding, b"abc\r\nd\0"),
            "byte 7 in line 2 is NUL, so this is not text"
        );
    }
    // The two zero bytes in the middle belong to two characters.
    assert_eq!(
        error_in("utf-16le", b"\xFF\xFE\x61\x62\n\0\0\x01\0\x02a\0\0\0"),
        "byte 13 in line 2 is NUL, so this is not text"
    );
}

#[test]
fn text_in_other_encodings_is_read() {
    assert_eq!(texts_in("latin1", b"\x93caf\xE9\x94 \x80\n"), ["“café” €"]);
    assert_eq!(texts_in("sjis", b"\x93\xFA\x96{\nA"), ["日本", "A"]);
    assert_eq!(
        texts_in("utf-16", b"a\0\x3D\xD8\x00\xDE\n\0b\0"),
        ["a😀", "b"]
    );
}

#[test]
fn a_byte_that_is_invalid_in_the_given_encoding_is_an_error() {
    for (encoding, bytes, expected) in [
        (
            "shift_jis",
            &b"a\n\x93\xFA\xFF"[..],
            "byte 5 in line 2 is not Shift_JIS",
        ),
        ("shift_jis", b"a\n\x93", "byte 3 in line 2 is not Shift_JIS"),
        ("gbk", b"\x81\n", "byte 1 in line 1 is not GBK"),
        (
            "gb18030",
            b"\n\x81\x30\x81a",
            "byte 2 in line 2 is not gb18030",
        ),
        (
            "utf-16be",
            b"\0a\xD8\0\0a",
            "byte 3 in line 1 is not UTF-16BE",
        ),
        ("utf-16be", b"\0a\0", "byte 3 in line 1 is not UTF-16BE"),
    ] {
        assert_eq!(error_in(encoding, bytes), expected);
    }
}

#[test]
fn encodings_are_found_by_their_labels() {
    let name = |label: &str| label.parse().map(TextEncoding::name);
    assert_eq!(name(" LATIN1 ").expect("a label"), "windows-1252");
    assert_eq!(name("utf8").expect("a label"), "UTF-8");
    assert_eq!(TextEncoding::default().name(), "UTF-8");
    for label in ["latin-one", "", "iso-2022-kr"] {
        let error: SourceError = name(label).expect_err("no label");
        assert_eq!(
            error.to_string(),
            format!(
                "{label:?} is not an encoding; \
                 use a label of the WHATWG encoding standard, such as windows-1252"
            )
        );
    }
}

#[test]
fn lines_before_an_error_are_read() {
    let result = lines_of(source(b"1\n2\n\xFF\n"));
    assert_eq!(result.rows.len(), 2);
    let reader = Cursor::new(b"1\n2\n\0\n");
    let result = lines_of(Source::from_reader(reader, options("gbk")));
    assert_eq!(result.rows.len(), 2);
    assert!(result.error.is_some());
    assert_eq!(Options::default(), options("utf-8"));
}
