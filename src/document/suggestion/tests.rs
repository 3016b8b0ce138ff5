use super::*;

#[test]
fn similar_names_are_suggested_nearest_first() {
    let names = ["title", "titles", "subtitle", "year", "__typename"];
    let suffix = suggest_similar("tilte", names.into_iter());
    assert_eq!(suffix.as_deref(), Some("; did you mean `title`, `titles`?"));
    assert_eq!(suggest_similar("xyzzy", names.into_iter()), None);
}
