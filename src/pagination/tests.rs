use proptest::prelude::*;

use super::{
    properties::{KINDS, order},
    *,
};

fn key(kind: KeyKind) -> BoxedStrategy<SortKey> {
    let value = match kind {
        KeyKind::None => Just(SortKey::Missing).boxed(),
        KeyKind::Number => any::<i64>().prop_map(SortKey::Number).boxed(),
        KeyKind::Text => "[^\0]*".prop_map(SortKey::Text).boxed(),
        KeyKind::Date => (1..3_000_000)
            .prop_map(|days| {
                SortKey::Date(NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default())
            })
            .boxed(),
    };
    prop_oneof![Just(SortKey::Missing), value].boxed()
}

fn kind_and_key() -> impl Strategy<Value = (KeyKind, SortKey)> {
    prop::sample::select(&KINDS[..]).prop_flat_map(|kind| (Just(kind), key(kind)))
}

proptest! {
    #[test]
    fn a_cursor_decodes_to_its_position((kind, key) in kind_and_key(), id: i64) {
        for direction in [Direction::Ascending, Direction::Descending] {
            properties::a_cursor_decodes_to_its_position(&Position { key: key.clone(), id }, order(kind, direction));
        }
    }

    #[test]
    fn any_string_is_rejected_or_is_a_canonical_cursor(text: String) {
        let tag = order(KeyKind::Text, Direction::Ascending);
        let encoded = BASE64_URL_SAFE_NO_PAD.encode(&text);
        prop_assert_eq!(Position::from_cursor(&encoded, tag), Err(PageError::InvalidCursor));
        properties::any_string_is_rejected_or_is_a_canonical_cursor(&text);
    }
}

#[test]
fn a_key_that_no_row_can_have_is_rejected() {
    for (kind, key) in [
        (KeyKind::Text, SortKey::Text("a\0b".into())),
        (KeyKind::Date, SortKey::Date(NaiveDate::MAX)),
        (KeyKind::Date, SortKey::Date(NaiveDate::MIN)),
    ] {
        let tag = order(kind, Direction::Ascending);
        let cursor = Position { key, id: 1 }.to_cursor(tag);
        assert_eq!(
            Position::from_cursor(&cursor, tag),
            Err(PageError::InvalidCursor)
        );
    }
}

#[test]
fn a_cursor_in_another_encoding_is_rejected() {
    let tag = order(KeyKind::Text, Direction::Ascending);
    for (text, expected) in [
        (r#"["x",false,{"t":"é"},1]"#, true),
        (r#"["x",false,{"t":"\u00e9"},1]"#, false),
        (r#"["x", false, {"t":"é"}, 1]"#, false),
        (r#"["x",false,["t","é"],1]"#, false),
    ] {
        let cursor = BASE64_URL_SAFE_NO_PAD.encode(text);
        assert_eq!(
            Position::from_cursor(&cursor, tag).is_ok(),
            expected,
            "{text}"
        );
    }
}

fn args(first: Option<i32>, last: Option<i32>) -> PageArgs {
    PageArgs {
        first,
        last,
        ..PageArgs::default()
    }
}

#[test]
fn a_page_has_a_default_and_a_maximum_size() {
    let size = |first| {
        PageRequest::parse(
            &args(first, None),
            order(KeyKind::None, Direction::Ascending),
        )
        .map(|request| request.size)
    };
    assert_eq!(size(None), Ok(20));
    assert_eq!(size(Some(1)), Ok(1));
    assert_eq!(size(Some(100)), Ok(100));
    assert_eq!(size(Some(0)), Err(PageError::InvalidSize(0)));
    assert_eq!(size(Some(-1)), Err(PageError::InvalidSize(-1)));
    assert_eq!(size(Some(101)), Err(PageError::InvalidSize(101)));
}

#[test]
fn first_together_with_last_is_rejected() {
    assert_eq!(
        PageRequest::parse(
            &args(Some(1), Some(1)),
            order(KeyKind::None, Direction::Ascending)
        ),
        Err(PageError::FirstAndLast)
    );
}

#[test]
fn a_page_from_the_end_is_reversed() {
    let row = |id| {
        (
            id,
            Position {
                key: SortKey::Missing,
                id,
            },
        )
    };
    let request = PageRequest {
        after: None,
        before: None,
        size: 2,
        is_from_end: true,
    };
    let page = Page::from_rows(vec![row(9), row(8), row(7)], &request);
    assert_eq!(
        page.rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [8, 9]
    );
    assert_eq!((page.has_previous, page.has_next), (true, false));
}
