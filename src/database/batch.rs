//! Reads put together: what the fields of a request ask for at the same time becomes one statement, without any timer.
//!
//! async-graphql polls all siblings of a level in one go (the films of a page, the fields of each). The first of them that asks
//! for something spawns the task that will read it; on a worker's single thread that task is not run before the request has been
//! polled to the end, so by then every sibling has asked. What has been read once stays for the rest of the request.
//!
//! A new field gets all this by a key type of its own that says how many are read at once.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_channel::oneshot;
use futures_util::FutureExt;
use sea_orm::DbErr;

use tokio::task::JoinSet;

use super::{
    fault::Fault,
    session::{Cost, Session},
};

/// Why something could not be read. Every field that waited for it gets the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(Arc<DbErr>);

impl ReadError {
    /// What kind of failure it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::of(&self.0)
    }
}

impl From<DbErr> for ReadError {
    fn from(error: DbErr) -> Self {
        Self(Arc::new(error))
    }
}

/// Names one thing to read, and how to read many of its kind at once.
pub trait BatchKey: Clone + Eq + Hash + Send + Sync + 'static {
    /// What is read; cheap to clone.
    type Value: Clone + Send + Sync + 'static;

    /// Reads what is there of `keys`, which are all different. What is not there is left out.
    fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, DbErr>> + Send;
}

/// The reads of one request.
#[derive(Debug)]
pub struct Reader {
    session: Session,
    batches: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// The reads under way; they end with the request.
    reading: Mutex<JoinSet<()>>,
}

impl Reader {
    /// Reads over `session`; nothing is known yet.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self {
            session,
            batches: Mutex::default(),
            reading: Mutex::default(),
        }
    }

    /// For a statement that is no batch, such as a page of a list.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the request has cost so far.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.session.cost()
    }

    /// What `key` names, or `None` if it isn't there. Costs nothing if it has been read or is being read.
    ///
    /// # Errors
    ///
    /// When the statement failed that should have read it.
    pub async fn load<K: BatchKey>(&self, key: K) -> Result<Option<K::Value>, ReadError> {
        let batch = self.batch::<K>();
        let receiver = match batch.ask(key) {
            Asked::Known(value) => return Ok(value),
            Asked::Wait(receiver) => receiver,
            Asked::WaitFirst(receiver) => {
                let session = self.session.from_now();
                let batch = Arc::clone(&batch);
                // What is logged of it, and its statements in a trace, belong to the request.
                let work = session.carry(|session| async move { batch.run(&session).await });
                let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
                // Those that have ended are no longer of interest.
                while reading.try_join_next().is_some() {}
                reading.spawn(work);
                receiver
            }
        };
        receiver.await.unwrap_or_else(|_| {
            Err(DbErr::Custom("a batch of reads was dropped".to_owned()).into())
        })
    }

    /// Remembers what another read has brought along.
    pub fn remember<K: BatchKey>(&self, key: K, value: K::Value) {
        let batch = self.batch::<K>();
        let mut state = batch.lock();
        // Somebody may be waiting for it already; then the answer under way is as good.
        state.slots.entry(key).or_insert(Slot::Known(Some(value)));
    }

    /// Forgets everything that was read, for who goes on for long and has to read what is there by now.
    pub fn forget(&self) {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.clear();
    }

    fn batch<K: BatchKey>(&self) -> Arc<Batch<K>> {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = batches
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Arc::new(Batch::<K>::default()));
        Arc::clone(batch)
            .downcast()
            .unwrap_or_else(|_| unreachable!("a batch is stored under the type of its key"))
    }
}

type Answer<V> = Result<Option<V>, ReadError>;

enum Slot<V> {
    Known(Option<V>),
    Awaited(Vec<oneshot::Sender<Answer<V>>>),
}

enum Asked<V> {
    Known(Option<V>),
    Wait(oneshot::Receiver<Answer<V>>),
    /// Nobody reads this kind yet: who gets this has to see to it.
    WaitFirst(oneshot::Receiver<Answer<V>>),
}

struct State<K: BatchKey> {
    slots: HashMap<K, Slot<K::Value>>,
    queue: Vec<K>,
}

struct Batch<K: BatchKey>(Mutex<State<K>>);

impl<K: BatchKey> Default for Batch<K> {
    fn default() -> Self {
        Self(Mutex::new(State {
            slots: HashMap::new(),
            queue: Vec::new(),
        }))
    }
}

impl<K: BatchKey> Batch<K> {
    fn lock(&self) -> MutexGuard<'_, State<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, key: K) -> Asked<K::Value> {
        let mut state = self.lock();
        // Not tokio's channel: that one counts against the task's budget, which would cut a level of many fields in two.
        let (sender, receiver) = oneshot::channel();
        match state.slots.get_mut(&key) {
            Some(Slot::Known(value)) => return Asked::Known(value.clone()),
            Some(Slot::Awaited(waiting)) => {
                waiting.push(sender);
                return Asked::Wait(receiver);
            }
            None => {}
        }
        state.slots.insert(key.clone(), Slot::Awaited(vec![sender]));
        state.queue.push(key);
        if state.queue.len() == 1 {
            Asked::WaitFirst(receiver)
        } else {
            Asked::Wait(receiver)
        }
    }

    /// Reads what has been asked for by now and answers everyone who waits for it.
    async fn run(&self, session: &Session) {
        let keys = std::mem::take(&mut self.lock().queue);
        // Whatever happens, everyone who waits gets an answer.
        let read = AssertUnwindSafe(K::read(keys.clone(), session)).catch_unwind();
        let result = read
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom("a batch of reads panicked".to_owned())))
            .map_err(ReadError::from);
        let mut state = self.lock();
        for key in keys {
            let answer = match &result {
                Ok(found) => Ok(found.get(&key).cloned()),
                Err(error) => Err(error.clone()),
            };
            // A failure is not remembered: who asks again gets another try.
            let slot = match &answer {
                Ok(value) => state.slots.insert(key, Slot::Known(value.clone())),
                Err(_) => state.slots.remove(&key),
            };
            let Some(Slot::Awaited(waiting)) = slot else {
                continue;
            };
            for sender in waiting {
                // Who has stopped waiting, because its request was cut off, needs no answer.
                let _ = sender.send(answer.clone());
            }
        }
    }
}
