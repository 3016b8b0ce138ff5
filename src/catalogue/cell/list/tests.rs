use proptest::{collection::vec, prelude::*};

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
        Cell::text("['a', 'b']"),
        Cell::text(r#"['a', "b",]"#),
        Cell::text(r#"[{"id": 18, "name": "a"}, {"name": "b", "parent": {"id": null}}]"#),
        Cell::text("[{'id': 18, 'name': 'a'}, {'id': 9, 'name': 'b'}]"),
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
    let nested = format!("[{}", "['a'".repeat(300));
    let long = format!("{nested:.60}…");
    for (text, quoted) in [
        ("[a; b", "[a; b"),
        ("[1]", "[1]"),
        ("[Not Credited]", "[Not Credited]"),
        ("['a'", "['a'"),
        ("[{'title': 'a'}]", "[{'title': 'a'}]"),
        ("[['a']]", "[['a']]"),
        (&nested, &long),
    ] {
        let reason = format!(
            r#"must be strings separated by ";", or a JSON array of strings such as ["a","b"], not "{quoted}""#
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

#[test]
fn quotes_and_escapes_of_python_are_read() {
    assert_eq!(
        read(&Cell::text(
            r#"['Kid\'s', "Let's", 'a \\ b', '\xe9', '\u00e9', 'é', '"q"']"#
        )),
        Ok(["Kid's", "Let's", r"a \ b", "é", "é", "é", "\"q\""]
            .map(str::to_owned)
            .to_vec())
    );
}

#[test]
fn a_text_is_split_at_another_separator() {
    let list = |text| read(&separated(text, ','));
    assert_eq!(
        list("Drama, Mystery"),
        Ok(vec!["Drama".to_owned(), "Mystery".to_owned()])
    );
    assert_eq!(list("Drama"), Ok(vec!["Drama".to_owned()]));
    assert_eq!(
        list("['Strong Weather', 'Drama']"),
        Ok(vec!["Strong Weather".to_owned(), "Drama".to_owned()])
    );
}

/// Returns a list as Python's `repr` writes it.
fn python(items: &[String]) -> String {
    let quoted = items.iter().map(|item| {
        let escaped = item.replace('\\', r"\\");
        if item.contains('\'') && !item.contains('"') {
            format!("\"{escaped}\"")
        } else {
            format!("'{}'", escaped.replace('\'', r"\'"))
        }
    });
    format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
}

proptest! {
    #[test]
    fn a_list_of_python_is_read(items in vec("[a-zé'\"\\\\,;\\[{]{1,8}", 0..5)) {
        prop_assert_eq!(read(&Cell::text(&python(&items))), Ok(items));
    }

    #[test]
    fn any_text_is_a_list_or_an_error(text in "(\\[|\\]|\\{|\\}|'|\"|name|:|,|;|\\\\|a|1| ){0,20}") {
        if let Ok(items) = read(&Cell::text(&text)) {
            prop_assert!(items.iter().all(|item| !item.is_empty()));
        }
    }
}
