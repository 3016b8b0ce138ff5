//! The input of `importFile`.

use std::{
    collections::HashSet,
    num::{NonZeroU16, NonZeroU32},
    ops::RangeInclusive,
};

use async_graphql::{Enum, InputObject, OneofObject};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    catalogue::{DateOrder, ReadingOptions},
    graphql::{
        constraint::{FILE, NAME, NAMES, NOT_A_LIST, SHORT, constraint},
        mutations::idempotency::Idempotency,
    },
    import::{
        layouts::{Choices, ColumnMap, FileKinds, RowsAs},
        source::TextEncoding,
        store::file::SentFile,
        table::{TableOptions, delimiter_of_name},
    },
    patch::{self, MAX_NAMES, Patch},
    site_rules::{
        ReadingRules,
        draft::{BARE_SCORES, STARS},
    },
    text,
    user_error::{
        UserErrorCode::{Blank, Contradiction, Invalid, OutOfRange, TooLong, TooManyValues},
        UserErrors,
    },
};

/// The name of a file that has none.
const UNNAMED: &str = "file";

/// The input of `importFile`. Messages name the options of the command `marquee import`. Each option has a field: `--as` is
/// `rowsAs`, `--map` and `--ignore` are `columns`, and `--no-header` is `hasHeader: false`.
#[derive(Debug, InputObject)]
pub struct ImportFileInput {
    #[graphql(flatten)]
    pub(super) file: FileInput,
    /// Whether to preview the import without changing anything; false when null.
    pub(super) dry_run: Option<bool>,
    #[graphql(flatten)]
    pub(super) idempotency: Idempotency,
}

/// The file and how it is read.
#[derive(Debug, InputObject)]
pub struct FileInput {
    /// The content of the file.
    content: FileContentInput,
    /// The name of the file in messages, at most 300 characters; "file" when null.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: Option<String>,
    /// The name of the layout, such as "letterboxd-ratings"; found out by the columns when null. "columns" goes by the
    /// names of the columns alone.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    layout: Option<String>,
    /// What the rows are, if the layout doesn't say; found out when null.
    rows_as: Option<FileRowKind>,
    /// The critic of the rows that don't name one, such as those of a member's own export. None when null: the reviews of
    /// such rows have no critic, and a member's export is an error.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    critic: Option<String>,
    /// The name of the source of reviews whose file has none, at most 200 characters. A later import of the same source
    /// updates them. None when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    source: Option<String>,
    /// The meanings of columns whose names don't say it, and the columns that are not read; none when null.
    #[graphql(directive = constraint::apply(None, NAMES))]
    columns: Option<Vec<ColumnMeaningInput>>,
    /// The maximum of grades that are a bare number, such as 10 for "7": 1 to 1,000. That of the layout, or else of the
    /// rules of the site, when null.
    bare_scores_out_of: Option<i32>,
    /// The maximum number of stars of grades that don't state it: 1 to 100. That of the rules of the site when null.
    stars_out_of: Option<i32>,
    /// The order in dates of digits such as 3/4/2024. The dates of the column decide when null.
    dates: Option<FileDateOrder>,
    #[graphql(flatten)]
    form: FileFormInput,
}

/// How a file is split into cells.
#[derive(Debug, InputObject)]
pub struct FileFormInput {
    /// The name of the character encoding of `content.base64`, such as "windows-1252"; found out when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    encoding: Option<String>,
    /// The delimiter between the cells of a row: one ASCII character, or "tab"; found out when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    delimiter: Option<String>,
    /// Whether a row has the names of the columns; true when null.
    has_header: Option<bool>,
    /// The line of the names of the columns, counted from 1; found out when null.
    header_row: Option<i32>,
}

/// The content of a file: exactly one of `text` and `base64`.
#[derive(Debug, OneofObject)]
pub enum FileContentInput {
    /// The text of a file such as CSV or JSON.
    #[graphql(directive = constraint::apply(FILE, NOT_A_LIST))]
    Text(String),
    /// The bytes of any file, such as a spreadsheet or an archive, in Base64 (RFC 4648, with padding).
    #[graphql(directive = constraint::apply(FILE, NOT_A_LIST))]
    Base64(String),
}

/// The meaning of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, InputObject)]
pub struct ColumnMeaningInput {
    /// The name of the column in the file.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    column: String,
    /// The name of the meaning, such as `original_score`, or `film_id:imdb`. The column is not read when null.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    meaning: Option<String>,
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FileRowKind {
    /// Films.
    Films,
    /// Reviews.
    Reviews,
}

/// The order of day, month and year in the dates of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DateOrder")]
pub enum FileDateOrder {
    /// The day, then the month, then the year.
    DayMonthYear,
    /// The month, then the day, then the year.
    MonthDayYear,
    /// The year, then the month, then the day.
    YearMonthDay,
}

impl FileInput {
    /// Returns the file, or all errors of the input.
    pub(super) fn read(self, rules: ReadingRules) -> Result<SentFile, UserErrors> {
        let mut errors = UserErrors::default();
        let columns = column_map(self.columns.unwrap_or_default(), &mut errors);
        let name = line(self.name, "name", text::MAX_NAME_LENGTH, &mut errors);
        let choices = Choices {
            layout: line(self.layout, "layout", text::MAX_SHORT_LENGTH, &mut errors),
            critic: line(self.critic, "critic", text::MAX_NAME_LENGTH, &mut errors),
            source: line(self.source, "source", text::MAX_SHORT_LENGTH, &mut errors),
            rows: self.rows_as.map(|kind| match kind {
                FileRowKind::Films => RowsAs::Films,
                FileRowKind::Reviews => RowsAs::Reviews,
            }),
            columns,
            rows_by_file: FileKinds::default(),
            bare_scores_out_of: number(
                self.bare_scores_out_of,
                "bareScoresOutOf",
                &BARE_SCORES,
                &mut errors,
            ),
            date_order: self.dates.map(Into::into),
        };
        let is_text = matches!(self.content, FileContentInput::Text(_));
        let bytes = self.content.bytes(&mut errors);
        let table_options = self.form.read(is_text, &mut errors);
        let file = SentFile {
            name: name.unwrap_or_else(|| UNNAMED.to_owned()),
            table_options,
            options: ReadingOptions {
                stars_out_of: number(self.stars_out_of, "starsOutOf", &STARS, &mut errors),
                ..ReadingOptions::default()
            },
            choices,
            rules,
            bytes,
        };
        if errors.is_empty() {
            Ok(file)
        } else {
            Err(errors)
        }
    }
}

impl FileFormInput {
    /// Returns how a file is split into cells. A text of the request is no longer in any encoding.
    fn read(self, is_text: bool, errors: &mut UserErrors) -> TableOptions {
        if is_text && self.encoding.is_some() {
            let message = "is for `content.base64`; `content.text` has no encoding";
            errors.add("encoding", Invalid, message);
        }
        let has_header = self.has_header.unwrap_or(true);
        if !has_header && self.header_row.is_some() {
            errors.add("headerRow", Contradiction, "contradicts `hasHeader`");
        }
        let encoding = parsed(self.encoding, "encoding", str::parse, errors);
        TableOptions {
            encoding: encoding.or_else(|| is_text.then(TextEncoding::default)),
            delimiter: parsed(self.delimiter, "delimiter", delimiter_of_name, errors),
            has_header,
            header_row: header_row(self.header_row, errors),
        }
    }
}

impl FileContentInput {
    fn bytes(self, errors: &mut UserErrors) -> Vec<u8> {
        let (path, content) = match &self {
            Self::Text(text) => ("content.text", text),
            Self::Base64(text) => ("content.base64", text),
        };
        if let Err(length) = text::check_normalized_length(content, text::MAX_FILE_LENGTH) {
            let message = format!(
                "is {length} characters long, and at most {} are allowed; import a larger file with the command `marquee import`",
                text::MAX_FILE_LENGTH
            );
            errors.add(path, TooLong, message);
            return Vec::new();
        }
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Base64(text) => STANDARD.decode(text.trim()).unwrap_or_else(|error| {
                let message = format!("is no Base64 with padding: {error}");
                errors.add(path, Invalid, message);
                Vec::new()
            }),
        }
    }
}

/// Returns the meanings of columns.
fn column_map(list: Vec<ColumnMeaningInput>, errors: &mut UserErrors) -> ColumnMap {
    let mut columns = ColumnMap::default();
    let distinct = list.iter().collect::<HashSet<_>>().len();
    if distinct > MAX_NAMES {
        let message = format!("has {distinct} columns, and at most {MAX_NAMES} are allowed");
        errors.add("columns", TooManyValues, message);
        return columns;
    }
    for (index, ColumnMeaningInput { column, meaning }) in list.into_iter().enumerate() {
        let path = |field: &str| format!("columns.{index}.{field}");
        let column = present(column, &path("column"), errors);
        let is_read = meaning.is_some();
        let meaning = meaning.and_then(|meaning| present(meaning, &path("meaning"), errors));
        match (column, meaning) {
            (Some(column), Some(meaning)) => {
                if let Err(message) = columns.set(&column, &meaning) {
                    errors.add(&path("meaning"), Invalid, message);
                }
            }
            (Some(column), None) if !is_read => columns.ignore(&column),
            // The errors say what is missing.
            _ => {}
        }
    }
    columns
}

/// Returns a name as it is, which may have line breaks in the header of a spreadsheet. Adds an error if it is blank or too
/// long.
fn present(name: String, path: &str, errors: &mut UserErrors) -> Option<String> {
    if let Err(error) = text::check_length(&text::normalized(&name), text::MAX_NAME_LENGTH) {
        errors.add(path, TooLong, error.to_string());
        return None;
    }
    if name.trim().is_empty() {
        errors.add(path, Blank, "must not be blank");
        return None;
    }
    Some(name)
}

/// Parses a string of one line; `None` if it is blank or invalid.
fn line(
    value: Option<String>,
    path: &str,
    limit: usize,
    errors: &mut UserErrors,
) -> Option<String> {
    match patch::line(Patch::from(value), path, limit, errors) {
        Patch::Set(line) => Some(line),
        Patch::Keep | Patch::Clear => None,
    }
}

fn number(
    number: Option<i32>,
    path: &str,
    range: &RangeInclusive<i64>,
    errors: &mut UserErrors,
) -> Option<NonZeroU16> {
    let number = number?;
    let is_in_range = range.contains(&number.into());
    let read = u16::try_from(number)
        .ok()
        .filter(|_| is_in_range)
        .and_then(NonZeroU16::new);
    if read.is_none() {
        let message = format!("must be from {} to {}", range.start(), range.end());
        errors.add(path, OutOfRange, message);
    }
    read
}

fn header_row(line: Option<i32>, errors: &mut UserErrors) -> Option<NonZeroU32> {
    let line = line?;
    let read = u32::try_from(line).ok().and_then(NonZeroU32::new);
    if read.is_none() {
        errors.add("headerRow", OutOfRange, "must be at least 1");
    }
    read
}

/// Parses the name of a choice as it is: a tab is a delimiter. Adds the parser's error if it is none.
fn parsed<T, E: std::fmt::Display>(
    name: Option<String>,
    path: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
    errors: &mut UserErrors,
) -> Option<T> {
    let name = name?;
    if let Err(error) = text::check_length(&name, text::MAX_SHORT_LENGTH) {
        errors.add(path, TooLong, error.to_string());
        return None;
    }
    match parse(&name) {
        Ok(value) => Some(value),
        Err(error) => {
            errors.add(path, Invalid, error.to_string());
            None
        }
    }
}
