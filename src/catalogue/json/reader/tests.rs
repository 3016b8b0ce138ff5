use super::*;
use crate::catalogue::{Cell, InvalidValue, Number};

fn error(line: &str) -> String {
    JsonReader::new().row(line).unwrap_err().to_string()
}

#[test]
fn an_object_becomes_cells() {
    let line = "\u{feff}{\"Title\": \"Pusher\", \"film_year\": 1996, \"rating\": 3.5, \"top\": true, \"directors\": [\"a\\n\"], \
            \"url\": null, \"mood\": {\"a\": [1]}, \"synopsis\": {\"b\": 2}, \"genres\": [\"a\", null], \"weight\": -1}";
    let mut reader = JsonReader::new();
    let cells = reader.row(line).unwrap();
    for (column, cell) in [
        (Column::Film, Cell::text("Pusher")),
        (Column::FilmYear, Cell::Number(Number::Unsigned(1996))),
        (Column::OriginalScore, Cell::Number(Number::Float(3.5))),
        (Column::TopCritic, Cell::Flag(true)),
        (Column::Directors, Cell::List(vec!["a\n".into()])),
        (Column::Url, Cell::Blank),
        (Column::Synopsis, Cell::Invalid(InvalidValue::Object)),
        (Column::Genres, Cell::Invalid(InvalidValue::MixedList)),
        (Column::Weight, Cell::Number(Number::Integer(-1))),
    ] {
        assert_eq!(*cells.get(column), cell);
        assert!(cells.present().contains(column), "{column:?}");
    }
    assert_eq!(cells.present().iter().count(), 9);
    assert_eq!(reader.unknown().to_string(), r#""mood""#);
}

#[test]
fn two_keys_of_the_same_column_make_it_invalid() {
    for line in [
        r#"{"film":"a","film":"b"}"#,
        r#"{"film":null,"Title":null}"#,
    ] {
        let cells = JsonReader::new().row(line).unwrap();
        assert_eq!(
            *cells.get(Column::Film),
            Cell::Invalid(InvalidValue::Repeated),
            "{line}"
        );
    }
}

#[test]
fn the_error_of_a_line_that_is_not_an_object_has_a_position() {
    assert_eq!(
        error(r#"{"é": 1,}"#),
        "not a JSON object: trailing comma, at character 9"
    );
    assert_eq!(
        error(r#"{"a": 1} x"#),
        "not a JSON object: trailing characters, at character 10"
    );
    assert_eq!(
        error("{"),
        "not a JSON object: EOF while parsing an object, at character 1, and an object must end on its own line"
    );
    assert_eq!(
        error("[1]"),
        "not a JSON object: invalid type: sequence, expected an object, at character 1"
    );
    assert_eq!(
        error(r#"{"score": 1e999}"#),
        "not a JSON object: number out of range, at character 15"
    );
}

#[test]
fn the_cache_of_keys_is_bounded() {
    let mut reader = JsonReader::new();
    for number in 0..1_000 {
        reader.row(&format!(r#"{{"k{number}": 1}}"#)).unwrap();
    }
    assert_eq!(reader.column_cache.len(), MAX_CACHED_KEYS);
    assert_eq!(
        (reader.unknown().names().len(), reader.unknown().omitted()),
        (20, 980)
    );
}
