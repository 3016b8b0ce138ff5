//! Makes triggers join the old rows of a statement with the new ones by a hash join, never by a nested loop.
//!
//! A connection plans a trigger's statement once, for the number of rows of its first change. If that was one row, the
//! plan was a nested loop, and a later change of 8,000 reviews took 15 seconds instead of one.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    let each = |action: &str| {
        JOINING_FUNCTIONS.map(|function| format!("ALTER FUNCTION {function}() {action};\n"))
    };
    SqlMigration {
        name: "m20261129_000016_join_changes_by_hash",
        up: each("SET enable_nestloop = off").concat(),
        down: each("RESET enable_nestloop").concat(),
    }
}

/// The functions that join old and new rows.
const JOINING_FUNCTIONS: [&str; 5] = [
    "film_tally_notify_update",
    "publication_reweigh",
    "publication_reweigh_check",
    "review_keep_revision",
    "review_notify_update",
];
