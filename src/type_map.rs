//! A map with one value per type, for state that is separate for each type, such as the row cache of each loader key.

use std::{
    any::{Any, TypeId},
    fmt,
    sync::Arc,
};

use parking_lot::RwLock;

/// A map with one value per type. It has few entries, so a linear search is fast.
#[derive(Default)]
pub struct TypeMap(RwLock<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>);

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

    fn find<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        find_type(&self.0.read())
    }

    /// Removes all values. Existing `Arc`s stay valid.
    pub fn clear(&self) {
        let mut values = self.0.write();
        values.clear();
    }
}

fn find_type<T: Send + Sync + 'static>(
    values: &[(TypeId, Arc<dyn Any + Send + Sync>)],
) -> Option<Arc<T>> {
    let type_id = TypeId::of::<T>();
    let (_, value) = values
        .iter()
        .find(|(entry_type, _)| *entry_type == type_id)?;
    Arc::clone(value).downcast().ok()
}

#[cfg(test)]
mod tests;
