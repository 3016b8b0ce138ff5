//! ZIP archives: workbooks, and archives of files with tables.

use std::{
    borrow::Cow,
    io::{self, BufReader, Read},
};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{
    MAX_TABLES, Skipped, Table, TableError, TableOptions, Tables,
    form::{FormKind, TableForm},
    ods,
    shared_file::{FileReader, SharedFile},
    sheet::SheetTable,
    xlsx,
};
use crate::import::source::{bomb, is_bomb};

/// The maximum number of files in an archive.
const MAX_MEMBERS: usize = 10_000;
/// The maximum number of skipped parts that a message lists.
const MAX_LISTED: usize = 12;
/// How the names of files with tables end.
const LIST_ENDINGS: [&str; 10] = [
    ".csv", ".tsv", ".tab", ".txt", ".psv", ".json", ".jsonl", ".ndjson", ".gz", ".zst",
];

type Archive = ZipArchive<BufReader<FileReader>>;

/// Adds the tables of an archive.
pub(super) fn open(
    name: &str,
    file: &SharedFile,
    options: &TableOptions,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let mut archive = ZipArchive::new(BufReader::new(file.reader()))?;
    if archive.len() > MAX_MEMBERS {
        return Err(TableError::Unsupported(
            "the archive has more than 10,000 files; extract it, and import the files that you need",
        ));
    }
    let has = |archive: &Archive, part| archive.index_for_name(part).is_some();
    if has(&archive, "xl/workbook.xml") {
        return open_workbook(name, file, &mut archive, options, tables);
    }
    if has(&archive, "content.xml") && has(&archive, "mimetype") {
        return open_ods(name, file, &mut archive, options, tables);
    }
    if has(&archive, "[Content_Types].xml") || has(&archive, "Index/Document.iwa") {
        return Err(TableError::Unsupported(
            "it is a document of an office program, but neither XLSX nor ODS; save it as XLSX or CSV",
        ));
    }
    open_members(name, file, &mut archive, options, tables)
}

fn open_workbook(
    name: &str,
    file: &SharedFile,
    archive: &mut Archive,
    options: &TableOptions,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let sheets = xlsx::read(file, archive, options.into())?;
    let sheets = sheets.into_iter().map(|(sheet, result)| match result {
        xlsx::Sheet::Table(table) => (sheet, Ok(table)),
        xlsx::Sheet::Skipped(reason) => (sheet, Err(reason)),
    });
    add_sheets(name, FormKind::Xlsx, sheets, tables)
}

fn open_ods(
    name: &str,
    file: &SharedFile,
    archive: &mut Archive,
    options: &TableOptions,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let mut kind = String::new();
    let mimetype = archive.by_name("mimetype")?;
    mimetype.take(100).read_to_string(&mut kind)?;
    if !kind.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        return Err(TableError::Unsupported(
            "it is an OpenDocument file, but no spreadsheet; save its table as ODS or CSV",
        ));
    }
    let content = archive.by_name("content.xml")?;
    let sheets = ods::read(content, options.into(), file.size())?;
    let sheets = sheets
        .into_iter()
        .map(|(sheet, table)| (sheet, table.ok_or("it is empty")));
    add_sheets(name, FormKind::Ods, sheets, tables)
}

/// Adds the tables of sheets, and the names of those without one.
fn add_sheets(
    name: &str,
    kind: FormKind,
    sheets: impl Iterator<Item = (String, Result<SheetTable, &'static str>)>,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let before = tables.tables.len();
    let mut skipped = Vec::new();
    for (sheet, result) in sheets {
        let name = part_name(name, &sheet);
        match result {
            Ok(table) => tables.tables.push(Table::of_rows(
                name,
                TableForm {
                    kind,
                    encoding: None,
                    compression: None,
                    header_line: table.header_line,
                },
                table.header,
                table.rows,
            )),
            Err(reason) => skipped.push(Skipped { name, reason }),
        }
    }
    if tables.tables.len() == before {
        return Err(TableError::NoSheet(list(&skipped)));
    }
    tables.skipped.append(&mut skipped);
    Ok(())
}

/// Returns the first of the parts that are skipped, with their reasons.
fn list(skipped: &[Skipped]) -> String {
    let listed = skipped.iter().take(MAX_LISTED);
    let mut parts: Vec<String> = listed.map(Skipped::to_string).collect();
    if let Some(more) = skipped
        .len()
        .checked_sub(MAX_LISTED)
        .filter(|more| *more > 0)
    {
        parts.push(format!("and {more} more"));
    }
    parts.join("; ")
}

/// Returns the name of a part of a file. The name of a part is never a path to write to, so that it may be any.
fn part_name(name: &str, part: &str) -> String {
    let part = part.replace(char::is_control, "\u{fffd}");
    format!("{name}/{part}")
}

/// Adds the tables of the files in an archive.
fn open_members(
    name: &str,
    file: &SharedFile,
    archive: &mut Archive,
    options: &TableOptions,
    tables: &mut Tables,
) -> Result<(), TableError> {
    let before = tables.tables.len();
    let mut skipped = Vec::new();
    let mut decompressed = 0;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(member_error)?;
        let path = String::from_utf8_lossy(member.name_raw()).into_owned();
        let path = member.name().map_or(path, Cow::into_owned);
        if member.is_dir() {
            continue;
        }
        if tables.tables.len() >= MAX_TABLES {
            return Err(TableError::Unsupported(
                "the archive has more than 255 tables; extract it, and import the files that you need",
            ));
        }
        let part = part_name(name, &path);
        if let Some(reason) = reason_to_skip(&path, &member) {
            skipped.push(Skipped { name: part, reason });
            continue;
        }
        let reader = MemberReader {
            inner: member,
            size: file.size(),
            decompressed: &mut decompressed,
        };
        let result = SharedFile::spool(reader);
        let result = result.and_then(|file| super::open_file(part, &file, options, true, tables));
        result.map_err(|error| error.in_part(&path))?;
    }
    if tables.tables.len() == before {
        return Err(TableError::NoMember(list(&skipped)));
    }
    tables.skipped.append(&mut skipped);
    Ok(())
}

/// Returns the reason why a file in an archive has no table.
fn reason_to_skip(path: &str, member: &ZipFile<'_, BufReader<FileReader>>) -> Option<&'static str> {
    let path = path.to_lowercase();
    let file_name = path.rsplit(['/', '\\']).next().unwrap_or(&path);
    if file_name.starts_with('.') || path.starts_with("__macosx/") {
        return Some("it is a hidden file");
    }
    // A spreadsheet inside is refused when it is opened, and not skipped: it may be the list that the user means.
    let is_archive = [".zip", ".xlsx", ".ods", ".xls"]
        .iter()
        .any(|ending| file_name.ends_with(ending));
    let is_list = LIST_ENDINGS
        .iter()
        .any(|ending| file_name.ends_with(ending));
    if file_name.contains('.') && !is_list && !is_archive {
        return Some("its name is not that of a list");
    }
    (member.size() == 0).then_some("it is empty")
}

fn member_error(error: ZipError) -> TableError {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => TableError::Unsupported(
            "the archive is protected by a password; extract it, and import its files",
        ),
        error => error.into(),
    }
}

/// A reader of a file in an archive, which stops decompression bombs.
struct MemberReader<'a, R> {
    inner: R,
    /// The size of the archive.
    size: u64,
    /// The number of decompressed bytes of all files so far: several may share their compressed bytes.
    decompressed: &'a mut u64,
}

impl<R: Read> Read for MemberReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        *self.decompressed += u64::try_from(length).unwrap_or(u64::MAX);
        if is_bomb(self.size, *self.decompressed) {
            return Err(bomb("ZIP", self.size, *self.decompressed).into());
        }
        Ok(length)
    }
}
