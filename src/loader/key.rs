//! The keys that can be loaded: one type for each kind of read.

use std::{collections::HashMap, hash::Hash};

use sea_orm::DbErr;

use crate::{cache::tag::Tag, database::session::Session};

/// The key of one value, with the statement that reads the values of many such keys.
pub trait LoaderKey: Clone + Eq + Hash + Send + Sync + 'static {
    /// The value of a key; cheap to clone.
    type Value: Clone + Send + Sync + 'static;

    /// The keys of one group are read by one statement: `()` if it can read any of them, the key itself if it reads one at a time.
    type Group: Clone + Eq + Hash + Send + Sync + 'static;

    /// The size of a value in bytes, if the row cache may hold values of this kind. They should be small and read often.
    const WEIGH: Option<fn(&Self::Value) -> usize> = None;

    /// The group of this key.
    fn group(&self) -> Self::Group;

    /// Visits the tags that the value, or its absence, depends on: it can only change when one of them does.
    fn tags(&self, value: Option<&Self::Value>, visit: &mut dyn FnMut(Tag));

    /// Reads the values of `keys`, which are different, of one group, and at least one. Keys without a value are left out.
    fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, DbErr>> + Send;
}

/// Reads keys one by one, for types of keys of which each is a group of its own.
///
/// # Errors
///
/// When a statement fails.
pub async fn one_by_one<K: LoaderKey, F>(
    keys: Vec<K>,
    read: impl Fn(K) -> F,
) -> Result<HashMap<K, K::Value>, DbErr>
where
    F: Future<Output = Result<K::Value, DbErr>>,
{
    let mut found = HashMap::with_capacity(keys.len());
    for key in keys {
        let value = read(key.clone()).await?;
        found.insert(key, value);
    }
    Ok(found)
}
