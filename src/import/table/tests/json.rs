//! JSON arrays and JSON Lines.

use super::{cells, error, rows, table};

fn json_error(text: &str) -> String {
    error("list.json", text.as_bytes())
}

#[test]
fn an_array_is_read_with_the_keys_of_all_rows_in_their_order() {
    let text = "[\n  {\n    \"film\": \"The Amber Tide\",\n    \"year\": 2021\n  },\n  \
                {\"critic\": \"Nora Merrow\", \"film\": \"Glass Meadow\"}\n]\n";
    let table = table("list.json", text.as_bytes());
    assert_eq!(table.form().to_string(), "JSON array, UTF-8");
    assert_eq!(table.header(), ["film", "year", "critic"]);
    let expected = [
        (2, ["The Amber Tide", "2021", ""]),
        (6, ["Glass Meadow", "", "Nora Merrow"]),
    ];
    assert_eq!(
        rows(&table),
        expected.map(|(line, row)| (line, row.map(str::to_owned).to_vec()))
    );
}

#[test]
fn lines_and_indented_objects_one_after_the_other_are_read() {
    let text = "{\"a\": 1}\n{\"a\": 2}\r\n\n{\n  \"a\": 3\n}{\"a\":4}";
    let table = table("list.jsonl", text.as_bytes());
    assert_eq!(table.form().to_string(), "JSON Lines, UTF-8");
    assert_eq!(cells(&table), [["1"], ["2"], ["3"], ["4"]]);
    let lines: Vec<u64> = rows(&table).into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [1, 2, 4, 6]);
}

#[test]
fn nested_objects_are_paths_and_lists_are_json() {
    let text = r#"{"film": {"title": "A", "ids": {"imdb": "tt1"}}, "genres": ["Drama", "Crime"],
        "scores": [{"of": 5}], "none": null, "fresh": true, "grade": 4.50, "whole": 101.0}"#;
    let table = table("list.json", text.as_bytes());
    assert_eq!(
        table.header(),
        [
            "film.title",
            "film.ids.imdb",
            "genres",
            "scores.of",
            "scores",
            "fresh",
            "grade",
            "whole"
        ]
    );
    assert_eq!(
        cells(&table),
        [[
            "A",
            "tt1",
            r#"["Drama","Crime"]"#,
            "5",
            r#"[{"of":5}]"#,
            "true",
            "4.5",
            "101"
        ]]
    );
}

#[test]
fn a_key_that_is_null_or_an_object_is_no_column_of_its_own() {
    let text = r#"[{"film": "A", "author": null}, {"film": "B", "author": {"name": "C"}}]"#;
    let table = table("list.json", text.as_bytes());
    assert_eq!(table.header(), ["film", "author.name"]);
    assert_eq!(cells(&table), [["A", ""], ["B", "C"]]);
}

#[test]
fn strings_may_have_anything_that_looks_like_structure() {
    let text = r#"[{"a}": "]}\"{[", "b": "\\"}, {"a}": "é\u00e9\ud83d\ude00\n"}]"#;
    let table = table("list.json", text.as_bytes());
    assert_eq!(cells(&table), [["]}\"{[", "\\"], ["éé😀\n", ""]]);
}

#[test]
fn errors_have_their_line() {
    for (text, expected) in [
        (
            "[{\"a\": 1},\n{\"a\" 2}]",
            "line 2: not JSON: expected `:`, at byte 6 of the line",
        ),
        (
            "{\"a\": 1}\n{\"a\": 2\n{\"a\": 3}\n",
            "line 3: not JSON: expected `,` or `}`, at byte 1 of the line",
        ),
        (
            "[{\"a\": 1}\n{\"a\": 2}]",
            "line 2: expected a comma or the end of the array, found '{'",
        ),
        (
            "[{\"a\": 1},\n]",
            "line 2: expected an object after the comma: each row is one, found ']'",
        ),
        (
            "[{\"a\": 1}] {}",
            "line 1: expected nothing after the end of the array, found '{'",
        ),
        (
            "[{\"a\": 1},",
            "line 1: the text ends inside the array: the file is truncated",
        ),
        (
            "[{\"a\": 1}, {\"a\": [1, 2",
            "line 1: the text ends inside the object that begins here: a brace is missing, or the file is truncated",
        ),
        ("[]", "it has no row with a text in it"),
        ("{}", "it has no row with a text in it"),
    ] {
        assert_eq!(json_error(text), expected, "{text}");
    }
}

#[test]
fn an_object_beyond_the_bound_is_refused() {
    let long = format!(
        "{{\"results\": [{}]}}",
        "{\"a\": \"0123456789\"},".repeat(60_000)
    );
    assert!(json_error(&long).contains("longer than 1 MiB; if its rows are a list inside it"));
}

#[test]
fn ever_new_keys_are_refused() {
    let rows: Vec<String> = (0..20_000)
        .map(|key| format!("{{\"k{key}\": 1}}"))
        .collect();
    assert!(json_error(&rows.join("\n")).contains("give each row the same keys"));
}

#[test]
fn text_that_only_begins_with_a_bracket_is_csv() {
    let table = table("list.csv", b"[id],film\n1,A\n");
    assert_eq!(table.header(), ["[id]", "film"]);
}

#[test]
fn utf_16_is_read() {
    let text = "\u{feff}[{\"film\": \"Amélie\"}]";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table = table("list.json", &bytes);
    assert_eq!(table.form().to_string(), "JSON array, UTF-16LE");
    assert_eq!(cells(&table), [["Amélie"]]);
}

#[test]
fn the_members_of_a_list_of_objects_are_paths_as_well() {
    let text = r#"[{"by": [{"name": "Ann", "at": {"city": "Ulm"}}]}, {"by": [{"name": "Ann"}, {"name": "Bo"}]}]"#;
    let table = table("list.json", text.as_bytes());
    assert_eq!(table.header(), ["by.at.city", "by.name", "by"]);
    let list = r#"[{"name":"Ann"},{"name":"Bo"}]"#;
    assert_eq!(cells(&table)[1], ["", r#"["Ann","Bo"]"#, list]);
    assert_eq!(cells(&table)[0][..2], ["Ulm", "Ann"]);
}
