//! Values that a process derives from whole tables, such as an index of all films.

use std::sync::Arc;

use super::invalidation_clock::InvalidationClock;
use crate::type_map::TypeMap;

/// The derived values of a process, one of each type. All workers share them. Each type brings itself up to date before
/// its use, by the times of the last changes.
#[derive(Debug)]
pub struct Snapshots {
    clock: Arc<InvalidationClock>,
    has_film_index: bool,
    values: TypeMap,
}

impl Snapshots {
    /// Creates an empty set of values. `has_film_index` tells whether there may be an index of all films.
    #[must_use]
    pub fn new(clock: Arc<InvalidationClock>, has_film_index: bool) -> Self {
        Self {
            clock,
            has_film_index,
            values: TypeMap::default(),
        }
    }

    /// Returns the times of the last changes.
    #[must_use]
    pub fn clock(&self) -> &InvalidationClock {
        &self.clock
    }

    /// Returns whether there may be an index of all films.
    #[must_use]
    pub fn has_film_index(&self) -> bool {
        self.has_film_index
    }

    /// Returns the value of a type. At first it is the type's default.
    #[must_use]
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.values.get_or_insert_with(T::default)
    }
}
