//! Translations that many requests hold.

use std::{ops::Deref, sync::Arc};

use super::Translations;

/// Translations with a reference count. [`SharedTranslations::unshared`] has one of its own, so that workers that hold
/// the same translations don't write to the same place.
#[derive(Clone, Debug)]
#[expect(
    clippy::redundant_allocation,
    reason = "the outer count is that of a worker, and the inner one that of all"
)]
pub struct SharedTranslations(Arc<Arc<Translations>>);

impl SharedTranslations {
    /// Returns the same translations with a reference count of their own.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Self(Arc::new(Arc::clone(&*self.0)))
    }

    /// Returns whether both are the same translations.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&*self.0, &*other.0)
    }
}

impl From<Arc<Translations>> for SharedTranslations {
    fn from(translations: Arc<Translations>) -> Self {
        Self(Arc::new(translations))
    }
}

impl Deref for SharedTranslations {
    type Target = Translations;

    fn deref(&self) -> &Translations {
        &self.0
    }
}
