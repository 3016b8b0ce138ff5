//! When what changed last.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::tag::Tag;

/// How many places changes are noted at. Tags that share one are taken to have changed when either has, which costs a read and never
/// makes an answer wrong.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 16;

/// An odd number without a pattern: 2⁶⁴ by the golden ratio.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The floor while nobody hears what changes.
const DEAF: u64 = u64::MAX;

/// When what changed last, by a clock that goes on by one with each change. One a process.
#[derive(Debug)]
pub struct Versions {
    clock: AtomicU64,
    /// Whatever was read before this moment is old.
    floor: AtomicU64,
    changed: Box<[AtomicU64]>,
}

/// A moment by the clock of [`Versions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Default for Versions {
    /// Nobody hears yet what changes.
    fn default() -> Self {
        Self {
            clock: AtomicU64::new(0),
            floor: AtomicU64::new(DEAF),
            changed: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Versions {
    /// The moment before a read. `None` while what changes isn't heard: what is read then is not to be kept.
    #[must_use]
    pub fn now(&self) -> Option<Moment> {
        let now = self.clock.load(SeqCst);
        (self.floor.load(SeqCst) != DEAF).then_some(Moment(now))
    }

    /// Whether none of these has changed since a moment. Nothing is known to be while changes aren't heard.
    pub fn are_unchanged(&self, since: Moment, mut tags: impl Iterator<Item = Tag>) -> bool {
        since.0 >= self.floor.load(SeqCst) && tags.all(|tag| self.slot(tag).load(SeqCst) <= since.0)
    }

    /// Notes that a row has changed, and with it any of its kind. What has been committed has to be there for whoever reads from now on.
    pub fn change(&self, tag: Tag) {
        let now = self.tick();
        self.slot(tag).fetch_max(now, SeqCst);
        self.slot(tag.as_any()).fetch_max(now, SeqCst);
    }

    /// Notes that anything may have changed.
    pub fn change_everything(&self) {
        let now = self.tick();
        // Whoever is deaf stays so.
        let _ = self.floor.fetch_update(SeqCst, SeqCst, |floor| {
            (floor != DEAF).then(|| floor.max(now))
        });
    }

    /// What changes is heard from now on; before, anything may have changed.
    pub fn hear(&self) {
        let now = self.tick();
        self.floor.store(now, SeqCst);
    }

    /// What changes isn't heard any more.
    pub fn lose(&self) {
        self.floor.store(DEAF, SeqCst);
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst) + 1
    }

    fn slot(&self, tag: Tag) -> &AtomicU64 {
        // Multiplied by an odd number, the upper bits depend on all of the tag's.
        let scattered = tag.number().wrapping_mul(SCATTER) >> (u64::BITS - SLOT_BITS);
        &self.changed[usize::try_from(scattered).unwrap_or_default() % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::tag::Kind, *};

    const ONE: Tag = Tag::of(Kind::Film, 1);
    const OTHER: Tag = Tag::of(Kind::Film, 2);

    fn heard() -> Versions {
        let versions = Versions::default();
        versions.hear();
        versions
    }

    #[test]
    fn what_was_read_before_a_change_is_old_and_what_is_read_after_it_is_not() {
        let versions = heard();
        let before = versions.now().unwrap();
        versions.change(ONE);
        let after = versions.now().unwrap();
        let unchanged = |since, tag| versions.are_unchanged(since, [tag].into_iter());
        assert!(!unchanged(before, ONE) && unchanged(after, ONE));
        assert!(unchanged(before, OTHER));
        let any = Tag::any(Kind::Film);
        assert!(!unchanged(before, any) && unchanged(after, any));
        assert!(unchanged(before, Tag::any(Kind::Critic)));
    }

    #[test]
    fn nothing_is_known_while_changes_are_not_heard() {
        let versions = Versions::default();
        assert_eq!(versions.now(), None);
        versions.change_everything();
        assert_eq!(versions.now(), None);
        versions.hear();
        let read = versions.now().unwrap();
        assert!(versions.are_unchanged(read, [ONE].into_iter()));
        versions.lose();
        assert!(!versions.are_unchanged(read, std::iter::empty()));
        assert_eq!(versions.now(), None);
        versions.hear();
        assert!(!versions.are_unchanged(read, std::iter::empty()));
        assert!(versions.are_unchanged(versions.now().unwrap(), [ONE].into_iter()));
    }

    #[test]
    fn everything_can_change_at_once() {
        let versions = heard();
        let before = versions.now().unwrap();
        versions.change_everything();
        assert!(!versions.are_unchanged(before, std::iter::empty()));
        assert!(versions.are_unchanged(versions.now().unwrap(), [ONE].into_iter()));
    }

    proptest! {
        /// Held against a model that forgets nothing: what has changed since is never taken for unchanged.
        #[test]
        fn no_change_is_missed(steps in prop::collection::vec((0_i64..5, any::<bool>()), 1..50)) {
            let versions = heard();
            let mut reads: Vec<(Moment, Tag, bool)> = Vec::new();
            for (key, reads_it) in steps {
                let tag = Tag::of(Kind::Review, key + 1);
                if reads_it {
                    reads.push((versions.now().unwrap(), tag, true));
                } else {
                    versions.change(tag);
                    for (_, read, is_true) in &mut reads {
                        *is_true &= *read != tag;
                    }
                }
                for (moment, read, is_true) in &reads {
                    let unchanged = versions.are_unchanged(*moment, [*read].into_iter());
                    prop_assert_eq!(unchanged, *is_true);
                }
            }
        }
    }
}
