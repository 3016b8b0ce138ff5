use proptest::prelude::*;

use super::{
    properties::{KINDS, order},
    *,
};

fn key(kind: KeyKind) -> BoxedStrategy<SortKey> {
    let value = match kind {
        KeyKind::None => Just(SortKey::Missing).boxed(),
        KeyKind::Number => any::<i64>().prop_map(SortKey::Number).boxed(),
        KeyKind::Text | KeyKind::FoldedText => "[^\0]*".prop_map(SortKey::Text).boxed(),
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
    assert_eq!(size(Some(0)), Ok(0));
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
    assert!(page.has_more);
}

/// A list of positions, few of which have equal keys, and a position that may be in it.
fn list_and_bounds() -> impl Strategy<Value = (OrderTag, Vec<Position>, [Option<Position>; 2])> {
    let kind = prop::sample::select(vec![KeyKind::None, KeyKind::Number, KeyKind::FoldedText]);
    let direction = prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    let tag = (kind, direction).prop_map(|(kind, direction)| order(kind, direction));
    tag.prop_flat_map(|tag| {
        let key = match tag.kind {
            KeyKind::None => Just(SortKey::Missing).boxed(),
            KeyKind::FoldedText => "[a-cй]{0,2}".prop_map(SortKey::Text).boxed(),
            _ => prop_oneof![Just(SortKey::Missing), (0..3_i64).prop_map(SortKey::Number)].boxed(),
        };
        let position = (key, 1..12_i64).prop_map(|(key, id)| Position { key, id });
        let positions = prop::collection::vec(position.clone(), 0..12);
        let bound = prop::option::of(position);
        (Just(tag), positions, [bound.clone(), bound])
    })
}

/// Returns the page of a request from a sorted list, and whether the list has rows before and after it.
fn model(list: &[Position], request: &PageRequest, tag: OrderTag) -> (Vec<Position>, bool, bool) {
    let is_up_to_after = |position: &Position| {
        let after = request.after.as_ref();
        after.is_some_and(|after| tag.compare(position, after) != Ordering::Greater)
    };
    let is_from_before = |position: &Position| {
        let before = request.before.as_ref();
        before.is_some_and(|before| tag.compare(position, before) != Ordering::Less)
    };
    let is_in_range = |position: &&Position| !is_up_to_after(position) && !is_from_before(position);
    let range: Vec<Position> = list.iter().filter(is_in_range).cloned().collect();
    let size = usize::from(request.size).min(range.len());
    let skipped = if request.is_from_end {
        range.len() - size
    } else {
        0
    };
    let page = range[skipped..skipped + size].to_vec();
    let has_previous = skipped > 0 || list.iter().any(is_up_to_after);
    let has_next = skipped + size < range.len() || list.iter().any(is_from_before);
    (page, has_previous, has_next)
}

/// Reads a page of a list: its rows, and whether there are more of its range.
fn read(list: &[Position], request: &PageRequest, tag: OrderTag) -> Page<()> {
    let selected = request.select(list.iter().cloned(), tag);
    let rows = selected
        .into_iter()
        .map(|position| ((), position))
        .collect();
    Page::from_unsorted_rows(rows, request, tag)
}

proptest! {
    #[test]
    fn a_page_and_what_is_beyond_its_cursors_match_a_model(
        (tag, mut list, [after, before]) in list_and_bounds(),
        size in 0..5_u16,
        is_from_end: bool,
    ) {
        let by_id = |one: &mut Position, other: &mut Position| one.id == other.id;
        list.sort_by_key(|position| position.id);
        list.dedup_by(by_id);
        list.sort_by(|one, other| tag.compare(one, other));
        let request = PageRequest { after, before, size, is_from_end };
        let page = read(&list, &request, tag);
        let positions: Vec<_> = page.rows.iter().map(|((), position)| position.clone()).collect();
        let has_beyond = |request: Option<PageRequest>| {
            request.is_some_and(|request| read(&list, &request, tag).has_more)
        };
        let up_to_after = request.after.as_ref().map(|after| PageRequest::up_to(after, tag));
        let from_before = request.before.as_ref().map(|before| PageRequest::starting_at(before, tag));
        let has_previous = has_beyond(up_to_after) || is_from_end && page.has_more;
        let has_next = has_beyond(from_before) || !is_from_end && page.has_more;
        prop_assert_eq!((positions, has_previous, has_next), model(&list, &request, tag));
    }
}
