//! Properties of any cursor, forged cursors included.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Direction, KeyKind, OrderTag, PageArgs, PageError, PageRequest, Position, SortKey};

/// Every kind of sort key.
pub const KINDS: [KeyKind; 5] = [
    KeyKind::None,
    KeyKind::Number,
    KeyKind::Text,
    KeyKind::FoldedText,
    KeyKind::Date,
];

/// Returns an order for cursors, with that kind of sort key and direction.
#[must_use]
pub fn order(kind: KeyKind, direction: Direction) -> OrderTag {
    OrderTag {
        name: "x",
        kind,
        is_nullable: true,
        direction,
    }
}

/// Checks that a string, both as a cursor and as the decoded content of a cursor, is rejected, or is exactly the cursor
/// of the position that it decodes to.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn any_string_is_rejected_or_is_a_canonical_cursor(text: &str) {
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(text);
    for cursor in [text, &encoded] {
        for kind in KINDS {
            for direction in [Direction::Ascending, Direction::Descending] {
                check_cursor(cursor, order(kind, direction));
            }
        }
    }
}

fn check_cursor(cursor: &str, order: OrderTag) {
    let args = PageArgs {
        after: Some(cursor.to_owned()),
        ..PageArgs::default()
    };
    let request = PageRequest::parse(&args, order);
    match Position::from_cursor(cursor, order) {
        Ok(position) => {
            assert_eq!(position.to_cursor(order), cursor, "{position:?}");
            a_cursor_decodes_to_its_position(&position, order);
            assert_eq!(request.map(|request| request.after), Ok(Some(position)));
        }
        Err(error) => {
            let is_cursor_error =
                matches!(error, PageError::InvalidCursor | PageError::OrderMismatch);
            assert!(is_cursor_error, "{error}");
            assert_eq!(request, Err(error));
        }
    }
}

/// Checks that the cursor of a position decodes to the position, and that other orders of the same list reject it.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn a_cursor_decodes_to_its_position(position: &Position, order: OrderTag) {
    let cursor = position.to_cursor(order);
    assert_eq!(Position::from_cursor(&cursor, order).as_ref(), Ok(position));
    let direction = order.direction.opposite();
    let reversed = OrderTag { direction, ..order };
    let mismatch = Err(PageError::OrderMismatch);
    assert_eq!(Position::from_cursor(&cursor, reversed), mismatch);
    for kind in KINDS {
        let forged = position.to_cursor(OrderTag { kind, ..order });
        let is_text = |kind| matches!(kind, KeyKind::Text | KeyKind::FoldedText);
        let is_same = kind == order.kind || is_text(kind) && is_text(order.kind);
        let is_valid = is_same || position.key == SortKey::Missing;
        let decoded = Position::from_cursor(&forged, OrderTag { kind, ..order });
        assert_eq!(decoded.is_ok(), is_valid, "{position:?} as {kind:?}");
    }
}
