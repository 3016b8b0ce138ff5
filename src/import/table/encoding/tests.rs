//! Which encodings are found, and where a guess is refused.

use encoding_rs::{
    Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253,
};

use super::{FoundEncoding, TableError, find};
use crate::import::table::shared_file::SharedFile;

fn found(bytes: &[u8]) -> Result<FoundEncoding, TableError> {
    find(&SharedFile::spool(bytes).expect("a temporary file"), None)
}

fn name(bytes: &[u8]) -> String {
    found(bytes).expect("an encoding").to_string()
}

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, has_unmappable) = encoding.encode(text);
    assert!(!has_unmappable, "{text}");
    bytes.into_owned()
}

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn utf_8_and_marked_text_are_certain() {
    assert_eq!(name(b"film\nAmelie\n"), UTF_8.name());
    assert_eq!(name("film\nAmélie\n".as_bytes()), UTF_8.name());
    assert_eq!(name("\u{feff}film\n".as_bytes()), UTF_8.name());
    let little = utf_16("\u{feff}film\nAmélie\n", u16::to_le_bytes);
    assert_eq!(name(&little), UTF_16LE.name());
    let big = utf_16("\u{feff}film\nAmélie\n", u16::to_be_bytes);
    assert_eq!(name(&big), UTF_16BE.name());
}

#[test]
fn the_encoding_of_several_words_is_detected() {
    for (encoding, text) in [
        (
            WINDOWS_1252,
            "film\nLe Château d'été\nHélène et Zoé\nÀ bientôt\nLa Forêt brûlée\n",
        ),
        (
            WINDOWS_1250,
            "film\nPříběh o žluťoučkém koni\nŘeka\nČekání na déšť\nŽízeň\n",
        ),
        (
            WINDOWS_1251,
            "film\nБухта ветров\nСоляная книга\nЗимний сад\nЧайка\n",
        ),
        (
            WINDOWS_1253,
            "film\nΤο βιβλίο του αλατιού\nΟ χειμώνας\nΗ θάλασσα\n",
        ),
        (SHIFT_JIS, "film\n塩の帳簿\n冬の庭\n海辺の家\n静かな夜に\n"),
    ] {
        let expected = format!("{} (detected)", encoding.name());
        assert_eq!(name(&encoded(encoding, text)), expected, "{text}");
    }
}

#[test]
fn quotation_marks_are_the_same_in_all_encodings_of_windows() {
    assert!(name(b"text\nit\x92s a \x93fine\x94 film \x96 mostly\n").ends_with("(detected)"));
}

#[test]
fn a_guess_from_few_words_is_refused_with_what_each_candidate_reads() {
    let error = found(&encoded(WINDOWS_1250, "film\nČas\n")).expect_err("unsure");
    let text = error.to_string();
    assert!(
        text.contains("--encoding windows-1252 reads \"Èas\""),
        "{text}"
    );
    assert!(
        text.contains("--encoding windows-1250 reads \"Čas\""),
        "{text}"
    );
}

#[test]
fn text_with_nul_is_refused_as_such() {
    let error = found(b"a\0b\0").expect_err("no text");
    let text = error.to_string();
    assert!(
        text.contains("NUL") && text.contains("--encoding utf-16le"),
        "{text}"
    );
}
