//! Parts of the statements of a history. Numbers wrap around to existing rows.

/// The columns of an inserted review.
pub const COLUMNS: &str = "film_id, critic_id, publication_id, score, score_rule, sentiment, recommended, reviewed_on, source, external_id";

/// Returns SQL for the owner of a kind by number, or null if it doesn't exist. Owners may be deleted concurrently.
pub fn owner(table: &str, number: Option<u8>) -> String {
    number.map_or_else(
        || "NULL".to_owned(),
        |number| {
            format!("(SELECT id FROM {table} WHERE slug LIKE 'x{number}-%' ORDER BY id LIMIT 1)")
        },
    )
}

/// Returns SQL for the id of a review by number.
pub fn review(number: u8) -> String {
    format!(
        "(SELECT id FROM review ORDER BY id OFFSET {number} % greatest(1, (SELECT count(*) FROM review)) LIMIT 1)"
    )
}

/// Returns the literal of a date, or null.
pub fn date(day: Option<u8>) -> String {
    day.map_or_else(
        || "NULL".to_owned(),
        |day| format!("'2020-02-{:02}'", day + 1),
    )
}
