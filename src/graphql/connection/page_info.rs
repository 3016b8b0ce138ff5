//! The type `PageInfo`.

use async_graphql::SimpleObject;
use macros::InlineObject;

/// The cursors of a page, and whether there are more pages.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct PageInfo {
    /// Whether there are more items after the page. With `last`: whether `before` is given.
    pub(super) has_next_page: bool,
    /// Whether there are more items before the page. With `first`: whether `after` is given.
    pub(super) has_previous_page: bool,
    /// The cursor of the first item of the page; null if the page is empty.
    pub(super) start_cursor: Option<String>,
    /// The cursor of the last item of the page; null if the page is empty.
    pub(super) end_cursor: Option<String>,
}
