//! Pages of a list: which one is asked for, and where each row stands.
//!
//! A page is cut by the place of a row in the list, never by an offset, so rows that are added or taken away while somebody pages
//! through make no other row come twice or not at all. The cursors are opaque to clients; they name the order that they were made
//! in, because a place in one order means nothing in another.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// The rows of a page unless said.
pub const DEFAULT_PAGE: u16 = 20;

/// The most rows that a page may have.
pub const LARGEST_PAGE: u16 = 100;

/// What a list is sorted by, at one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// The row has none, and stands at the end.
    #[serde(rename = "-")]
    Missing,
    /// A count or a score.
    #[serde(rename = "n")]
    Number(i64),
    /// A name or a title.
    #[serde(rename = "t")]
    Text(String),
    /// A date.
    #[serde(rename = "d")]
    Date(NaiveDate),
}

/// What the sort keys of an order are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// None: the list is sorted by id alone.
    None,
    /// Counts and scores.
    Number,
    /// Names and titles.
    Text,
    /// Dates.
    Date,
}

/// An order as its cursors know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderTag {
    /// Written into every cursor; two orders of one list never share it.
    pub name: &'static str,
    /// What the sort keys are.
    pub kind: KeyKind,
    /// Whether a row may have none.
    pub nullable: bool,
    /// Which end comes first.
    pub direction: Direction,
}

impl OrderTag {
    /// Whether a row of this order can have such a key. A cursor may be forged; a key of another type would be our fault before
    /// the database.
    fn fits(self, key: &SortKey) -> bool {
        match (key, self.kind) {
            (SortKey::Missing, kind) => self.nullable || kind == KeyKind::None,
            (SortKey::Number(_), KeyKind::Number) => true,
            // PostgreSQL's text holds no NUL, so no row of ours can have given one.
            (SortKey::Text(text), KeyKind::Text) => !text.contains('\0'),
            (SortKey::Date(date), KeyKind::Date) => (1..=9999).contains(&date.year()),
            _ => false,
        }
    }
}

/// The place of a row in a list: its sort key, and its id among rows of the same key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The sort key.
    pub key: SortKey,
    /// The row's id, by which rows of the same key are ordered.
    pub id: i64,
}

impl Position {
    /// The cursor of this place in an order.
    #[must_use]
    pub fn to_cursor(&self, order: OrderTag) -> String {
        let descending = order.direction == Direction::Descending;
        let text = serde_json::json!([order.name, descending, self.key, self.id]).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    ///
    /// When it isn't a cursor of ours, or one of another order.
    pub fn from_cursor(cursor: &str, order: OrderTag) -> Result<Self, PageError> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| PageError::UnknownCursor)?;
        let (name, descending, key, id): (String, bool, SortKey, i64) =
            serde_json::from_slice(&bytes).map_err(|_| PageError::UnknownCursor)?;
        if name != order.name || descending != (order.direction == Direction::Descending) {
            return Err(PageError::CursorOfOtherOrder);
        }
        let position = Self { key, id };
        // Of the ways to write a place only ours counts, as with ids.
        if order.fits(&position.key) && position.to_cursor(order) == cursor {
            Ok(position)
        } else {
            Err(PageError::UnknownCursor)
        }
    }
}

/// The arguments of a connection as the client wrote them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// How many rows from the beginning.
    pub first: Option<i32>,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// How many rows from the end.
    pub last: Option<i32>,
    /// Only rows before this cursor.
    pub before: Option<String>,
}

/// Which rows of a list are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Only rows after this place.
    pub after: Option<Position>,
    /// Only rows before this place.
    pub before: Option<Position>,
    /// At most this many: 1 to [`LARGEST_PAGE`].
    pub size: u16,
    /// Whether the rows nearest to the end are meant (`last`) rather than those nearest to the beginning.
    pub from_end: bool,
}

impl PageRequest {
    /// How many rows to read: one more than asked for, by which one sees whether there are more.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// Reads the arguments for a list in an order.
    ///
    /// # Errors
    ///
    /// When both `first` and `last` are given, one is outside of 1 to [`LARGEST_PAGE`], or a cursor is not of this list.
    pub fn parse(args: &PageArgs, order: OrderTag) -> Result<Self, PageError> {
        let (wanted, from_end) = match (args.first, args.last) {
            (Some(_), Some(_)) => return Err(PageError::FirstAndLast),
            (None, Some(last)) => (Some(last), true),
            (first, None) => (first, false),
        };
        let size = match wanted {
            None => DEFAULT_PAGE,
            Some(wanted) => u16::try_from(wanted)
                .ok()
                .filter(|size| (1..=LARGEST_PAGE).contains(size))
                .ok_or(PageError::Size(wanted))?,
        };
        let position = |cursor: &Option<String>| {
            cursor
                .as_deref()
                .map(|cursor| Position::from_cursor(cursor, order))
                .transpose()
        };
        Ok(Self {
            after: position(&args.after)?,
            before: position(&args.before)?,
            size,
            from_end,
        })
    }
}

/// What is wrong with a page's arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Both ends at once.
    #[error("give either `first` or `last`, not both")]
    FirstAndLast,
    /// Too few or too many rows.
    #[error("a page has 1 to {LARGEST_PAGE} rows, not {0}")]
    Size(i32),
    /// No cursor of ours.
    #[error(
        "this is not a cursor of this list; take `endCursor`, `startCursor` or an edge's `cursor`"
    )]
    UnknownCursor,
    /// A cursor of ours, but of a list in another order.
    #[error(
        "this cursor was made by a list in another order; page on with the order that it came from"
    )]
    CursorOfOtherOrder,
}

/// A page of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Each row with its place.
    pub rows: Vec<(T, Position)>,
    /// Whether rows follow. Going backwards it is known without asking that the row at `before` does.
    pub has_next: bool,
    /// Whether rows come before. Going forwards it is known without asking that the row at `after` does.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// Makes a page of what was read: up to one row more than was asked for, from the end that was asked for.
    #[must_use]
    pub fn cut(mut rows: Vec<(T, Position)>, request: &PageRequest) -> Self {
        let more = rows.len() > usize::from(request.size);
        rows.truncate(usize::from(request.size));
        if request.from_end {
            rows.reverse();
        }
        let (has_next, has_previous) = if request.from_end {
            (request.before.is_some(), more)
        } else {
            (more, request.after.is_some())
        };
        Self {
            rows,
            has_next,
            has_previous,
        }
    }
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest, oldest or alphabetically first at the beginning.
    Ascending,
    /// The other way round. What has no value stands at the end all the same.
    Descending,
}

#[cfg(any(test, feature = "laws"))]
pub mod laws;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        laws::{KINDS, order},
        *,
    };

    fn key(kind: KeyKind) -> BoxedStrategy<SortKey> {
        let some = match kind {
            KeyKind::None => Just(SortKey::Missing).boxed(),
            KeyKind::Number => any::<i64>().prop_map(SortKey::Number).boxed(),
            KeyKind::Text => "[^\0]*".prop_map(SortKey::Text).boxed(),
            KeyKind::Date => (1..3_000_000)
                .prop_map(|days| {
                    SortKey::Date(NaiveDate::from_num_days_from_ce_opt(days).unwrap_or_default())
                })
                .boxed(),
        };
        prop_oneof![Just(SortKey::Missing), some].boxed()
    }

    fn kind_and_key() -> impl Strategy<Value = (KeyKind, SortKey)> {
        prop::sample::select(&KINDS[..]).prop_flat_map(|kind| (Just(kind), key(kind)))
    }

    proptest! {
        #[test]
        fn a_cursor_names_the_place_that_it_was_made_of((kind, key) in kind_and_key(), id: i64) {
            for direction in [Direction::Ascending, Direction::Descending] {
                laws::a_cursor_names_the_place_that_it_was_made_of(&Position { key: key.clone(), id }, order(kind, direction));
            }
        }

        #[test]
        fn any_text_at_all_is_refused_or_a_cursor(text: String) {
            let tag = order(KeyKind::Text, Direction::Ascending);
            let encoded = BASE64_URL_SAFE_NO_PAD.encode(&text);
            prop_assert_eq!(Position::from_cursor(&encoded, tag), Err(PageError::UnknownCursor));
            laws::any_text_is_refused_or_the_cursor_of_its_place(&text);
        }
    }

    #[test]
    fn a_key_that_no_row_can_have_is_refused() {
        for (kind, key) in [
            (KeyKind::Text, SortKey::Text("a\0b".into())),
            (KeyKind::Date, SortKey::Date(NaiveDate::MAX)),
            (KeyKind::Date, SortKey::Date(NaiveDate::MIN)),
        ] {
            let tag = order(kind, Direction::Ascending);
            let cursor = Position { key, id: 1 }.to_cursor(tag);
            assert_eq!(
                Position::from_cursor(&cursor, tag),
                Err(PageError::UnknownCursor)
            );
        }
    }

    #[test]
    fn a_cursor_that_is_written_otherwise_is_refused() {
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
    fn a_page_has_a_default_and_a_largest_size() {
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
        assert_eq!(size(Some(0)), Err(PageError::Size(0)));
        assert_eq!(size(Some(-1)), Err(PageError::Size(-1)));
        assert_eq!(size(Some(101)), Err(PageError::Size(101)));
    }

    #[test]
    fn both_ends_at_once_are_refused() {
        assert_eq!(
            PageRequest::parse(
                &args(Some(1), Some(1)),
                order(KeyKind::None, Direction::Ascending)
            ),
            Err(PageError::FirstAndLast)
        );
    }

    #[test]
    fn a_page_from_the_end_is_turned_round() {
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
            from_end: true,
        };
        let page = Page::cut(vec![row(9), row(8), row(7)], &request);
        assert_eq!(
            page.rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            [8, 9]
        );
        assert_eq!((page.has_previous, page.has_next), (true, false));
    }
}
