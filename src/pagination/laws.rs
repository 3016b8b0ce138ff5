//! What holds for any cursor, forged ones too.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Direction, KeyKind, OrderTag, PageArgs, PageError, PageRequest, Position, SortKey};

/// What orders are sorted by.
pub const KINDS: [KeyKind; 4] = [KeyKind::None, KeyKind::Number, KeyKind::Text, KeyKind::Date];

/// An order of which cursors are made.
#[must_use]
pub fn order(kind: KeyKind, direction: Direction) -> OrderTag {
    OrderTag {
        name: "x",
        kind,
        nullable: true,
        direction,
    }
}

/// A text, as it stands or as what is in a cursor, is refused, or it is just the cursor that is made of the place which it names.
///
/// # Panics
///
/// When it doesn't hold.
pub fn any_text_is_refused_or_the_cursor_of_its_place(text: &str) {
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(text);
    for cursor in [text, &encoded] {
        for kind in KINDS {
            for direction in [Direction::Ascending, Direction::Descending] {
                names_its_place(cursor, order(kind, direction));
            }
        }
    }
}

fn names_its_place(cursor: &str, order: OrderTag) {
    let args = PageArgs {
        after: Some(cursor.to_owned()),
        ..PageArgs::default()
    };
    let request = PageRequest::parse(&args, order);
    match Position::from_cursor(cursor, order) {
        Ok(position) => {
            assert_eq!(position.to_cursor(order), cursor, "{position:?}");
            a_cursor_names_the_place_that_it_was_made_of(&position, order);
            assert_eq!(request.map(|request| request.after), Ok(Some(position)));
        }
        Err(error) => {
            let is_of_cursors = matches!(
                error,
                PageError::UnknownCursor | PageError::CursorOfOtherOrder
            );
            assert!(is_of_cursors, "{error}");
            assert_eq!(request, Err(error));
        }
    }
}

/// A cursor is read as it was written in its order, and no other order of the same list takes it.
///
/// # Panics
///
/// When it doesn't hold.
pub fn a_cursor_names_the_place_that_it_was_made_of(position: &Position, order: OrderTag) {
    let cursor = position.to_cursor(order);
    assert_eq!(Position::from_cursor(&cursor, order).as_ref(), Ok(position));
    let direction = match order.direction {
        Direction::Ascending => Direction::Descending,
        Direction::Descending => Direction::Ascending,
    };
    let turned = OrderTag { direction, ..order };
    let other = Err(PageError::CursorOfOtherOrder);
    assert_eq!(Position::from_cursor(&cursor, turned), other);
    for kind in KINDS {
        let forged = position.to_cursor(OrderTag { kind, ..order });
        let fits = kind == order.kind || position.key == SortKey::Missing;
        let read = Position::from_cursor(&forged, OrderTag { kind, ..order });
        assert_eq!(read.is_ok(), fits, "{position:?} as {kind:?}");
    }
}
