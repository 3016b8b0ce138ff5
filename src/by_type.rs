//! One value of each type, for what is kept by kinds that are types: a request's reads, a worker's queues, a process's rows.

use std::{
    any::{Any, TypeId},
    fmt,
    sync::Arc,
};

use parking_lot::RwLock;

/// Values of different types, one of each. The types are few, and soon looked through.
#[derive(Default)]
pub struct ByType(RwLock<Vec<(TypeId, Arc<dyn Any + Send + Sync>)>>);

impl fmt::Debug for ByType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ByType").finish_non_exhaustive()
    }
}

impl ByType {
    /// The value of a type; made, unless it is there.
    pub fn get_or_make<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let found = self.find::<T>();
        found.unwrap_or_else(|| {
            let value = Arc::new(make());
            let mut values = self.0.write();
            // Somebody else may have made it in between.
            of_type(&values).unwrap_or_else(|| {
                let kept: Arc<dyn Any + Send + Sync> = Arc::<T>::clone(&value);
                values.push((TypeId::of::<T>(), kept));
                value
            })
        })
    }

    fn find<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        of_type(&self.0.read())
    }

    /// Forgets all of them. Who has one keeps it.
    pub fn clear(&self) {
        let mut values = self.0.write();
        values.clear();
    }
}

fn of_type<T: Send + Sync + 'static>(
    values: &[(TypeId, Arc<dyn Any + Send + Sync>)],
) -> Option<Arc<T>> {
    let wanted = TypeId::of::<T>();
    let (_, value) = values.iter().find(|(ty, _)| *ty == wanted)?;
    Arc::clone(value).downcast().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_one_value_until_all_are_forgotten() {
        let values = ByType::default();
        assert_eq!(*values.get_or_make(|| 1_u8), 1);
        assert_eq!(*values.get_or_make(|| "text"), "text");
        assert_eq!(*values.get_or_make(|| 2_u8), 1);
        values.clear();
        assert_eq!(*values.get_or_make(|| 2_u8), 2);
    }
}
