//! The comparison of the database with the responses that the clients got.

use std::collections::{BTreeMap, BTreeSet};

use marquee::global_id::{GlobalId, Kind};
use serde_json::Value;

use super::{
    CompletedTask,
    client::FinalResult,
    workload::{FILMS, PUBLICATIONS, critics},
};
use crate::support::program::DataDir;

/// Returns the other columns of each review by its excerpt.
fn stored_reviews(dir: &DataDir) -> BTreeMap<String, Vec<Value>> {
    let rows = "SELECT coalesce(json_agg(json_build_array(review.excerpt, review.id, film_id, critic_id, publication.name, score)), '[]')::text
        AS value FROM review LEFT JOIN publication ON publication.id = publication_id";
    let rows: Vec<Value> = serde_json::from_str(&dir.sql(rows)).unwrap();
    let mut found = BTreeMap::new();
    for mut row in rows {
        let excerpt = row[0].as_str().expect("an excerpt").to_owned();
        let columns = row.as_array_mut().unwrap().split_off(1);
        assert!(found.insert(excerpt, columns).is_none(), "duplicate: {row}");
    }
    found
}

/// Compares the database with the responses that the clients got.
pub fn verify_database(dir: &DataDir, completed: &[CompletedTask]) {
    let mut found = stored_reviews(dir);
    let mut ids = BTreeSet::new();
    let mut added = 0;
    for CompletedTask { task, result } in completed {
        let row = found.remove(&task.excerpt);
        match result {
            FinalResult::Rejected(code) => {
                assert_eq!(row, None, "rejected as {code}, but stored: {task:?}");
            }
            FinalResult::Added(id) => {
                let row = row.unwrap_or_else(|| panic!("{id} is lost: {task:?}"));
                let key = GlobalId::decode(id)
                    .filter(|id| id.kind == Kind::Review)
                    .unwrap()
                    .key;
                assert_eq!(row, task.row(key), "{task:?}");
                assert!(ids.insert(key), "{id} was returned twice");
                added += 1;
            }
        }
    }
    assert_eq!(
        found,
        BTreeMap::new(),
        "these reviews were never acknowledged"
    );
    println!(
        "{added} reviews exist, and {} were rejected",
        completed.len() - added
    );
    verify_counts(dir, added);
}

/// Asserts the numbers of rows after this number of added reviews.
fn verify_counts(dir: &DataDir, added: usize) {
    for (selection, expected) in [
        ("count(*)::text AS value FROM film", FILMS),
        ("count(*)::text AS value FROM critic", critics(added)),
        // Concurrent clients name the same new publications; each must exist once.
        ("count(*)::text AS value FROM publication", PUBLICATIONS),
        (
            "count(DISTINCT name)::text AS value FROM publication",
            PUBLICATIONS,
        ),
        // Each review was inserted by one statement and never updated.
        ("count(*)::text AS value FROM review_revision", 0),
        (
            "count(*)::text AS value FROM idempotency_key WHERE outcome IS NULL",
            0,
        ),
    ] {
        let value = dir.sql(&format!("SELECT {selection}"));
        assert_eq!(value, expected.to_string(), "{selection}");
    }
}
