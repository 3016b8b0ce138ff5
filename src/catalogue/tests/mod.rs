//! Tests of whole rows and records.

mod errors;
mod properties;
mod reading;
mod writing;

use super::{Defaults, JsonReader, read, record::Record};

/// Reads a row of JSON. Returns the record with its warnings, or its errors.
fn row_with(json: &str, defaults: &Defaults) -> Result<(Record, Vec<String>), Vec<String>> {
    let cells = JsonReader::new().row(json).unwrap();
    read(&cells, defaults)
        .map(|(record, warnings)| {
            (
                record,
                warnings.iter().map(|warning| warning.to_string()).collect(),
            )
        })
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn row(json: &str) -> Result<(Record, Vec<String>), Vec<String>> {
    row_with(json, &Defaults::default())
}
