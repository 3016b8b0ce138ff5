//! The type `PageInfo`.

use async_graphql::SimpleObject;
use macros::InlineObject;

/// The cursors of a page, and whether there are more pages.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct PageInfo {
    /// Whether the list has items after the page, also those from `before` on.
    pub(in crate::graphql) has_next_page: bool,
    /// Whether the list has items before the page, also those up to `after`.
    pub(in crate::graphql) has_previous_page: bool,
    /// The cursor of the first item of the page; null if the page is empty.
    pub(in crate::graphql) start_cursor: Option<String>,
    /// The cursor of the last item of the page; null if the page is empty.
    pub(in crate::graphql) end_cursor: Option<String>,
}
