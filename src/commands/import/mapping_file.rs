//! The file of `--mapping`: what the options of an import say, kept for the next time.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    num::{NonZeroU16, NonZeroU32},
    path::Path,
};

use serde::Deserialize;

use crate::{
    catalogue::DateOrder,
    import::{
        layouts::{Choices, ColumnMap, FileKinds, RowsAs},
        table::{TableOptions, delimiter_of_name},
    },
};

/// The maximum size of the file in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// What the options and the file of `--mapping` decide.
#[derive(Debug, Default)]
pub struct Settings {
    /// What the columns and rows mean.
    pub choices: Choices,
    /// The form of the files.
    pub form: TableOptions,
    /// The maximum number of stars.
    pub stars_out_of: Option<NonZeroU16>,
}

/// The contents of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MappingFile {
    layout: Option<String>,
    r#as: Option<RowsAs>,
    critic: Option<String>,
    source: Option<String>,
    dates: Option<DateOrder>,
    bare_scores_out_of: Option<NonZeroU16>,
    stars_out_of: Option<NonZeroU16>,
    encoding: Option<String>,
    delimiter: Option<String>,
    no_header: bool,
    header_row: Option<NonZeroU32>,
    ignore: Vec<String>,
    files: BTreeMap<String, RowsAs>,
    map: BTreeMap<String, String>,
}

impl MappingFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let error =
            |cause: &dyn std::fmt::Display| format!("--mapping: {}: {cause}", path.display());
        let text = read_text(path).map_err(|cause| error(&cause))?;
        let text = text.ok_or_else(|| error(&"it is longer than 1 MiB, which no mapping is"))?;
        let mapping =
            toml::from_str(&text).map_err(|cause| error(&cause.to_string().trim_end()))?;
        Ok(mapping)
    }

    /// Returns what the file decides. The tables of another file may lack some of its columns.
    pub fn settings(self) -> Result<Settings, Box<dyn Error>> {
        let mut columns = ColumnMap::default();
        for (column, meaning) in &self.map {
            let error = |error| format!("--mapping: {column}: {error}");
            columns.set(column, meaning).map_err(error)?;
        }
        for column in &self.ignore {
            columns.ignore(column);
        }
        columns.make_optional();
        let mut rows_by_file = FileKinds::default();
        for (file, kind) in &self.files {
            rows_by_file.set(file, *kind);
        }
        rows_by_file.make_optional();
        let encoding = self.encoding.as_deref().map(str::parse).transpose();
        let delimiter = self.delimiter.as_deref().map(delimiter_of_name).transpose();
        Ok(Settings {
            form: TableOptions {
                encoding: encoding.map_err(|error| format!("--mapping: encoding: {error}"))?,
                delimiter: delimiter.map_err(|error| format!("--mapping: delimiter {error}"))?,
                has_header: !self.no_header,
                header_row: self.header_row,
            },
            stars_out_of: self.stars_out_of,
            choices: Choices {
                layout: self.layout,
                rows: self.r#as,
                rows_by_file,
                critic: self.critic,
                source: self.source,
                columns,
                bare_scores_out_of: self.bare_scores_out_of,
                date_order: self.dates,
            },
        })
    }

    /// Returns the file with these settings.
    pub fn of(settings: &Settings) -> Self {
        let Settings {
            choices,
            form,
            stars_out_of,
        } = settings;
        let mut file = Self {
            layout: choices.layout.clone(),
            r#as: choices.rows,
            critic: choices.critic.clone(),
            source: choices.source.clone(),
            dates: choices.date_order,
            bare_scores_out_of: choices.bare_scores_out_of,
            stars_out_of: *stars_out_of,
            encoding: form.encoding.map(|encoding| encoding.name().to_owned()),
            delimiter: form.delimiter.map(|delimiter| match delimiter {
                b'\t' => "tab".to_owned(),
                other => char::from(other).to_string(),
            }),
            no_header: !form.has_header,
            header_row: form.header_row,
            files: choices
                .rows_by_file
                .iter()
                .map(|(file, kind)| (file.to_owned(), kind))
                .collect(),
            ..Self::default()
        };
        for (column, meaning) in choices.columns.iter() {
            match meaning {
                Some(meaning) => {
                    file.map.insert(column.to_owned(), meaning.to_string());
                }
                None => file.ignore.push(column.to_owned()),
            }
        }
        file
    }

    /// Returns the text of the file.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        // A basic string of TOML has the escapes of JSON.
        let quoted = |text: &str| serde_json::to_string(text);
        let mut text = String::new();
        for (name, value) in [
            ("layout", self.layout.as_deref()),
            ("as", self.r#as.map(RowsAs::name)),
            ("critic", self.critic.as_deref()),
            ("source", self.source.as_deref()),
            ("dates", self.dates.map(DateOrder::name)),
            ("encoding", self.encoding.as_deref()),
            ("delimiter", self.delimiter.as_deref()),
        ] {
            if let Some(value) = value {
                // Writing to a string can't fail.
                let _ = writeln!(text, "{name} = {}", quoted(value)?);
            }
        }
        for (name, value) in [
            (
                "bare-scores-out-of",
                self.bare_scores_out_of.map(NonZeroU32::from),
            ),
            ("stars-out-of", self.stars_out_of.map(NonZeroU32::from)),
            ("header-row", self.header_row),
        ] {
            if let Some(value) = value {
                let _ = writeln!(text, "{name} = {value}");
            }
        }
        if self.no_header {
            text.push_str("no-header = true\n");
        }
        if !self.ignore.is_empty() {
            let ignored: Result<Vec<String>, _> =
                self.ignore.iter().map(|name| quoted(name)).collect();
            let _ = writeln!(text, "ignore = [{}]", ignored?.join(", "));
        }
        let files = self.files.iter().map(|(file, kind)| (file, kind.name()));
        let map = self.map.iter().map(|(name, text)| (name, text.as_str()));
        let tables: [(&str, Vec<_>); 2] = [("files", files.collect()), ("map", map.collect())];
        for (table, entries) in tables {
            if !entries.is_empty() {
                let _ = writeln!(text, "\n[{table}]");
            }
            for (name, value) in entries {
                let _ = writeln!(text, "{} = {}", quoted(name)?, quoted(value)?);
            }
        }
        Ok(text)
    }

    /// Writes the file. An existing one is left as it is, and is an error unless it says the same.
    pub fn save(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let error =
            |cause: &dyn std::fmt::Display| format!("--save-mapping: {}: {cause}", path.display());
        let text = self.text()?;
        if text.len() as u64 > MAX_SIZE {
            return Err(error(&"the mapping would be longer than 1 MiB").into());
        }
        let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                let existing = read_text(path).map_err(|cause| error(&cause))?;
                if existing.as_ref() == Some(&text) {
                    return Ok(());
                }
                let reason =
                    "the file exists and says something else; move it away, or pass another file";
                return Err(error(&reason).into());
            }
            Err(cause) => return Err(error(&cause).into()),
        };
        if let Err(cause) = file.write_all(text.as_bytes()) {
            // A part of a mapping would be read as the whole of it.
            fs::remove_file(path).map_err(|cause| error(&cause))?;
            return Err(error(&cause).into());
        }
        Ok(())
    }
}

/// Returns the text of a file; `None` if it is too long for a mapping.
fn read_text(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    let file = fs::File::open(path)?;
    file.take(MAX_SIZE + 1).read_to_string(&mut text)?;
    Ok((text.len() as u64 <= MAX_SIZE).then_some(text))
}
