use std::{collections::HashMap, sync::Arc};

use proptest::prelude::*;
use sea_orm::DbErr;

use super::*;
use crate::loader::key::CopyValue;
use crate::{
    cache::{
        invalidation_clock::InvalidationClock,
        tag::{Tag, TagKind},
    },
    database::session::Session,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ById(i64);

impl LoaderKey for ById {
    type Value = Arc<u32>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(|_| 4);
    const COPY: Option<CopyValue<Self::Value>> = Some(copy);

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Critic, self.0));
    }

    async fn read(_: Vec<Self>, _: &Session) -> Result<HashMap<Self, Arc<u32>>, DbErr> {
        Ok(HashMap::new())
    }
}

fn copy(value: &Arc<u32>) -> Arc<u32> {
    Arc::new(**value)
}

struct Caches {
    clock: Arc<InvalidationClock>,
    shared: RowCache,
    local: LocalRows,
}

impl Caches {
    fn new() -> Self {
        let clock = Arc::new(InvalidationClock::default());
        clock.on_connect();
        Self {
            shared: RowCache::new(Arc::clone(&clock), 1 << 20),
            clock,
            local: LocalRows::default(),
        }
    }

    /// Inserts a row into the shared cache, as after a statement.
    fn insert(&self, id: i64, value: &Arc<u32>) {
        let now = self.shared.now().expect("the cache is disconnected");
        let rows = HashMap::from([(ById(id), Arc::clone(value))]);
        self.shared.insert(now, &rows);
    }

    fn get(&self, id: i64) -> Option<Arc<u32>> {
        self.local.get(&ById(id), &self.shared, copy)
    }
}

#[test]
fn a_row_is_copied_when_it_is_used_twice() {
    let caches = Caches::new();
    let row = Arc::new(7);
    assert_eq!(caches.get(1), None);
    caches.insert(1, &row);
    let [first, second, third] = [(); 3].map(|()| caches.get(1).expect("the row is not cached"));
    assert!(Arc::ptr_eq(&first, &row));
    assert_eq!(second, row);
    assert!(!Arc::ptr_eq(&second, &row));
    assert!(Arc::ptr_eq(&third, &second));
}

#[test]
fn a_row_that_is_used_once_does_not_replace_a_copy() {
    let caches = Caches::new();
    let slot = |id| FixedState::default().hash_one(ById(id)) % SLOTS as u64;
    let other = (2..1_000_000)
        .find(|id| slot(*id) == slot(1))
        .expect("no other id has the slot");
    caches.insert(1, &Arc::new(1));
    caches.insert(other, &Arc::new(2));
    let [_, copy] = [(); 2].map(|()| caches.get(1));
    assert_eq!(caches.get(other), Some(Arc::new(2)));
    let again = caches.get(1);
    assert!(Arc::ptr_eq(&copy.unwrap(), &again.unwrap()));
}

#[test]
fn a_disconnected_process_has_no_copies() {
    let caches = Caches::new();
    caches.insert(1, &Arc::new(7));
    let [_, copy] = [(); 2].map(|()| caches.get(1));
    assert_eq!(copy, Some(Arc::new(7)));
    caches.clock.on_disconnect();
    assert_eq!(caches.get(1), None);
}

proptest! {
    /// Whatever is read, changed and used, a worker has what the shared cache has.
    #[test]
    fn a_copy_is_never_older_than_the_shared_row(
        steps in prop::collection::vec((0..6_usize, 0..4_u8), 1..200),
    ) {
        let caches = Caches::new();
        let mut versions = [0; 6];
        for (id, step) in steps {
            let row = i64::try_from(id).unwrap();
            match step {
                0 => {
                    versions[id] += 1;
                    caches.clock.invalidate(&[Tag::of(TagKind::Critic, row)]);
                }
                1 => caches.insert(row, &Arc::new(versions[id])),
                _ => {
                    let shared = caches.shared.get(&ById(row));
                    prop_assert!(shared.as_deref().is_none_or(|version| *version == versions[id]));
                    prop_assert_eq!(caches.get(row), shared);
                }
            }
        }
    }
}
