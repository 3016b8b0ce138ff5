//! Pagination of a list that changes between two pages.

use proptest::{prelude::*, strategy::ValueTree};
use sea_orm::ConnectionTrait;

use super::page;
use crate::support::{TestDatabase, TestServer};

/// A change of a list between two pages.
#[derive(Clone, Debug)]
enum ListChange {
    Add { score: Option<u8>, day: Option<u8> },
    Delete { place: u8 },
    Nothing,
}

fn list_change() -> impl Strategy<Value = ListChange> {
    prop_oneof![
        (prop::option::of(0..4_u8), prop::option::of(0..4_u8))
            .prop_map(|(score, day)| ListChange::Add { score, day }),
        any::<u8>().prop_map(|place| ListChange::Delete { place }),
        Just(ListChange::Nothing),
    ]
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}

async fn add(connection: &impl ConnectionTrait, score: Option<u8>, day: Option<u8>) {
    let (rule, day) = (
        score.map(|_| "'given'"),
        day.map(|day| format!("'2020-01-0{}'", day + 1)),
    );
    let sql = format!(
        "INSERT INTO review (film_id, score, score_rule, reviewed_on) SELECT id, {}, {}, {} FROM film",
        optional(score),
        optional(rule),
        optional(day)
    );
    connection.execute_unprepared(&sql).await.unwrap();
}

impl ListChange {
    async fn apply(&self, connection: &impl ConnectionTrait) {
        match *self {
            Self::Add { score, day } => add(connection, score, day).await,
            Self::Delete { place } => {
                let sql = format!(
                    "DELETE FROM review WHERE id = (SELECT id FROM review ORDER BY id OFFSET {place} % (SELECT count(*) FROM review) LIMIT 1)"
                );
                connection.execute_unprepared(&sql).await.unwrap();
            }
            Self::Nothing => {}
        }
    }
}

const LIST: &str = "film(by: {slug: \"the-film\"}) { reviews";

/// A list of reviews that is read in pages.
struct Reading<'a> {
    server: &'a TestServer,
    order: String,
    size: u32,
    is_backwards: bool,
}

impl Reading<'_> {
    /// Returns the ids of the whole list.
    async fn all_ids(&self) -> Vec<String> {
        let arguments = format!("{}, first: 100", self.order);
        page(self.server, LIST, &arguments).await.ids
    }

    /// Returns the ids of the next page, and the cursor of the page after it.
    async fn next_page(&self, cursor: Option<&str>) -> (Vec<String>, Option<String>) {
        let Self { order, size, .. } = self;
        let (count, bound) = if self.is_backwards {
            ("last", "before")
        } else {
            ("first", "after")
        };
        let bound = cursor.map(|cursor| format!(", {bound}: \"{cursor}\""));
        let arguments = format!("{order}, {count}: {size}{}", bound.unwrap_or_default());
        let mut page = page(self.server, LIST, &arguments).await;
        let (has_more, edge) = if self.is_backwards {
            page.ids.reverse();
            (page.has_previous, page.start)
        } else {
            (page.has_next, page.end)
        };
        (page.ids, has_more.then(|| edge.unwrap()))
    }

    /// Reads all pages with a change of the list after each.
    async fn read(&self, changes: &[ListChange], connection: &impl ConnectionTrait) -> Vec<String> {
        let (mut ids, mut cursor) = (Vec::new(), None);
        for change in changes.iter().cycle().take(60) {
            let (page, next) = self.next_page(cursor.as_deref()).await;
            ids.extend(page);
            if next.is_none() {
                break;
            }
            cursor = next;
            change.apply(connection).await;
        }
        ids
    }
}

/// Reads a list of twelve reviews while it changes.
async fn run_case(reading: &Reading<'_>, changes: &[ListChange]) {
    let connection = reading.server.database.connect(1);
    connection
        .execute_unprepared("TRUNCATE review")
        .await
        .unwrap();
    for n in 0..12_u8 {
        add(
            &connection,
            Some(n % 4).filter(|_| n % 3 > 0),
            Some(n % 3).filter(|_| n % 4 > 0),
        )
        .await;
    }
    let before = reading.all_ids().await;
    let ids = reading.read(changes, &connection).await;
    let after = reading.all_ids().await;
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "a row was returned twice: {ids:?}");
    for id in before.iter().filter(|id| after.contains(id)) {
        assert!(
            ids.contains(id),
            "a row that existed all the time was skipped"
        );
    }
}

#[tokio::test]
async fn added_and_deleted_rows_do_not_duplicate_or_skip_others() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    connection
        .execute_unprepared("INSERT INTO film (slug, title) VALUES ('the-film', 'The Film')")
        .await
        .unwrap();
    let server = TestServer::with_database(database);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let changes = prop::collection::vec(list_change(), 4);
    for field in ["ADDED", "SCORE", "DATE"] {
        for direction in ["ASC", "DESC"] {
            for is_backwards in [false, true] {
                for size in [1, 3] {
                    let changes = changes.new_tree(&mut runner).unwrap().current();
                    let reading = Reading {
                        server: &server,
                        order: format!("orderBy: {{field: {field}, direction: {direction}}}"),
                        size,
                        is_backwards,
                    };
                    run_case(&reading, &changes).await;
                }
            }
        }
    }
}
