//! How many bytes of long texts an answer may take. They are counted before they are copied, for it is by them that an answer of few
//! fields can be large: the same excerpt under two hundred names is copied two hundred times.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{ContextBase, Error, Result};

use super::data;
use crate::error::{code, exceeded};

/// How many bytes of long texts an answer may take, and has taken. Clones are the same.
#[derive(Clone, Debug)]
pub struct TextBudget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    taken: AtomicUsize,
}

impl TextBudget {
    /// One of which nothing is taken.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            taken: AtomicUsize::new(0),
        }))
    }

    /// For the next answer of the same operation.
    pub fn renew(&self) {
        self.0.taken.store(0, Ordering::Relaxed);
    }

    /// How many bytes are taken.
    pub(super) fn taken(&self) -> usize {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Gives back what was taken since it was so many bytes that were.
    pub(super) fn restore(&self, taken: usize) {
        self.0.taken.store(taken, Ordering::Relaxed);
    }

    /// Takes so many bytes if there are as many, and tells whether there were.
    pub(super) fn try_take(&self, bytes: usize) -> bool {
        let taken = self.taken().saturating_add(bytes);
        let is_there = taken <= self.0.limit;
        if is_there {
            // One task executes an operation, so nobody takes in between.
            self.0.taken.store(taken, Ordering::Relaxed);
        }
        is_there
    }

    /// Takes so many bytes.
    ///
    /// # Errors
    ///
    /// With all that were taken, when they are more than there may be.
    fn take(&self, bytes: usize) -> std::result::Result<(), usize> {
        let taken = self.0.taken.fetch_add(bytes, Ordering::Relaxed);
        let taken = taken.saturating_add(bytes);
        if taken <= self.0.limit {
            Ok(())
        } else {
            Err(taken)
        }
    }
}

/// A text that may be long, if the answer has room for it.
///
/// # Errors
///
/// `RESPONSE_TOO_LARGE`, which becomes the whole answer.
pub fn charge_text(ctx: &ContextBase<'_, impl Sized>, text: &str) -> Result<()> {
    let budget = data::<TextBudget>(ctx)?;
    budget.take(text.len()).map_err(|taken| {
        let limit = budget.0.limit;
        let message = format!(
            "the request was executed, but its answer has {taken} bytes or more, of which no more than {limit} are sent; ask for less at once"
        );
        Error {
            extensions: Some(exceeded(code::RESPONSE_TOO_LARGE, limit, Some(taken))),
            ..Error::new(message)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted_until_there_is_no_more() {
        let budget = TextBudget::new(10);
        assert_eq!(budget.take(4), Ok(()));
        assert_eq!(budget.clone().take(6), Ok(()));
        assert_eq!(budget.take(1), Err(11));
        budget.renew();
        assert!(budget.try_take(4));
        let taken = budget.taken();
        assert!(budget.try_take(6) && !budget.try_take(1));
        budget.restore(taken);
        assert_eq!(budget.taken(), 4);
        assert_eq!(budget.take(6), Ok(()));
        assert_eq!(budget.take(usize::MAX), Err(usize::MAX));
    }
}
