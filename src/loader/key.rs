//! The trait of keys that can be loaded. Each kind of read has a key type.

use std::{collections::HashMap, hash::Hash};

use sea_orm::DbErr;

use crate::{cache::tag::Tag, database::session::Session};

/// A function that copies a value to memory of its own.
pub type CopyValue<V> = fn(&V) -> V;

/// The key of a value, with the statement that reads the values of many such keys.
pub trait LoaderKey: Clone + Eq + Hash + Send + Sync + 'static {
    /// The value of a key; cheap to clone.
    type Value: Clone + Send + Sync + 'static;

    /// The group of a key. The keys of a group are read by one statement. `()` if it can read any keys, the key itself
    /// if it reads one at a time.
    type Group: Clone + Eq + Hash + Send + Sync + 'static;

    /// Returns the size of a value in bytes. `None` if values of this kind are not cached in the row cache, which
    /// should hold small values that are read often.
    const WEIGH: Option<fn(&Self::Value) -> usize> = None;

    /// Returns a copy of a value that shares no memory with it, so that each worker can have its own copies of the rows
    /// that it reads most often. `None` if most pages have different values of this kind.
    const COPY: Option<CopyValue<Self::Value>> = None;

    /// Returns the group of this key.
    fn group(&self) -> Self::Group;

    /// Visits the tags that the value, or its absence, depends on. The value changes only if one of the tags does.
    fn tags(&self, value: Option<&Self::Value>, visit: &mut dyn FnMut(Tag));

    /// Reads the values of `keys`. There is at least one key, all are distinct and of one group. Keys without a value
    /// are omitted from the result.
    fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, DbErr>> + Send;
}

/// Reads keys one by one, for key types whose group is the key itself.
///
/// # Errors
///
/// Fails when a statement fails.
pub async fn one_by_one<K: LoaderKey, F>(
    keys: Vec<K>,
    read: impl Fn(K) -> F,
) -> Result<HashMap<K, K::Value>, DbErr>
where
    F: Future<Output = Result<K::Value, DbErr>>,
{
    let mut values = HashMap::with_capacity(keys.len());
    for key in keys {
        let value = read(key.clone()).await?;
        values.insert(key, value);
    }
    Ok(values)
}
