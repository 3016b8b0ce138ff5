use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn parsing_a_formatted_tag_returns_the_tag(kind in prop::sample::select(&TagKind::ALL[..]), key in 1..(1_i64 << KIND_SHIFT)) {
        let tag = Tag::of(kind, key);
        prop_assert_eq!(Tag::parse(&tag.to_string()), Some(tag));
        prop_assert_eq!(tag.as_any(), Tag::any(kind));
        prop_assert_ne!(tag, Tag::any(kind));
    }

    #[test]
    fn any_string_that_parses_is_formatted_the_same(word: String) {
        if let Some(tag) = Tag::parse(&word) {
            prop_assert_eq!(tag.to_string(), word);
        }
    }
}

#[test]
fn strings_that_are_no_tag_are_rejected() {
    for word in [
        "",
        "f",
        "f0",
        "f-1",
        "f+1",
        "f01",
        "x1",
        "f1 ",
        "f72057594037927936",
        "1",
    ] {
        assert_eq!(Tag::parse(word), None, "{word}");
    }
}
