//! Kinds of files that have no table which is read.

use super::TableError;

/// Refuses kinds of files that are known and are no text.
pub(super) fn check(head: &[u8]) -> Result<(), TableError> {
    const NO_LISTS: [(&[u8], &str); 6] = [
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
    ];
    for (magic, sentence) in NO_LISTS {
        if head.starts_with(magic) {
            return Err(TableError::Unsupported(sentence));
        }
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err(TableError::Unsupported(
            "it is a tar archive; extract it, and import its files",
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
