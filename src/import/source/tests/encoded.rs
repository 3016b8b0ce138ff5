//! Text in UTF-8, in other encodings, and in neither.

use std::io::Cursor;

use super::{Options, Source, SourceError, feed::in_chunks, line_error, lines_of, options, source};
use crate::import::source::TextEncoding;

fn error_in(encoding: &str, bytes: &[u8]) -> String {
    let reader = Cursor::new(bytes.to_vec());
    let outcome = lines_of(Source::from_reader(reader, options(encoding)));
    outcome.error.expect("an error")
}

/// The lines of a text that is whole, read at several chunk sizes.
fn texts_in(encoding: &str, bytes: &[u8]) -> Vec<String> {
    let mut found: Option<Vec<String>> = None;
    for size in [1, 2, 3, 5, usize::MAX] {
        let reader = in_chunks(bytes.to_vec(), vec![size]);
        let outcome = lines_of(Source::from_reader(reader, options(encoding)));
        assert_eq!(outcome.error, None);
        let texts = outcome.rows.into_iter().map(|(_, text)| text).collect();
        assert_eq!(found.get_or_insert_with(|| Vec::clone(&texts)), &texts);
    }
    found.expect("a text")
}

#[test]
fn the_first_byte_that_is_not_utf_8_is_told() {
    let mut bytes = b"1\n2\r\n3\r\r".to_vec();
    bytes.resize(1_233, b'x');
    bytes.extend(b"\xE9t\xE9\n");
    assert_eq!(
        line_error(bytes),
        "byte 1,234 in line 5 is not UTF-8 (0xE9); \
         say --encoding windows-1252 if that is what it is"
    );
}

#[test]
fn a_character_that_the_end_cuts_off_is_not_utf_8() {
    assert_eq!(
        line_error(b"a\n\xE2\x82"),
        "byte 3 in line 2 is not UTF-8 (0xE2); \
         say --encoding windows-1252 if that is what it is"
    );
}

#[test]
fn utf_16_is_hinted_at() {
    assert_eq!(
        line_error(b"\xFF\xFEa\0\n\0"),
        "byte 1 in line 1 is not UTF-8 (0xFF); say --encoding utf-16le if that is what it is"
    );
    assert_eq!(
        line_error(b"\xFE\xFF\0a\0\n"),
        "byte 1 in line 1 is not UTF-8 (0xFE); say --encoding utf-16be if that is what it is"
    );
    assert_eq!(
        line_error(b"a\0\n\0"),
        "byte 2 in line 1 is NUL, so this is no text; \
         say --encoding utf-16le if that is what it is"
    );
    assert_eq!(
        line_error(b"\0a\0\n"),
        "byte 1 in line 1 is NUL, so this is no text; \
         say --encoding utf-16be if that is what it is"
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
             say --encoding windows-1252 if that is what it is"
        );
    }
}

#[test]
fn a_byte_order_mark_is_believed_rather_than_a_label() {
    let utf_16 = b"\xFF\xFE\xE9\0\n\0";
    assert_eq!(texts_in("windows-1252", utf_16), ["é"]);
    assert_eq!(texts_in("utf-16be", utf_16), ["é"]);
    assert_eq!(texts_in("windows-1252", b"\xEF\xBB\xBF\xC3\xA9\n"), ["é"]);
}

#[test]
fn nul_is_no_text_in_any_encoding() {
    assert_eq!(
        line_error(b"abc\nd\0"),
        "byte 6 in line 2 is NUL, so this is no text"
    );
    for encoding in ["windows-1252", "shift_jis", "gb18030", "iso-2022-jp"] {
        assert_eq!(
            error_in(encoding, b"abc\r\nd\0"),
            "byte 7 in line 2 is NUL, so this is no text"
        );
    }
    // The two bytes of NUL in the middle are of two characters.
    assert_eq!(
        error_in("utf-16le", b"\xFF\xFE\x61\x62\n\0\0\x01\0\x02a\0\0\0"),
        "byte 13 in line 2 is NUL, so this is no text"
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
fn what_is_not_of_the_encoding_that_was_named_is_an_error() {
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
fn encodings_are_known_by_their_labels() {
    let name = |label: &str| label.parse().map(TextEncoding::name);
    assert_eq!(name(" LATIN1 ").expect("a label"), "windows-1252");
    assert_eq!(name("utf8").expect("a label"), "UTF-8");
    assert_eq!(TextEncoding::default().name(), "UTF-8");
    for label in ["latin-one", "", "iso-2022-kr"] {
        let error: SourceError = name(label).expect_err("no label");
        assert_eq!(
            error.to_string(),
            format!(
                "{label:?} is no encoding; \
                 say a label of the WHATWG encoding standard, such as windows-1252"
            )
        );
    }
}

#[test]
fn what_comes_before_an_error_is_read() {
    let outcome = lines_of(source(b"1\n2\n\xFF\n"));
    assert_eq!(outcome.rows.len(), 2);
    let reader = Cursor::new(b"1\n2\n\0\n");
    let outcome = lines_of(Source::from_reader(reader, options("gbk")));
    assert_eq!(outcome.rows.len(), 2);
    assert!(outcome.error.is_some());
    assert_eq!(Options::default(), options("utf-8"));
}
