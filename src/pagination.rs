//! Keyset pagination: page requests, cursors and pages.
//!
//! A page starts at the position of a row, never at an offset. Rows that are inserted or deleted while a client pages
//! therefore don't make it skip or repeat other rows. Cursors are opaque to clients. A cursor contains its order,
//! because a position is only valid in that order.

use std::cmp::Ordering;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::json;

/// The default number of rows of a page.
pub const DEFAULT_PAGE_SIZE: u16 = 20;

/// The maximum number of rows of a page. The minimum is none.
pub const MAX_PAGE_SIZE: u16 = 100;

/// The sort key of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// The row has no value, and is at the end of the list.
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

/// The type of an order's sort keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// No sort key: the list is sorted by id only.
    None,
    /// Counts and scores.
    Number,
    /// Names and titles, in the order of the database.
    Text,
    /// Folded text, in the order of its characters' code points.
    FoldedText,
    /// Dates.
    Date,
}

/// The description of an order, which binds cursors to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderTag {
    /// The name in every cursor; unique among the orders of a list.
    pub name: &'static str,
    /// The type of the sort keys.
    pub kind: KeyKind,
    /// Whether the sort key of a row may be missing.
    pub is_nullable: bool,
    /// The direction of the order.
    pub direction: Direction,
}

impl OrderTag {
    /// Returns whether a row of this order can have the key. A cursor may be forged, and a key of another type would
    /// make the statement fail with an internal error.
    fn fits(self, key: &SortKey) -> bool {
        match (key, self.kind) {
            (SortKey::Missing, kind) => self.is_nullable || kind == KeyKind::None,
            (SortKey::Number(_), KeyKind::Number) => true,
            // PostgreSQL's `text` can't contain NUL, so no row has such a key.
            (SortKey::Text(text), KeyKind::Text | KeyKind::FoldedText) => !text.contains('\0'),
            (SortKey::Date(date), KeyKind::Date) => (1..=9999).contains(&date.year()),
            _ => false,
        }
    }
}

impl OrderTag {
    /// Returns the direction of the ids of rows with equal keys.
    fn id_direction(self) -> Direction {
        if self.kind == KeyKind::None {
            self.direction
        } else {
            Direction::Ascending
        }
    }

    /// Compares positions as the database does. Missing keys come last in either direction, and rows with equal keys are
    /// in the order of their ids. The order of strings that are not folded depends on the database: positions with them
    /// compare as equal, so that a stable sort keeps the order of the rows.
    #[must_use]
    pub fn compare(self, one: &Position, other: &Position) -> Ordering {
        let directed = |ordering: Ordering| match self.direction {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        };
        let by_id = one.id.cmp(&other.id);
        if self.kind == KeyKind::None {
            return directed(by_id);
        }
        let by_key = match (&one.key, &other.key) {
            (SortKey::Missing, SortKey::Missing) => Ordering::Equal,
            (SortKey::Missing, _) => Ordering::Greater,
            (_, SortKey::Missing) => Ordering::Less,
            (SortKey::Number(one), SortKey::Number(other)) => directed(one.cmp(other)),
            (SortKey::Date(one), SortKey::Date(other)) => directed(one.cmp(other)),
            (SortKey::Text(one), SortKey::Text(other)) if self.kind == KeyKind::FoldedText => {
                directed(one.cmp(other))
            }
            (SortKey::Text(_) | SortKey::Number(_) | SortKey::Date(_), _) => {
                return Ordering::Equal;
            }
        };
        by_key.then(by_id)
    }
}

/// The position of a row in a list: its sort key, and its id as a tie-breaker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The sort key.
    pub key: SortKey,
    /// The row's id, which orders rows with the same key.
    pub id: i64,
}

impl Position {
    /// Returns the cursor of this position in an order.
    #[must_use]
    pub fn to_cursor(&self, order: OrderTag) -> String {
        let is_descending = order.direction == Direction::Descending;
        let text = serde_json::json!([order.name, is_descending, self.key, self.id]).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Returns the next position with the same key in a direction of the ids. No row is between the two.
    fn neighbour(&self, ids: Direction) -> Self {
        let id = match ids {
            Direction::Ascending => self.id.saturating_add(1),
            Direction::Descending => self.id.saturating_sub(1),
        };
        Self {
            key: self.key.clone(),
            id,
        }
    }

    /// Decodes a cursor of an order.
    ///
    /// # Errors
    ///
    /// When the string isn't a cursor, or is a cursor of another order.
    pub fn from_cursor(cursor: &str, order: OrderTag) -> Result<Self, PageError> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| PageError::InvalidCursor)?;
        let (name, is_descending, key, id): (String, bool, SortKey, i64) =
            json::from_slice(&bytes).map_err(|_| PageError::InvalidCursor)?;
        if name != order.name || is_descending != (order.direction == Direction::Descending) {
            return Err(PageError::OrderMismatch);
        }
        let position = Self { key, id };
        // Only the canonical encoding is accepted, as with ids.
        if order.fits(&position.key) && position.to_cursor(order) == cursor {
            Ok(position)
        } else {
            Err(PageError::InvalidCursor)
        }
    }
}

/// The arguments of a connection as the client sent them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// The number of rows from the start.
    pub first: Option<i32>,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// The number of rows from the end.
    pub last: Option<i32>,
    /// Only rows before this cursor.
    pub before: Option<String>,
}

/// A request for a page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// Only rows after this position.
    pub after: Option<Position>,
    /// Only rows before this position.
    pub before: Option<Position>,
    /// The maximum number of rows of the page: 0 to [`MAX_PAGE_SIZE`].
    pub size: u16,
    /// Whether the page has the last rows of the range (`last`) instead of the first.
    pub is_from_end: bool,
}

impl PageRequest {
    /// Returns the number of rows to fetch: one more than the page size, to detect whether there are more.
    #[must_use]
    pub fn fetch_limit(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// Parses the arguments for a list in an order.
    ///
    /// # Errors
    ///
    /// When both `first` and `last` are set, one is outside of 0 to [`MAX_PAGE_SIZE`], or a cursor isn't of this list
    /// and order.
    pub fn parse(args: &PageArgs, order: OrderTag) -> Result<Self, PageError> {
        let (size_argument, is_from_end) = match (args.first, args.last) {
            (Some(_), Some(_)) => return Err(PageError::FirstAndLast),
            (None, Some(last)) => (Some(last), true),
            (first, None) => (first, false),
        };
        let size = match size_argument {
            None => DEFAULT_PAGE_SIZE,
            Some(size_argument) => u16::try_from(size_argument)
                .ok()
                .filter(|size| *size <= MAX_PAGE_SIZE)
                .ok_or(PageError::InvalidSize(size_argument))?,
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
            is_from_end,
        })
    }
}

impl PageRequest {
    /// Returns the request for an empty page whose `has_more` is whether a list has rows at the position or before it.
    #[must_use]
    pub fn up_to(position: &Position, order: OrderTag) -> Self {
        Self {
            after: None,
            before: Some(position.neighbour(order.id_direction())),
            size: 0,
            is_from_end: true,
        }
    }

    /// Returns the request for an empty page whose `has_more` is whether a list has rows at the position or after it.
    #[must_use]
    pub fn starting_at(position: &Position, order: OrderTag) -> Self {
        Self {
            after: Some(position.neighbour(order.id_direction().opposite())),
            before: None,
            size: 0,
            is_from_end: false,
        }
    }

    /// Compares positions of an order, counted from the requested end.
    fn compare(&self, order: OrderTag, one: &Position, other: &Position) -> Ordering {
        let forwards = order.compare(one, other);
        if self.is_from_end {
            forwards.reverse()
        } else {
            forwards
        }
    }

    /// Returns the positions of the page's rows and of one more, in any order, from those of all rows.
    pub fn select(
        &self,
        positions: impl Iterator<Item = Position>,
        order: OrderTag,
    ) -> Vec<Position> {
        let limit = usize::from(self.size) + 1;
        let is_in_range = |position: &Position| {
            let is_after = |after| order.compare(after, position) == Ordering::Less;
            let is_before = |before| order.compare(position, before) == Ordering::Less;
            self.after.as_ref().is_none_or(is_after) && self.before.as_ref().is_none_or(is_before)
        };
        let mut selected: Vec<Position> = Vec::new();
        let cut = |selected: &mut Vec<Position>| {
            if selected.len() > limit {
                selected.select_nth_unstable_by(limit - 1, |one, other| {
                    self.compare(order, one, other)
                });
                selected.truncate(limit);
            }
        };
        for position in positions.filter(is_in_range) {
            selected.push(position);
            // Cutting seldom takes constant time for each position.
            if selected.len() == 4 * limit {
                cut(&mut selected);
            }
        }
        cut(&mut selected);
        selected
    }
}

/// An error in a page's arguments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Both `first` and `last` are set.
    #[error("give either `first` or `last`, not both")]
    FirstAndLast,
    /// The page size is too small or too large.
    #[error("a page has 0 to {MAX_PAGE_SIZE} rows, not {0}")]
    InvalidSize(i32),
    /// The string isn't a valid cursor.
    #[error(
        "this is not a cursor of this list; use `endCursor`, `startCursor` or an edge's `cursor`"
    )]
    InvalidCursor,
    /// The cursor belongs to another order.
    #[error(
        "this cursor belongs to another order; use it with the order of the list that returned it"
    )]
    OrderMismatch,
}

/// A page of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows with their positions.
    pub rows: Vec<(T, Position)>,
    /// Whether the range of the request has more rows: after the page, or before it for a page from the end.
    pub has_more: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            has_more: false,
        }
    }
}

impl<T> Page<T> {
    /// Creates a page from fetched rows in any order, as those of several ranges.
    #[must_use]
    pub fn from_unsorted_rows(
        mut rows: Vec<(T, Position)>,
        request: &PageRequest,
        order: OrderTag,
    ) -> Self {
        rows.sort_by(|(_, one), (_, other)| request.compare(order, one, other));
        Self::from_rows(rows, request)
    }

    /// Creates a page from the fetched rows: up to one row more than the page size, counted from the requested end.
    #[must_use]
    pub fn from_rows(mut rows: Vec<(T, Position)>, request: &PageRequest) -> Self {
        let has_more = rows.len() > usize::from(request.size);
        rows.truncate(usize::from(request.size));
        if request.is_from_end {
            rows.reverse();
        }
        Self { rows, has_more }
    }
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest, oldest or alphabetically first values first.
    Ascending,
    /// Largest, newest or alphabetically last values first. Rows without a value still come last.
    Descending,
}

impl Direction {
    /// Returns the other direction.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

#[cfg(any(test, feature = "properties"))]
pub mod properties;

#[cfg(test)]
mod tests;
