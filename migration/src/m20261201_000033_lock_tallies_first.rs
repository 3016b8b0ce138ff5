//! Makes statements that insert several reviews cheaper:
//!
//! - They lock the tallies of the owners at once, and insert missing ones only if there are fewer than owners. A look for
//!   missing ones took as long as the insertion of six reviews.
//! - They do nothing for critics if no review has one, and nothing for publications either.
//! - They sum the numbers of a month as seldom as the insertion of one review does. Each sum reads all numbers of the months.

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::{CHANGES, OWNERS},
    m20261120_000013_tally_one_review::insert_one,
    m20261129_000017_count_by_month::count_changes_and_sum,
    m20261130_000026_count_critics::for_one,
    m20261130_000030_count_added_reviews::{
        IS_UNLOCKED, lock_tallies, replace_insert_trigger, update_tallies,
    },
    m20261130_000032_count_repeated_reviews::{add_repeated, insert_all},
};

pub(crate) fn migration() -> SqlMigration {
    let [insert, ..] = &CHANGES;
    let body = format!(
        "{}{}{}{}",
        insert_one(&for_one()),
        OWNERS.map(add_to_tallies).concat(),
        add_repeated(),
        count_changes_and_sum(insert, 0.02)
    );
    SqlMigration {
        name: "m20261201_000033_lock_tallies_first",
        up: replace_insert_trigger(&body),
        down: replace_insert_trigger(&insert_all()),
    }
}

/// Returns the statements that add the inserted reviews to the tallies of one kind of owner. They lock the tallies first,
/// in the order of their ids.
///
/// A tally is only missing if the same transaction has added its owner. No other transaction can
/// hold or wait for its lock, so it may be locked after the others.
fn add_to_tallies(owner: &str) -> String {
    let (lock_all, update) = (lock_tallies(owner), update_tallies(owner));
    format!(
        r"
    IF EXISTS (SELECT FROM new_rows WHERE {owner}_id IS NOT NULL) THEN
        IF {IS_UNLOCKED} THEN
            DECLARE
                locked bigint;
            BEGIN
                PERFORM FROM {owner}_tally WHERE {owner}_id IN (SELECT {owner}_id FROM new_rows)
                    ORDER BY {owner}_id FOR UPDATE;
                GET DIAGNOSTICS locked = ROW_COUNT;
                IF locked < (SELECT count(DISTINCT {owner}_id) FROM new_rows) THEN{lock_all}
                END IF;
            END;
        END IF;{update}
    END IF;"
    )
}
