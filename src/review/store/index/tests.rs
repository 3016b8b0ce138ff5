use std::collections::BTreeSet;

use super::*;
use crate::{critic::CriticId, publication::PublicationId};

fn row(id: i64, critic: Option<i64>, publication: Option<i64>) -> IndexRow {
    IndexRow {
        critic: critic.map(CriticId),
        publication: publication.map(PublicationId),
        entry: Entry::unrated(id),
    }
}

/// Returns the ids of the reviews of critic 1, critic 2 and publication 1.
fn ids(index: &ReviewIndex) -> [Vec<i64>; 3] {
    let authors = [
        Owner::Critic(CriticId(1)),
        Owner::Critic(CriticId(2)),
        Owner::Publication(PublicationId(1)),
    ];
    authors.map(|author| index.reviews_of(author).iter().map(|it| it.id).collect())
}

fn changes(ids: &[i64], tags: &[&str]) -> ChangedRows {
    ChangedRows {
        ids: ids.iter().copied().collect(),
        tags: tags
            .iter()
            .map(|tag| Tag::parse(tag).unwrap())
            .collect::<BTreeSet<_>>(),
    }
}

fn index() -> ReviewIndex {
    let mut index = ReviewIndex::default();
    for row in [
        row(1, Some(1), Some(1)),
        row(2, Some(1), None),
        row(4, Some(2), Some(1)),
        row(5, None, None),
    ] {
        index.insert(&row);
    }
    index
}

#[test]
fn a_changed_review_leaves_its_former_authors() {
    let mut index = index();
    assert_eq!(ids(&index), [vec![1, 2], vec![4], vec![1, 4]]);
    let moved = vec![row(1, Some(2), Some(1))];
    index.replace(&changes(&[1], &["r1", "C1", "C2", "P1"]), moved);
    assert_eq!(ids(&index), [vec![2], vec![1, 4], vec![1, 4]]);
    // Another transaction had taken the id 3 before.
    let late = vec![row(3, Some(1), Some(1))];
    index.replace(&changes(&[3], &["r3", "C1", "P1"]), late);
    assert_eq!(ids(&index), [vec![2, 3], vec![1, 4], vec![1, 3, 4]]);
    index.replace(&changes(&[2, 3], &["r2", "r3", "C1", "P1"]), vec![]);
    assert_eq!(ids(&index), [vec![], vec![1, 4], vec![1, 4]]);
    assert_eq!(index.row_count(), 4);
    assert!(!index.critics.contains_key(&1));
}

/// The row that is read may be newer than the notification.
#[test]
fn a_review_that_is_read_before_its_notification_is_indexed_once() {
    let mut index = index();
    // Three commits change review 1: the last one moves it to critic 2, and is visible to the first read.
    let moved = || vec![row(1, Some(2), Some(1))];
    for tags in [
        &["r1", "C1", "P1"][..],
        &["r1", "C1", "P1"],
        &["r1", "C1", "C2", "P1"],
    ] {
        index.replace(&changes(&[1], tags), moved());
        assert_eq!(ids(&index), [vec![2], vec![1, 4], vec![1, 4]]);
    }
    assert_eq!(index.row_count(), 5);
}

#[test]
fn many_changes_at_once_have_the_same_effect() {
    let mut index = ReviewIndex::default();
    for id in 1..=1_000 {
        index.insert(&row(id, Some(1), None));
    }
    let changed: Vec<i64> = (1..=1_000).filter(|id| id % 3 == 0).collect();
    let rows = changed.iter().map(|id| match id % 2 {
        0 => row(*id, Some(2), None),
        _ => row(*id, Some(1), None),
    });
    let rows = rows.collect();
    index.replace(&changes(&changed, &["C1", "C2"]), rows);
    let [one, two, _] = ids(&index);
    let expected = (1..=1_000).filter(|id| id % 6 != 0);
    assert_eq!(one, expected.collect::<Vec<i64>>());
    let expected = (1..=1_000).filter(|id| id % 6 == 0);
    assert_eq!(two, expected.collect::<Vec<i64>>());
}
