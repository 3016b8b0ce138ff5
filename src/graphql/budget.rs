//! The budget of a response for long strings, in bytes. They are counted before they are copied, because they can make
//! a response with few fields large: an excerpt that is selected under two hundred aliases is copied two hundred times.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{ContextBase, Error, Result};

use super::request_data;
use crate::error::{code, limit_extensions};

/// The number of bytes of long strings in a response, and their limit. Clones share both.
#[derive(Clone, Debug)]
pub struct TextBudget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    used: AtomicUsize,
}

impl TextBudget {
    /// Creates an unused budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            used: AtomicUsize::new(0),
        }))
    }

    /// Resets the budget for the next response of the same operation.
    pub fn reset(&self) {
        self.0.used.store(0, Ordering::Relaxed);
    }

    /// Returns the number of bytes in use.
    pub(super) fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Sets the number of bytes in use to an earlier value of [`used`](Self::used).
    pub(super) fn restore(&self, used: usize) {
        self.0.used.store(used, Ordering::Relaxed);
    }

    /// Takes bytes if the budget has enough, and returns whether it had.
    pub(super) fn try_take(&self, bytes: usize) -> bool {
        let used = self.used().saturating_add(bytes);
        let is_available = used <= self.0.limit;
        if is_available {
            // Only one task executes an operation, so the value can't change between the load and the store.
            self.0.used.store(used, Ordering::Relaxed);
        }
        is_available
    }

    /// Takes bytes.
    ///
    /// # Errors
    ///
    /// The number of bytes in use, when it exceeds the limit.
    fn take(&self, bytes: usize) -> std::result::Result<(), usize> {
        let used = self.0.used.fetch_add(bytes, Ordering::Relaxed);
        let used = used.saturating_add(bytes);
        if used <= self.0.limit {
            Ok(())
        } else {
            Err(used)
        }
    }
}

/// Charges a long string to the budget of the response.
///
/// # Errors
///
/// `RESPONSE_TOO_LARGE` if the budget is exceeded. This error replaces the whole response.
pub fn charge_text(ctx: &ContextBase<'_, impl Sized>, text: &str) -> Result<()> {
    let budget = request_data::<TextBudget>(ctx)?;
    budget.take(text.len()).map_err(|used| {
        let limit = budget.0.limit;
        let message = format!(
            "the request was executed, but its response has {used} bytes or more and the limit is {limit}; request less data at once"
        );
        Error {
            extensions: Some(limit_extensions(code::RESPONSE_TOO_LARGE, limit, Some(used))),
            ..Error::new(message)
        }
    })
}

#[cfg(test)]
mod tests;
