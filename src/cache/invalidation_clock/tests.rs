use proptest::prelude::*;

use super::{super::tag::TagKind, *};

const ONE: Tag = Tag::of(TagKind::Film, 1);
const OTHER: Tag = Tag::of(TagKind::Film, 2);

fn connected() -> InvalidationClock {
    let clock = InvalidationClock::default();
    clock.on_connect();
    clock
}

#[test]
fn a_read_before_a_change_is_stale_and_a_read_after_it_is_not() {
    let clock = connected();
    let before = clock.now().unwrap();
    clock.invalidate(&[ONE]);
    let after = clock.now().unwrap();
    let unchanged = |since, tag| clock.are_unchanged(since, [tag].into_iter());
    assert!(!unchanged(before, ONE) && unchanged(after, ONE));
    assert!(unchanged(before, OTHER));
    let any = Tag::any(TagKind::Film);
    assert!(!unchanged(before, any) && unchanged(after, any));
    assert!(unchanged(before, Tag::any(TagKind::Critic)));
}

#[test]
fn nothing_counts_as_unchanged_while_notifications_are_not_received() {
    let clock = InvalidationClock::default();
    assert_eq!(clock.now(), None);
    clock.invalidate_all();
    assert_eq!(clock.now(), None);
    clock.on_connect();
    let read = clock.now().unwrap();
    assert!(clock.are_unchanged(read, [ONE].into_iter()));
    clock.on_disconnect();
    assert!(!clock.are_unchanged(read, std::iter::empty()));
    assert_eq!(clock.now(), None);
    clock.on_connect();
    assert!(!clock.are_unchanged(read, std::iter::empty()));
    assert!(clock.are_unchanged(clock.now().unwrap(), [ONE].into_iter()));
}

#[test]
fn a_change_of_many_rows_leaves_a_tag_of_its_own_certain_and_a_lost_notification_does_not() {
    const RULES: Tag = Tag::of(TagKind::SiteRules, 1);

    let clock = InvalidationClock::default();
    clock.on_connect();
    let read = clock.now().unwrap();
    assert!(clock.is_certain(read, RULES));
    clock.invalidate_rows();
    assert!(!clock.are_unchanged(read, std::iter::empty()));
    assert!(clock.is_certain(read, RULES));
    clock.invalidate(&[RULES]);
    assert!(!clock.is_certain(read, RULES));
    let read = clock.now().unwrap();
    assert!(clock.is_certain(read, RULES));
    clock.invalidate_all();
    assert!(!clock.is_certain(read, RULES));
    let read = clock.now().unwrap();
    clock.on_disconnect();
    assert!(!clock.is_certain(read, RULES));
    clock.on_connect();
    assert!(!clock.is_certain(read, RULES));
    assert!(clock.is_certain(clock.now().unwrap(), RULES));
}

#[test]
fn all_tags_can_be_invalidated_at_once() {
    let clock = connected();
    let before = clock.now().unwrap();
    clock.invalidate_all();
    assert!(!clock.are_unchanged(before, std::iter::empty()));
    assert!(clock.are_unchanged(clock.now().unwrap(), [ONE].into_iter()));
}

proptest! {
    /// Compares the clock with a model that stores every change.
    #[test]
    fn no_change_is_missed(steps in prop::collection::vec((0_i64..5, any::<bool>()), 1..50)) {
        let clock = connected();
        let mut reads: Vec<(Timestamp, Tag, bool)> = Vec::new();
        for (key, is_read) in steps {
            let tag = Tag::of(TagKind::Review, key + 1);
            if is_read {
                reads.push((clock.now().unwrap(), tag, true));
            } else {
                clock.invalidate(&[tag]);
                for (_, read, is_unchanged) in &mut reads {
                    *is_unchanged &= *read != tag;
                }
            }
            for (since, read, is_unchanged) in &reads {
                let unchanged = clock.are_unchanged(*since, [*read].into_iter());
                prop_assert_eq!(unchanged, *is_unchanged);
            }
        }
    }
}

#[test]
fn the_latest_changes_are_known_one_by_one() {
    let clock = InvalidationClock::default();
    clock.on_connect();
    let film = |id| Tag::of(TagKind::Film, id);
    let start = clock.now().unwrap();
    assert_eq!(clock.changes_since(start, 2), Some(vec![]));
    clock.invalidate(&[film(1)]);
    let middle = clock.now().unwrap();
    clock.invalidate(&[film(2)]);
    assert_eq!(clock.changes_since(start, 2), Some(vec![film(1), film(2)]));
    assert_eq!(clock.changes_since(middle, 1), Some(vec![film(2)]));
    assert_eq!(clock.changes_since(start, 1), None, "more than asked for");
    for id in 0..i64::try_from(MAX_CHANGES).unwrap() {
        clock.invalidate(&[film(3 + id)]);
    }
    assert_eq!(clock.changes_since(start, usize::MAX), None, "too many");
    let late = clock.now().unwrap();
    clock.invalidate_all();
    assert_eq!(
        clock.changes_since(late, 1),
        None,
        "anything may have changed"
    );
}

#[test]
fn a_late_connection_never_makes_an_invalidated_entry_valid_again() {
    let clock = connected();
    // A thread connects again, an entry is read, and everything is invalidated before the thread sets the floor.
    let connected_at = clock.tick();
    let read_at = clock.now().unwrap();
    clock.invalidate_all();
    clock.connect_at(connected_at);
    assert!(!clock.are_unchanged(read_at, std::iter::empty()));
}
