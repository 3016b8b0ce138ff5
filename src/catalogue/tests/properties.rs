use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord};
use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::catalogue::{
    Cell, Cells, Column, ColumnError, CsvWriter, Header, JsonWriter, Warning, Warnings, arbitrary,
};

type ReadResult = Result<(Record, Warnings), Vec<ColumnError>>;

fn through_json(records: &[Record]) -> Vec<ReadResult> {
    let mut writer = JsonWriter::new(Vec::new());
    for record in records {
        writer.write(record).unwrap();
    }
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    let mut reader = JsonReader::new();
    let results = text.split_terminator('\n').map(|line| {
        let cells = reader.row(line).unwrap();
        read(&cells, &Defaults::default())
    });
    results.collect()
}

fn through_csv(records: &[Record]) -> Vec<ReadResult> {
    let mut writer = CsvWriter::new(Vec::new()).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let mut reader = ReaderBuilder::new().from_reader(&bytes[..]);
    let header = Header::read(reader.headers().unwrap()).unwrap();
    assert!(header.unknown().is_empty());
    let results = reader.records().map(|record| {
        let record = record.unwrap();
        read(&header.cells(&record), &Defaults::default())
    });
    results.collect()
}

/// Checks that the results are these records, with no warnings but those about unreadable original scores.
fn check(records: &[Record], results: Vec<ReadResult>) -> Result<(), TestCaseError> {
    prop_assert_eq!(records.len(), results.len());
    for (record, result) in records.iter().zip(results) {
        let (read, warnings) =
            result.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        prop_assert_eq!(record, &read);
        let is_unreadable = matches!(record, Record::Review(review) if review.score.is_none() && review.original_score.is_some());
        let is_expected = |warning| is_unreadable && matches!(warning, Warning::UnreadableScore(_));
        prop_assert!(warnings.iter().all(is_expected), "{:?}", warnings);
    }
    Ok(())
}

/// A column's name, mostly in its exact spelling, or any other string.
fn key() -> impl Strategy<Value = String> {
    let name = select(Column::ALL.map(Column::name).to_vec()).prop_map(str::to_owned);
    prop_oneof![8 => name.clone(), 2 => name.prop_map(|name| name.to_uppercase().replace('_', " ")), 1 => any::<String>()]
}

/// A string, often a valid value of some column.
fn value() -> impl Strategy<Value = String> {
    const TEXTS: [&str; 30] = [
        "",
        "film",
        "critic",
        "publication",
        "published_score",
        "review",
        "80",
        "0.5",
        "true",
        "fresh",
        "mixed",
        "stars",
        "2020-01-01",
        "1996",
        "a:b",
        "[\"a\"]",
        "[",
        "http://a",
        "4/5",
        "a\r\nb",
        "none",
        "tbd",
        "-",
        "March 6, 2021",
        "05-Mar-21",
        "3/4/2021",
        "['a', \"b\"]",
        "101.0",
        "8,7",
        "<p>a",
    ];
    prop_oneof![3 => select(TEXTS.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        4 => value().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => (0_u8..=100).prop_map(serde_json::Value::from),
        1 => any::<f64>().prop_map(serde_json::Value::from),
        1 => any::<bool>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            vec((key(), inner), 0..3).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

/// Checks that a row is either read, and can be written and read again, or has distinct errors.
fn check_result(result: ReadResult) -> Result<(), TestCaseError> {
    match result {
        Ok((record, warnings)) => {
            let is_empty_review =
                matches!(&record, Record::Review(review) if !review.has_content());
            prop_assert!(!is_empty_review, "{:?}", record);
            prop_assert_eq!(warnings.is_empty(), warnings.iter().next().is_none());
            let records = [record];
            check(&records, through_json(&records))?;
            check(&records, through_csv(&records))
        }
        Err(errors) => {
            let distinct: HashSet<_> = errors.iter().map(ToString::to_string).collect();
            prop_assert!(
                !errors.is_empty() && distinct.len() == errors.len(),
                "{:?}",
                errors
            );
            Ok(())
        }
    }
}

proptest! {
    #[test]
    fn records_survive_a_round_trip_through_json(records in vec(arbitrary::record(), 1..4)) {
        check(&records, through_json(&records))?;
    }

    #[test]
    fn records_survive_a_round_trip_through_csv(records in vec(arbitrary::record(), 1..4)) {
        check(&records, through_csv(&records))?;
    }

    #[test]
    fn any_object_is_read_or_has_an_error(entries in vec((key(), json()), 0..8)) {
        let fields: Vec<_> = entries.iter().map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap())).collect();
        let line = format!("{{{}}}", fields.join(","));
        let mut reader = JsonReader::new();
        let cells = reader.row(&line).unwrap();
        prop_assert_eq!(cells.filled().difference(cells.present()).iter().count(), 0);
        check_result(read(&cells, &Defaults::default()))?;
    }

    #[test]
    fn any_line_is_a_row_or_an_error(line: String) {
        let _ = JsonReader::new().row(&line).map(|cells| read(&cells, &Defaults::default()));
    }

    #[test]
    fn any_cells_are_read_or_have_an_error(fields in vec((key(), value()), 0..8)) {
        let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        if let Ok(header) = Header::read(names.iter().map(String::as_str)) {
            let record = StringRecord::from(values);
            check_result(read(&header.cells(&record), &Defaults::default()))?;
        }
    }

    #[test]
    fn any_text_in_any_column_is_read_or_has_an_error(kind in value(), column in select(Column::ALL.to_vec()), text: String) {
        let mut cells = Cells::new();
        cells.insert(Column::Kind, Cell::text(&kind));
        if column != Column::Kind {
            cells.insert(column, Cell::text(&text));
        }
        check_result(read(&cells, &Defaults::default()))?;
    }
}
