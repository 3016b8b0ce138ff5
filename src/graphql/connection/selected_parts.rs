//! The parts of a connection that a client selects, and the reads that they need.

use async_graphql::parser::types::{Field, Selection, SelectionSet};

use crate::pagination::PageRequest;

/// The parts of a connection that a client selects. Fragments count as all of them.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field of the connection or of its page info"
)]
pub struct SelectedParts {
    /// `totalCount`.
    pub total_count: bool,
    /// The items, or the cursors of the first and the last.
    items: bool,
    has_next_page: bool,
    has_previous_page: bool,
}

/// What the reads of a page depend on, apart from the selected parts.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub struct PageShape {
    /// Whether the page has no items, because its size is 0.
    pub is_empty: bool,
    /// Whether the page has the last items of the range.
    pub is_from_end: bool,
    /// Whether the page has a cursor `after`.
    pub has_after: bool,
    /// Whether the page has a cursor `before`.
    pub has_before: bool,
}

/// The reads of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageReads {
    /// Whether the page is read.
    pub page: bool,
    /// Whether it is looked up that there are rows up to the cursor `after`.
    pub up_to_after: bool,
    /// Whether it is looked up that there are rows from the cursor `before` on.
    pub from_before: bool,
}

impl PageReads {
    /// Returns whether the page is all that is read.
    #[must_use]
    pub const fn is_only_page(self) -> bool {
        self.page && !self.up_to_after && !self.from_before
    }
}

impl SelectedParts {
    const ALL: Self = Self {
        total_count: true,
        items: true,
        has_next_page: true,
        has_previous_page: true,
    };

    /// Reads the names themselves, which takes a fraction of the time of async-graphql's `look_ahead`.
    #[must_use]
    pub fn of(connection: &SelectionSet) -> Self {
        let mut parts = Self::default();
        let is_complete = visit_fields(connection, |field| match field.name.node.as_str() {
            "totalCount" => parts.total_count = true,
            "__typename" => {}
            "pageInfo" => parts.add_page_info(&field.selection_set.node),
            _ => parts.items = true,
        });
        if is_complete { parts } else { Self::ALL }
    }

    fn add_page_info(&mut self, page_info: &SelectionSet) {
        let is_complete = visit_fields(page_info, |field| match field.name.node.as_str() {
            "hasNextPage" => self.has_next_page = true,
            "hasPreviousPage" => self.has_previous_page = true,
            "__typename" => {}
            _ => self.items = true,
        });
        if !is_complete {
            *self = Self {
                total_count: self.total_count,
                ..Self::ALL
            };
        }
    }

    /// Returns the reads that the selected parts of a page need. The page itself tells whether its range has more rows.
    /// Whether there are rows beyond a cursor needs a read of its own.
    #[must_use]
    pub fn reads(self, shape: PageShape) -> PageReads {
        let has_more = if shape.is_from_end {
            self.has_previous_page
        } else {
            self.has_next_page
        };
        PageReads {
            page: has_more || self.items && !shape.is_empty,
            up_to_after: self.has_previous_page && shape.has_after,
            from_before: self.has_next_page && shape.has_before,
        }
    }
}

impl From<&PageRequest> for PageShape {
    fn from(request: &PageRequest) -> Self {
        Self {
            is_empty: request.size == 0,
            is_from_end: request.is_from_end,
            has_after: request.after.is_some(),
            has_before: request.before.is_some(),
        }
    }
}

/// Visits the fields of a set. Returns false if it has fragments.
fn visit_fields(set: &SelectionSet, mut visit: impl FnMut(&Field)) -> bool {
    set.items.iter().all(|item| match &item.node {
        Selection::Field(field) => {
            visit(&field.node);
            true
        }
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    })
}
