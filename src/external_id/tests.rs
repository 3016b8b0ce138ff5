use super::*;
use crate::user_error::UserErrorCode::{self, TooLong};

fn id(source: &str, id: &str) -> ExternalId {
    ExternalId {
        source: source.to_owned(),
        id: id.to_owned(),
    }
}

/// Returns the parsed list, and the errors as paths with codes.
fn parsed(given: Vec<ExternalId>) -> (Patch<Vec<ExternalId>>, Vec<(String, UserErrorCode)>) {
    let mut errors = UserErrors::default();
    let list = read_list(Patch::Set(given), "externalIds", &mut errors);
    let errors = errors.into_vec().into_iter();
    let errors = errors.map(|error| (error.field.join("."), error.code));
    (list, errors.collect())
}

#[test]
fn a_list_is_normalized_sorted_and_without_duplicates() {
    let given = vec![
        id(" imdb ", "tt2\t"),
        id("a", "x:y"),
        id("imdb", "tt2"),
        id("a", "e\u{301}"),
    ];
    let expected = vec![id("a", "x:y"), id("a", "\u{e9}"), id("imdb", "tt2")];
    assert_eq!(parsed(given), (Patch::Set(expected), Vec::new()));
    assert_eq!(parsed(Vec::new()), (Patch::Set(Vec::new()), Vec::new()));
}

#[test]
fn every_invalid_part_has_an_error_at_its_path() {
    let long = "x".repeat(text::MAX_SHORT_LENGTH + 1);
    let given = vec![
        id("", " "),
        id("imdb", "tt1"),
        id("a:b", "1"),
        id(&long, "a\nb"),
        id("\u{200b}", "1"),
    ];
    let at = |path: &str, code| (format!("input.externalIds.{path}"), code);
    assert_eq!(
        parsed(given).1,
        [
            at("0.source", Blank),
            at("0.id", Blank),
            at("2.source", Invalid),
            at("3.source", TooLong),
            at("3.id", Invalid),
            at("4.source", Blank),
        ]
    );
}

#[test]
fn only_different_ids_count_towards_the_limit() {
    let ids = |count: usize| (0..count).map(|number| id("a", &number.to_string()));
    let twice = ids(MAX_EXTERNAL_IDS).chain(ids(MAX_EXTERNAL_IDS));
    assert_eq!(parsed(twice.collect()).1, []);
    let more = parsed(ids(MAX_EXTERNAL_IDS + 1).collect());
    assert_eq!(more.0, Patch::Keep);
    assert_eq!(more.1, [("input.externalIds".to_owned(), TooManyValues)]);
}
