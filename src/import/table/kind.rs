//! Kinds of files that have no table which is read.

use super::TableError;

const IMAGE: &str =
    "it is an image, from which no table is read; type the table, or save it as CSV or XLSX";

/// The first bytes of kinds of files, each with a sentence about the file.
const NO_LISTS: [(&[u8], &str); 13] = [
    (
        b"\xD0\xCF\x11\xE0",
        "it is an Excel workbook of the old form (XLS), or one with a password; save it as XLSX without one, or as CSV",
    ),
    (
        b"%PDF",
        "it is a PDF document; save its table as CSV or XLSX",
    ),
    (
        b"Rar!",
        "it is a RAR archive; extract it, and import its files",
    ),
    (
        b"7z\xBC\xAF",
        "it is a 7z archive; extract it, and import its files",
    ),
    (
        b"SQLite format 3",
        "it is an SQLite database; export its table as CSV",
    ),
    (
        b"PAR1",
        "it is a Parquet file; save it as CSV or JSON Lines",
    ),
    (b"\x89PNG\r\n", IMAGE),
    (b"\xFF\xD8\xFF", IMAGE),
    (b"GIF8", IMAGE),
    (b"II*\0", IMAGE),
    (b"MM\0*", IMAGE),
    (b"\x7FELF", "it is a program, and no table"),
    (
        b"{\\rtf",
        "it is a document in RTF; save its table as CSV or XLSX",
    ),
];

/// Returns whether bytes are no text in any encoding: they have control characters that no text has. In UTF-16 without a
/// byte-order mark, every other byte is zero.
fn is_binary(head: &[u8]) -> bool {
    const ESCAPE: u8 = 0x1B;
    let is_marked = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    let zeros = |parity: usize| {
        let bytes = head.iter().skip(parity).step_by(2);
        bytes.filter(|byte| **byte == 0).count()
    };
    let is_wide = zeros(0).abs_diff(zeros(1)) * 10 > head.len();
    let is_control = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let controls = head.iter().filter(is_control);
    let controls = controls.filter(|byte| **byte != ESCAPE).count();
    !is_marked && !is_wide && controls > 2 && controls * 50 > head.len()
}

/// Refuses kinds of files that are known and are no text. `is_text` is whether the user names the encoding.
pub(super) fn check(head: &[u8], is_text: bool) -> Result<(), TableError> {
    for (magic, sentence) in NO_LISTS {
        if head.starts_with(magic) {
            return Err(TableError::Unsupported(sentence));
        }
    }
    let has_type = |kind: &[u8]| head.get(8..12) == Some(kind);
    if head.starts_with(b"RIFF") && has_type(b"WEBP") {
        return Err(TableError::Unsupported(IMAGE));
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Err(TableError::Unsupported(
            "it is a video or an image, and no table",
        ));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err(TableError::Unsupported(
            "it is a tar archive; extract it, and import its files",
        ));
    }
    if !is_text && is_binary(head) {
        return Err(TableError::Unsupported(
            "it is no text, but binary data of an unknown kind; save its table as CSV or XLSX",
        ));
    }
    let start = String::from_utf8_lossy(head).trim_start().to_lowercase();
    let is_markup = ["<!doctype", "<html", "<?xml", "<table"]
        .iter()
        .any(|markup| start.starts_with(markup));
    if is_markup {
        return Err(TableError::Unsupported(
            "it is a page in HTML or XML; save its table as CSV or XLSX",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(head: &[u8]) -> String {
        check(head, false).expect_err("no table").to_string()
    }

    #[test]
    fn files_without_a_table_are_called_what_they_are() {
        assert!(error(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR").starts_with("it is an image"));
        assert!(error(b"\xFF\xD8\xFF\xE0\0\x10JFIF").starts_with("it is an image"));
        assert!(error(b"%PDF-1.7").starts_with("it is a PDF document"));
        assert!(error(b"SQLite format 3\0").starts_with("it is an SQLite database"));
        let bytes: Vec<u8> = (0..=255).collect();
        assert!(error(&bytes).starts_with("it is no text, but binary data"));
    }

    #[test]
    fn text_in_any_encoding_is_no_binary_data() {
        let utf_16: Vec<u8> = "Title,Year\n".bytes().flat_map(|byte| [byte, 0]).collect();
        let marked = [&b"\xFE\xFF"[..], b"\0T\x01\x02\x03\x04"].concat();
        for head in [
            &b"Title,Year\r\nCaf\xe9,2019\x1a"[..],
            &utf_16,
            &marked,
            b"",
        ] {
            assert!(check(head, false).is_ok(), "{head:?}");
        }
    }
}
