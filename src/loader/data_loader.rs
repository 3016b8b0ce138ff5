//! The reads of one request. Each thing is read once, and what the fields of a level ask for at the same time becomes one statement, together
//! with what other requests ask for; see [`super::batcher`].

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_channel::oneshot;
use sea_orm::DbErr;

use super::{
    batcher::{Answer, Loader},
    key::BatchKey,
};
use crate::{
    by_type::ByType,
    cache::tag::Tag,
    database::{
        fault::ReadError,
        session::{Cost, Session},
    },
};

/// The reads of one request.
#[derive(Debug)]
pub struct Reader {
    session: Arc<Session>,
    loader: Loader,
    /// Whether rows that are kept will do.
    uses_kept: bool,
    /// The [`Known`] of each type of key.
    known: ByType,
    tags: Mutex<Vec<Tag>>,
}

impl Reader {
    /// Reads over `session`; nothing is known yet.
    #[must_use]
    pub fn new(session: Session, loader: Loader) -> Self {
        Self {
            session: Arc::new(session),
            loader,
            uses_kept: true,
            known: ByType::default(),
            tags: Mutex::default(),
        }
    }

    /// The same for who writes, and so has looked into the database: what is shown beside that has to be of no earlier moment.
    #[must_use]
    pub fn of_writer(self) -> Self {
        Self {
            uses_kept: false,
            ..self
        }
    }

    /// For a statement that is no batch, such as one that writes.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.session.cost()
    }

    /// What everything that was read rests on, each tag once.
    #[must_use]
    pub fn tags(&self) -> Vec<Tag> {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.sort_unstable();
        tags.dedup();
        tags.clone()
    }

    /// What `key` names, or `None` if it isn't there. Costs nothing if it has been read or is being read.
    ///
    /// # Errors
    ///
    /// When the statement failed that should have read it.
    pub async fn load<K: BatchKey>(&self, key: K) -> Result<Option<K::Value>, ReadError> {
        if let AtHand::Known(value) = self.at_hand(&key) {
            return Ok(value);
        }
        // Apart, so that what mostly is at hand takes no room for what isn't: each field of an answer is as large as its largest wait.
        Box::pin(self.read(key)).await
    }

    /// What `key` names, if it is there and needn't be waited for.
    pub fn at_once<K: BatchKey>(&self, key: &K) -> Option<K::Value> {
        match self.at_hand(key) {
            AtHand::Known(value) => value,
            AtHand::Nothing => None,
        }
    }

    /// What is known already, or kept; then the request rests on it.
    fn at_hand<K: BatchKey>(&self, key: &K) -> AtHand<K::Value> {
        let known = self.known::<K>();
        let mut slots = known.lock();
        let value = match slots.get(key) {
            Some(Slot::Known(value)) => value.clone(),
            Some(Slot::Awaited(_)) => return AtHand::Nothing,
            None if !self.uses_kept => return AtHand::Nothing,
            None => match self.loader.kept(key) {
                Some(value) => {
                    slots.insert(key.clone(), Slot::Known(Some(value.clone())));
                    Some(value)
                }
                None => return AtHand::Nothing,
            },
        };
        drop(slots);
        self.rest_on(key, value.as_ref());
        AtHand::Known(value)
    }

    async fn read<K: BatchKey>(&self, key: K) -> Result<Option<K::Value>, ReadError> {
        let known = self.known::<K>();
        let claim = loop {
            match known.ask(&key) {
                Asked::Known(value) => return Ok(value),
                Asked::First => {
                    break Claim {
                        known: &known,
                        key: &key,
                    };
                }
                Asked::Awaited(answer) => {
                    // Who asked first may have gone.
                    if let Ok(answer) = answer.await {
                        return answer;
                    }
                }
            }
        };
        let answer = self.loader.ask(key.clone(), &self.session).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(DbErr::Custom("a batch of reads was dropped".to_owned()).into())
        });
        claim.settle(&answer);
        if let Ok(value) = &answer {
            self.rest_on(&key, value.as_ref());
        }
        answer
    }

    /// Remembers what another read has brought along.
    pub fn remember<K: BatchKey>(&self, key: K, value: K::Value) {
        // Somebody may be waiting for it already; then the answer under way is as good.
        let known = self.known::<K>();
        known.lock().entry(key).or_insert(Slot::Known(Some(value)));
    }

    /// Forgets everything that was read, for who goes on for long and has to read what is there by now.
    pub fn forget(&self) {
        self.known.clear();
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        tags.clear();
    }

    fn rest_on<K: BatchKey>(&self, key: &K, value: Option<&K::Value>) {
        let mut tags = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        key.tags(value, &mut |tag| tags.push(tag));
    }

    fn known<K: BatchKey>(&self) -> Arc<Known<K>> {
        self.known.get_or_make(|| Known::<K>(Mutex::default()))
    }
}

/// What is known without asking.
enum AtHand<V> {
    Known(Option<V>),
    Nothing,
}

enum Slot<V> {
    Known(Option<V>),
    /// Somebody asks for it, and these wait for the same.
    Awaited(Vec<oneshot::Sender<Answer<V>>>),
}

enum Asked<V> {
    Known(Option<V>),
    Awaited(oneshot::Receiver<Answer<V>>),
    /// Nobody has asked yet: who gets this has to.
    First,
}

/// What a request knows of a kind.
struct Known<K: BatchKey>(Mutex<Slots<K>>);

type Slots<K> = HashMap<K, Slot<<K as BatchKey>::Value>, foldhash::fast::RandomState>;

impl<K: BatchKey> Known<K> {
    fn lock(&self) -> MutexGuard<'_, Slots<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, key: &K) -> Asked<K::Value> {
        let mut slots = self.lock();
        match slots.get_mut(key) {
            Some(Slot::Known(value)) => Asked::Known(value.clone()),
            Some(Slot::Awaited(waiting)) => {
                // Not tokio's channel: that one counts against the task's budget, which would cut a level of many fields in two.
                let (sender, receiver) = oneshot::channel();
                waiting.push(sender);
                Asked::Awaited(receiver)
            }
            None => {
                slots.insert(key.clone(), Slot::Awaited(Vec::new()));
                Asked::First
            }
        }
    }
}

/// Who asks for something first. If it goes before it has an answer, the next one asks.
struct Claim<'a, K: BatchKey> {
    known: &'a Known<K>,
    key: &'a K,
}

impl<K: BatchKey> Claim<'_, K> {
    /// Knows the answer from now on, and tells those who wait. A failure is not remembered: who asks again gets another try.
    fn settle(&self, answer: &Answer<K::Value>) {
        let mut slots = self.known.lock();
        let slot = match answer {
            Ok(value) => slots.insert(self.key.clone(), Slot::Known(value.clone())),
            Err(_) => slots.remove(self.key),
        };
        drop(slots);
        if let Some(Slot::Awaited(waiting)) = slot {
            for sender in waiting {
                // Who has stopped waiting needs no answer.
                let _ = sender.send(answer.clone());
            }
        }
    }
}

impl<K: BatchKey> Drop for Claim<'_, K> {
    fn drop(&mut self) {
        if let Entry::Occupied(slot) = self.known.lock().entry(self.key.clone())
            && matches!(slot.get(), Slot::Awaited(_))
        {
            slot.remove();
        }
    }
}
