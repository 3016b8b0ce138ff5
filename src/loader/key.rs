//! What can be read: a type of keys for each kind of thing, which says how many are read at once.

use std::{collections::HashMap, hash::Hash};

use sea_orm::DbErr;

use crate::{cache::tag::Tag, database::session::Session};

/// Names one thing to read, and how to read many of its kind at once.
pub trait BatchKey: Clone + Eq + Hash + Send + Sync + 'static {
    /// What is read; cheap to clone.
    type Value: Clone + Send + Sync + 'static;

    /// What keys have in common that one statement can read: `()` if it can read any of them, the key itself if it reads one at a time.
    type Group: Clone + Eq + Hash + Send + Sync + 'static;

    /// How many bytes a value takes, if values of this kind are kept beyond a request, which is for what is small and asked for often.
    const WEIGH: Option<fn(&Self::Value) -> usize> = None;

    /// Of which group this key is.
    fn group(&self) -> Self::Group;

    /// Tells what a value rests on, or that there is none: it can only be another one once one of these tags has changed.
    fn tags(&self, value: Option<&Self::Value>, tell: &mut dyn FnMut(Tag));

    /// Reads what is there of `keys`, which are all different and of one group; there is at least one. What is not there is left out.
    fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, DbErr>> + Send;
}

/// Reads keys one by one: for kinds of which each key is a group of its own.
///
/// # Errors
///
/// When a statement fails.
pub async fn one_by_one<K: BatchKey, F>(
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
