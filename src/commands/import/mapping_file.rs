//! The file of `--mapping`: what the options of an import say, kept for the next time.

use std::{
    collections::BTreeMap, error::Error, fmt::Write as _, fs::File, io::Read as _, num::NonZeroU16,
    path::Path,
};

use serde::Deserialize;

use crate::{
    catalogue::DateOrder,
    import::layouts::{Choices, ColumnMap, RowsAs},
};

/// The maximum size of the file in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The contents of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MappingFile {
    layout: Option<String>,
    r#as: Option<RowsAs>,
    critic: Option<String>,
    source: Option<String>,
    dates: Option<String>,
    bare_scores_out_of: Option<NonZeroU16>,
    ignore: Vec<String>,
    map: BTreeMap<String, String>,
}

impl MappingFile {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let error =
            |cause: &dyn std::fmt::Display| format!("--mapping: {}: {cause}", path.display());
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(MAX_SIZE).read_to_string(&mut text))
            .map_err(|cause| error(&cause))?;
        let mapping =
            toml::from_str(&text).map_err(|cause| error(&cause.to_string().trim_end()))?;
        Ok(mapping)
    }

    /// Returns what the file decides.
    pub fn choices(self) -> Result<Choices, Box<dyn Error>> {
        let mut columns = ColumnMap::default();
        for (column, meaning) in &self.map {
            let error = |error| format!("--mapping: {column}: {error}");
            columns.set(column, meaning).map_err(error)?;
        }
        for column in &self.ignore {
            columns.ignore(column);
        }
        let date_order = self.dates.map(|name| {
            DateOrder::of_name(&name)
                .ok_or_else(|| format!("--mapping: dates is {name:?}, and must be dmy, mdy or ymd"))
        });
        Ok(Choices {
            layout: self.layout,
            rows: self.r#as,
            critic: self.critic,
            source: self.source,
            columns,
            bare_scores_out_of: self.bare_scores_out_of,
            date_order: date_order.transpose()?,
        })
    }

    /// Returns the file with these choices.
    pub fn of(choices: &Choices) -> Self {
        let mut file = Self {
            layout: choices.layout.clone(),
            r#as: choices.rows,
            critic: choices.critic.clone(),
            source: choices.source.clone(),
            dates: choices.date_order.map(|order| order.name().to_owned()),
            bare_scores_out_of: choices.bare_scores_out_of,
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
        let rows = self.r#as.map(|rows| match rows {
            RowsAs::Films => "films".to_owned(),
            RowsAs::Reviews => "reviews".to_owned(),
        });
        for (name, value) in [
            ("layout", &self.layout),
            ("as", &rows),
            ("critic", &self.critic),
            ("source", &self.source),
            ("dates", &self.dates),
        ] {
            if let Some(value) = value {
                // Writing to a string can't fail.
                let _ = writeln!(text, "{name} = {}", quoted(value)?);
            }
        }
        if let Some(scale) = self.bare_scores_out_of {
            let _ = writeln!(text, "bare-scores-out-of = {scale}");
        }
        if !self.ignore.is_empty() {
            let ignored: Result<Vec<String>, _> =
                self.ignore.iter().map(|name| quoted(name)).collect();
            let _ = writeln!(text, "ignore = [{}]", ignored?.join(", "));
        }
        if !self.map.is_empty() {
            text.push_str("\n[map]\n");
        }
        for (column, meaning) in &self.map {
            let _ = writeln!(text, "{} = {}", quoted(column)?, quoted(meaning)?);
        }
        Ok(text)
    }
}
