//! The trait of keys whose values are pages of a list.

use std::sync::Arc;

use super::key::LoaderKey;
use crate::pagination::{Page, PageRequest};

/// The key of a page.
pub trait PageKey: LoaderKey<Value: PageValue> {
    /// Returns the request for the page.
    fn page(&self) -> &PageRequest;

    /// Returns the key of another page of the same list.
    #[must_use]
    fn with_page(self, page: PageRequest) -> Self;
}

/// The value of such a key: a page, which is empty by default, and what is read with it.
pub trait PageValue: Default + Send {
    /// Returns whether the range of the request has more rows.
    fn has_more(&self) -> bool;
}

impl<T: Send + Sync> PageValue for Arc<Page<T>> {
    fn has_more(&self) -> bool {
        self.has_more
    }
}
