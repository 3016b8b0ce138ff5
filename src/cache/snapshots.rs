//! Values that a process derives from whole tables, such as an index of all films.

use std::sync::Arc;

use super::invalidation_clock::InvalidationClock;
use crate::type_map::TypeMap;

/// The derived values of a process, one of each type. All workers share them. Each type brings itself up to date before
/// its use, by the times of the last changes.
#[derive(Debug)]
pub struct Snapshots {
    clock: Arc<InvalidationClock>,
    indexes: Indexes,
    values: TypeMap,
}

/// The indexes of whole tables that there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexes {
    /// The index of films.
    pub films: bool,
    /// The index of the reviews of critics and publications.
    pub reviews: bool,
}

impl Snapshots {
    /// Creates an empty set of values.
    #[must_use]
    pub fn new(clock: Arc<InvalidationClock>, indexes: Indexes) -> Self {
        Self {
            clock,
            indexes,
            values: TypeMap::default(),
        }
    }

    /// Returns the times of the last changes.
    #[must_use]
    pub fn clock(&self) -> &InvalidationClock {
        &self.clock
    }

    /// Returns the indexes that there may be.
    #[must_use]
    pub fn indexes(&self) -> Indexes {
        self.indexes
    }

    /// Returns the value of a type. At first it is the type's default.
    #[must_use]
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.values.get_or_insert_with(T::default)
    }
}
