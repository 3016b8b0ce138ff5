//! A map with one value per type, for state that is separate for each type, such as the row cache of each loader key.

use std::{
    any::{Any, TypeId},
    fmt,
    sync::{Arc, OnceLock},
};

use parking_lot::RwLock;

/// A map with one value per type. It has few entries, so a linear search is fast.
#[derive(Default)]
pub struct TypeMap(RwLock<Vec<Entry>>);

impl fmt::Debug for TypeMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("TypeMap").finish_non_exhaustive()
    }
}

impl TypeMap {
    /// Returns the value of a type. Creates it with `create` if the map has none.
    pub fn get_or_insert_with<T: Send + Sync + 'static>(
        &self,
        create: impl FnOnce() -> T,
    ) -> Arc<T> {
        let existing = self.find::<T>();
        existing.unwrap_or_else(|| {
            let value = Arc::new(create());
            let mut values = self.0.write();
            // Another thread may have inserted a value since the lookup.
            find_type(&values).unwrap_or_else(|| {
                let entry: Arc<dyn Any + Send + Sync> = Arc::<T>::clone(&value);
                values.push((TypeId::of::<T>(), entry));
                value
            })
        })
    }

    /// Calls `act` with the value of a type, without the cost of a reference count. Creates the value with `create` if the
    /// map has none. `act` must not change the map.
    pub fn with<T: Send + Sync + 'static, R>(
        &self,
        create: impl FnOnce() -> T,
        act: impl FnOnce(&T) -> R,
    ) -> R {
        {
            let values = self.0.read();
            if let Some(value) = find_entry::<T>(&values).and_then(|entry| entry.downcast_ref()) {
                return act(value);
            }
        }
        act(&self.get_or_insert_with(create))
    }

    fn find<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        find_type(&self.0.read())
    }

    /// Removes all values. Existing `Arc`s stay valid.
    pub fn clear(&self) {
        let mut values = self.0.write();
        values.clear();
    }
}

type Entry = (TypeId, Arc<dyn Any + Send + Sync>);

fn find_type<T: Send + Sync + 'static>(values: &[Entry]) -> Option<Arc<T>> {
    Arc::clone(find_entry::<T>(values)?).downcast().ok()
}

fn find_entry<T: 'static>(values: &[Entry]) -> Option<&Arc<dyn Any + Send + Sync>> {
    let type_id = TypeId::of::<T>();
    let mut entries = values.iter();
    let (_, value) = entries.find(|(entry_type, _)| *entry_type == type_id)?;
    Some(value)
}

/// A map with one value per type that never removes a value. All threads read it often, so a lookup writes no memory,
/// neither to a lock nor to a reference count.
#[derive(Default)]
pub struct SharedTypeMap(OnceLock<Box<Node>>);

/// An entry of [`SharedTypeMap`], and those after it.
struct Node {
    value: Box<dyn Any + Send + Sync>,
    next: SharedTypeMap,
}

impl fmt::Debug for SharedTypeMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("SharedTypeMap")
            .finish_non_exhaustive()
    }
}

impl SharedTypeMap {
    /// Returns the value of a type. Creates it with `create` if the map has none.
    pub fn get_or_insert_with<T: Send + Sync + 'static>(&self, create: impl Fn() -> T) -> &T {
        let mut entry = self;
        loop {
            // Another thread may fill the entry with a value of another type first.
            let node = entry.0.get_or_init(|| {
                Box::new(Node {
                    value: Box::new(create()),
                    next: Self::default(),
                })
            });
            match node.value.downcast_ref() {
                Some(value) => return value,
                None => entry = &node.next,
            }
        }
    }
}

#[cfg(test)]
mod tests;
