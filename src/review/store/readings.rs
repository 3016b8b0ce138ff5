//! The stored readings of original scores that depend on the rules of the site.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::database::sql;

/// The numbers of stored reviews whose scores were read by rules of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct StoredReadings {
    /// The reviews whose original score was read as stars. Some of them state their scale.
    pub stars: i64,
    /// The reviews whose original score is a bare number, read or not.
    pub bare_numbers: i64,
}

/// Counts the stored readings. It reads all reviews once.
///
/// # Errors
///
/// When the statement fails.
pub async fn count_readings(
    connection: &impl ConnectionTrait,
) -> Result<Option<StoredReadings>, DbErr> {
    let statement = "SELECT
            count(*) FILTER (WHERE score_rule = 'stars') AS stars,
            count(*) FILTER (
                WHERE score_rule IS DISTINCT FROM 'given' AND original_score ~ '^[[:space:]]*[0-9]+([.,][0-9]+)?[[:space:]]*$'
            ) AS bare_numbers
        FROM review WHERE original_score IS NOT NULL";
    sql::one(connection, statement, []).await
}
