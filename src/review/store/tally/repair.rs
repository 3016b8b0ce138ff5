//! Rebuilding tallies that have drifted, which takes a hand that has switched the triggers off.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, TransactionTrait};

use crate::review::store::tally::recount::{COUNTS, Difference, recount};

/// The reviews whose weight is not their publication's, or not that of reviews without one; with what it should be.
const MISWEIGHED: &str = "
SELECT review.id, coalesce(publication.weight, 100) AS weight
FROM review LEFT JOIN publication ON publication.id = review.publication_id
WHERE review.weight <> coalesce(publication.weight, 100)";

/// What was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Reviews whose weight was not their publication's.
    pub reweighed: u64,
    /// Tallies that differed from a recount, as they were.
    pub tallies: Vec<Difference>,
}

/// How many reviews don't have their publication's weight. No tally need differ yet, but the next change of such a review would take
/// off its sums what was never added.
///
/// # Errors
///
/// When the statement fails.
pub async fn misweighed(connection: &DatabaseConnection) -> Result<u64, DbErr> {
    let counted = Statement::from_string(
        connection.get_database_backend(),
        format!("SELECT count(*) AS reviews FROM ({MISWEIGHED}) AS due"),
    );
    let count: i64 = match connection.query_one_raw(counted).await? {
        Some(row) => row.try_get("", "reviews")?,
        None => 0,
    };
    Ok(count.unsigned_abs())
}

/// Makes every tally what a recount says, in one transaction. Nobody writes reviews or publications meanwhile.
///
/// # Errors
///
/// When a statement fails; nothing is changed then.
pub async fn repair(connection: &DatabaseConnection) -> Result<Repair, DbErr> {
    let transaction = connection.begin().await?;
    transaction
        // In the order of whoever changes a weight.
        .execute_unprepared("LOCK TABLE publication, review IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    // First, because the triggers then change the tallies by what they think the change is.
    let reweighed = transaction
        .execute_unprepared(&format!(
            "UPDATE review SET weight = due.weight FROM ({MISWEIGHED}) AS due WHERE review.id = due.id"
        ))
        .await?
        .rows_affected();
    let tallies = recount(&transaction).await?;
    for owner in ["film", "critic", "publication"] {
        let (slugs, counts): (Vec<String>, Vec<String>) = tallies
            .iter()
            .filter(|difference| difference.kind == owner)
            .map(|difference| (difference.slug.clone(), difference.recounted.clone()))
            .unzip();
        if slugs.is_empty() {
            continue;
        }
        let backend = transaction.get_database_backend();
        let values = [slugs.into(), counts.into()];
        transaction
            .execute_raw(Statement::from_sql_and_values(backend, set(owner), values))
            .await?;
    }
    transaction.commit().await?;
    Ok(Repair { reweighed, tallies })
}

/// Writes recounts, given as JSON beside the slugs of their owners.
fn set(owner: &str) -> String {
    let columns = COUNTS.join(", ");
    let counted = COUNTS.map(|column| format!("counted.{column}")).join(", ");
    let excluded = COUNTS
        .map(|column| format!("{column} = excluded.{column}"))
        .join(", ");
    format!(
        "INSERT INTO {owner}_tally ({owner}_id, {columns})
         SELECT owner.id, {counted}
         FROM unnest($1::text[], $2::text[]) AS given (slug, counts)
         JOIN {owner} AS owner ON owner.slug = given.slug
         CROSS JOIN LATERAL jsonb_populate_record(NULL::{owner}_tally, given.counts::jsonb) AS counted
         ORDER BY owner.id
         ON CONFLICT ({owner}_id) DO UPDATE SET {excluded}"
    )
}
