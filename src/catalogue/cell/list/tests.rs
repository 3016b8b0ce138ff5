use super::*;

fn read(cell: &Cell<'_>) -> Result<Vec<String>, String> {
    list(cell, 300)
}

#[test]
fn a_list_is_read_in_each_of_its_forms() {
    for cell in [
        Cell::text("a; b"),
        Cell::text(" a;b ;; "),
        Cell::text(r#" ["a", " b", ""]"#),
        Cell::List(vec!["a".into(), " b ".into(), " ".into()]),
    ] {
        assert_eq!(
            read(&cell),
            Ok(vec!["a".to_owned(), "b".to_owned()]),
            "{cell:?}"
        );
    }
}

#[test]
fn a_string_that_begins_with_a_bracket_must_be_a_json_array() {
    for text in ["[a; b", "[1]", "[Not Credited]"] {
        let reason = format!(
            r#"must be strings separated by ";", or a JSON array of strings such as ["a","b"], not "{text}""#
        );
        assert_eq!(read(&Cell::text(text)), Err(reason));
    }
    assert_eq!(
        read(&Cell::Flag(true)),
        Err("must be a list of strings, not true".to_owned())
    );
}

#[test]
fn a_list_and_its_items_have_limits() {
    assert_eq!(
        read(&Cell::text(&"a;".repeat(50))).map(|items| items.len()),
        Ok(50)
    );
    assert_eq!(
        read(&Cell::text(&"a;".repeat(51))),
        Err("has 51 items, and at most 50 are allowed".to_owned())
    );
    assert_eq!(
        read(&Cell::text(&"a".repeat(301))),
        Err("has an item that is 301 characters long, and at most 300 are allowed".to_owned())
    );
    assert_eq!(
        read(&Cell::text("a\tb")),
        Err("has an item that contains a tab".to_owned())
    );
}

#[test]
fn the_first_colon_separates_source_and_id() {
    let read = |text| external_ids(&Cell::text(text), 4);
    let id = |source: &str, id: &str| ExternalId {
        source: source.to_owned(),
        id: id.to_owned(),
    };
    assert_eq!(
        read("imdb: tt:1; b:2"),
        Ok(vec![id("imdb", "tt:1"), id("b", "2")])
    );
    for text in ["tt1", ":1", "a:", "a: "] {
        let reason = format!(
            r#"must be strings of the form source:id, not "{}""#,
            text.trim()
        );
        assert_eq!(read(text), Err(reason));
    }
    assert_eq!(
        read("im:tt123"),
        Err("has a source or id that is 5 characters long, and at most 4 are allowed".to_owned())
    );
}

#[test]
fn a_list_becomes_a_json_array_only_if_necessary() {
    let joined = |items: &[&str]| {
        let items: Vec<_> = items.iter().map(|item| Cow::Borrowed(*item)).collect();
        joined(&items).unwrap()
    };
    assert_eq!(joined(&["a", "b, [c"]), "a; b, [c");
    assert_eq!(joined(&["a;b", "c"]), r#"["a;b","c"]"#);
    assert_eq!(joined(&[r#"a "b""#]), r#"["a \"b\""]"#);
    assert_eq!(joined(&["[a"]), r#"["[a"]"#);
}
