//! The reads of one request. Each key is read once. Keys that the fields of a level load at the same time are read by
//! one statement, together with those of other requests; see [`super::batcher`].

mod loaded;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use parking_lot::Mutex;
use sea_orm::DbErr;

use self::loaded::{Joined, Leader, Loaded, Peeked, Slot};
use super::{batcher::Batcher, key::LoaderKey};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{
        error::{DbErrorKind, ReadError},
        session::{Cost, Session},
    },
    site_rules::{SiteRules, current::RequestRules, worker::WorkerRules},
    type_map::TypeMap,
};

/// The number of tags that fit without growing: those of a page of reviews with their critics and publications.
const EXPECTED_TAGS: usize = 40;

/// A loader that reads each key of one request once.
#[derive(Debug)]
pub struct DataLoader {
    session: Arc<Session>,
    batcher: Batcher,
    /// Whether rows of the row cache may be returned.
    uses_cache: bool,
    /// The [`Loaded`] of each type of key.
    loaded: TypeMap,
    tags: Mutex<Vec<Tag>>,
    rules: RequestRules,
    /// Whether two reads of the request have seen different states of the same rows.
    is_inconsistent: AtomicBool,
}

impl DataLoader {
    /// Creates a loader that reads over `session`. It takes the current rules of the site before the first read.
    #[must_use]
    pub fn new(session: Session, batcher: Batcher, rules: Arc<WorkerRules>) -> Self {
        Self {
            session: Arc::new(session),
            batcher,
            uses_cache: true,
            loaded: TypeMap::default(),
            tags: Mutex::new(Vec::with_capacity(EXPECTED_TAGS)),
            rules: RequestRules::new(rules),
            is_inconsistent: AtomicBool::new(false),
        }
    }

    /// Disables the row cache: the payload of a mutation must not show a state from before the transaction, and a repeated
    /// query not the rows that were inconsistent.
    #[must_use]
    pub fn without_cache(self) -> Self {
        Self {
            uses_cache: false,
            ..self
        }
    }

    /// Makes the loader read nothing that depends on the rules of the site, such as credentials.
    #[must_use]
    pub fn without_rules(self) -> Self {
        self.rules.skip();
        self
    }

    /// Returns the session for a read that has no key. Like those that have one it waits for the rules, so that both are
    /// sent at the same time.
    ///
    /// # Errors
    ///
    /// Fails when the rules have changed, and can't be read.
    pub async fn session_to_read(&self) -> Result<&Session, ReadError> {
        self.rules.take(&self.session).await?;
        Ok(&self.session)
    }

    /// Returns the session, for statements that read no keys, such as writes.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the rules of the site, as the request has taken them before its first read, or the latest known ones
    /// before that.
    #[must_use]
    pub fn rules(&self) -> Arc<SiteRules> {
        self.rules.get()
    }

    /// Returns the rules of the site, by which the request computes everything. Takes them if it has not yet.
    ///
    /// # Errors
    ///
    /// Fails when the rules have changed, and can't be read.
    pub async fn current_rules(&self) -> Result<Arc<SiteRules>, ReadError> {
        self.rules.take(&self.session).await?;
        Ok(self.rules.get())
    }

    /// Makes the response depend on the rules of the site, as one that shows them. A change of the rules invalidates all
    /// other cached responses as well.
    pub fn depend_on_rules(&self) {
        self.tags.lock().push(Tag::any(TagKind::SiteRules));
    }

    /// Returns whether a read has failed because the rules of the site changed after the request took them.
    #[must_use]
    pub fn has_outdated_rules(&self) -> bool {
        self.rules.is_outdated()
    }

    /// Reports that two reads of the request have seen different states of the same rows, because a change was committed
    /// between them.
    pub fn report_inconsistency(&self) {
        self.is_inconsistent.store(true, Relaxed);
    }

    /// Returns whether two reads of the request have seen different states of the same rows.
    #[must_use]
    pub fn is_inconsistent(&self) -> bool {
        self.is_inconsistent.load(Relaxed)
    }

    /// Returns the number of statements and round trips of the request so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.session.cost()
    }

    /// Returns the tags that all loaded values depend on, each once.
    #[must_use]
    pub fn tags(&self) -> Vec<Tag> {
        let mut tags = self.tags.lock();
        tags.sort_unstable();
        tags.dedup();
        tags.clone()
    }

    /// Returns the value of `key`; `None` if there is none. A key that was loaded, or is being loaded, is not read
    /// again.
    ///
    /// # Errors
    ///
    /// Fails when the statement that reads the key fails.
    pub async fn load<K: LoaderKey>(&self, key: K) -> Result<Option<K::Value>, ReadError> {
        if let Peeked::Loaded(value) = self.look_up(&key) {
            return Ok(value);
        }
        // Boxed, so that the future of a field is small when its value is cached, as most are.
        Box::pin(self.read(key)).await
    }

    /// Returns the value of `key`, if it can be returned without waiting.
    pub fn peek<K: LoaderKey>(&self, key: &K) -> Option<K::Value> {
        match self.look_up(key) {
            Peeked::Loaded(value) => value,
            Peeked::Missing => None,
        }
    }

    /// Looks a key up among the loaded ones and in the row cache. The request then depends on the tags of the value.
    fn look_up<K: LoaderKey>(&self, key: &K) -> Peeked<K::Value> {
        // What is computed from the value depends on the rules.
        if !self.rules.try_take(&self.session) {
            return Peeked::Missing;
        }
        let look_up = |loaded: &Loaded<K>| {
            let mut slots = loaded.lock();
            match slots.get(key) {
                Some(Slot::Loaded(value)) => Some(value.clone()),
                Some(Slot::Pending(_)) => None,
                None if !self.uses_cache => None,
                None => {
                    let value = self.batcher.cached(key)?;
                    slots.insert(key.clone(), Slot::Loaded(Some(value.clone())));
                    Some(Some(value))
                }
            }
        };
        let Some(value) = self.loaded.with(Loaded::<K>::default, look_up) else {
            return Peeked::Missing;
        };
        self.depend_on(key, value.as_ref());
        Peeked::Loaded(value)
    }

    async fn read<K: LoaderKey>(&self, key: K) -> Result<Option<K::Value>, ReadError> {
        self.rules.take(&self.session).await?;
        let loaded = self.loaded::<K>();
        let leader = loop {
            match loaded.join(&key) {
                Joined::Loaded(value) => return Ok(value),
                Joined::Leader => {
                    break Leader {
                        loaded: &loaded,
                        key: &key,
                    };
                }
                Joined::Follower(result) => {
                    // The leader may have been cancelled.
                    if let Ok(result) = result.await {
                        return result;
                    }
                }
            }
        };
        let result = self.batcher.load(key.clone(), &self.session).await;
        let result = result.unwrap_or_else(|_| {
            Err(DbErr::Custom("a batch of reads was dropped".to_owned()).into())
        });
        leader.complete(&result);
        if let Err(error) = &result
            && error.kind() == DbErrorKind::RulesChanged
        {
            self.rules.set_outdated();
        }
        if let Ok(value) = &result {
            self.depend_on(&key, value.as_ref());
        }
        result
    }

    /// Sets the value of a key that another read has returned.
    pub fn prime<K: LoaderKey>(&self, key: K, value: K::Value) {
        // A key that is being loaded is left to its leader, whose value is just as current.
        let loaded = self.loaded::<K>();
        loaded
            .lock()
            .entry(key)
            .or_insert(Slot::Loaded(Some(value)));
    }

    /// Clears all loaded values and the rules of the site, for subscriptions and mutations, which have to read the current
    /// state.
    pub fn clear(&self) {
        self.rules.release();
        self.loaded.clear();
        let mut tags = self.tags.lock();
        tags.clear();
    }

    fn depend_on<K: LoaderKey>(&self, key: &K, value: Option<&K::Value>) {
        let mut tags = self.tags.lock();
        key.tags(value, &mut |tag| tags.push(tag));
    }

    fn loaded<K: LoaderKey>(&self) -> Arc<Loaded<K>> {
        self.loaded.get_or_insert_with(Loaded::default)
    }
}
