use std::collections::BTreeMap;

use super::*;

/// An index of films by id, with a value that tells when they were read.
#[derive(Debug, Default)]
struct Films(BTreeMap<i64, &'static str>);

impl TableIndex for Films {
    type Row = (i64, &'static str);

    const KINDS: &'static [TagKind] = &[TagKind::Film, TagKind::FilmReviews];

    const IS_SMALL: bool = true;

    const MAX_CHANGES: usize = 8_192;

    fn is_enabled(_: &Snapshots) -> bool {
        true
    }

    fn row_count(&self) -> usize {
        self.0.len()
    }

    async fn read_all(_: &Session) -> Result<Self, DbErr> {
        Ok(Self::default())
    }

    async fn read_rows(_: Vec<i64>, _: &Session) -> Result<Vec<Self::Row>, DbErr> {
        Ok(Vec::new())
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<Self::Row>) {
        self.0.retain(|id, _| !changes.ids.contains(id));
        self.0.extend(rows);
    }
}

/// Returns the films 1 to 8 without 3, as of now.
fn films(clock: &InvalidationClock) -> State<Films> {
    let films = [1, 2, 4, 5, 6, 7, 8].map(|id| (id, "old"));
    State {
        index: Films(films.into()),
        read_at: clock.now(),
        read_all_after: None,
    }
}

fn connected_clock() -> InvalidationClock {
    let clock = InvalidationClock::default();
    clock.on_connect();
    clock
}

fn changed(state: &State<Films>, clock: &InvalidationClock) -> ChangedRows {
    match state.changes(clock) {
        Changes::Some(changes) => changes,
        Changes::All => panic!("all rows count as changed"),
    }
}

#[test]
fn only_changed_rows_are_read_again() {
    let clock = connected_clock();
    let mut films = films(&clock);
    assert!(films.is_current(&clock));
    assert_eq!(changed(&films, &clock), ChangedRows::default());

    let other = Tag::of(TagKind::CriticReviews, 6);
    let own = Tag::of(TagKind::FilmReviews, 5);
    clock.invalidate(&[own, other]);
    assert!(!films.is_current(&clock));
    let changes = changed(&films, &clock);
    assert_eq!(changes.ids, BTreeSet::from([5]));
    assert_eq!(changes.tags, BTreeSet::from([own, other]));
    films.replace(&changes, vec![(5, "new")], clock.now().unwrap());

    // Another transaction had taken the id 3 before that of film 4, and commits now.
    clock.invalidate(&[Tag::of(TagKind::Film, 3)]);
    let changes = changed(&films, &clock);
    assert_eq!(changes.ids, BTreeSet::from([3]));
    films.replace(&changes, vec![(3, "late")], clock.now().unwrap());
    assert!(films.is_current(&clock));
    let rows: Vec<&str> = films.index.0.values().copied().collect();
    assert_eq!(
        rows,
        ["old", "old", "late", "old", "new", "old", "old", "old"]
    );
}

#[test]
fn all_rows_are_read_again_after_many_changes_or_a_gap_in_the_notifications() {
    let clock = connected_clock();
    assert_eq!(State::<Films>::default().changes(&clock), Changes::All);
    let before_the_gap = films(&clock);
    clock.invalidate_all();
    assert_eq!(before_the_gap.changes(&clock), Changes::All);

    let films = films(&clock);
    clock.invalidate(&[1, 2, 4].map(|id| Tag::of(TagKind::Film, id)));
    assert_eq!(films.changes(&clock), Changes::All);
}
