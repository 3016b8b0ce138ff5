//! Repairs wrong tallies. A tally can only become wrong by manual changes with disabled triggers.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};

use super::{
    months,
    recount::{TallyDifference, count_columns, recount},
};
use crate::database::sql;

/// Selects the reviews whose weight differs from their publication's, with the correct weight. It is 100 without a
/// publication.
const WRONG_WEIGHTS: &str = "
SELECT review.id, coalesce(publication.weight, 100) AS weight
FROM review LEFT JOIN publication ON publication.id = review.publication_id
WHERE review.weight <> coalesce(publication.weight, 100)";

/// Selects the films whose stored score is not that of their tally under the rules of the site.
const WRONG_SCORES: &str = "
SELECT tally.film_id FROM film_tally AS tally, site_rules
WHERE tally.score IS DISTINCT FROM film_score(tally, site_rules)";

/// The result of a repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The number of reviews whose weight was corrected.
    pub corrected_weights: u64,
    /// The number of films whose score was corrected.
    pub corrected_scores: u64,
    /// The tallies that differed from the recount, before their repair.
    pub tallies: Vec<TallyDifference>,
}

/// Returns the number of reviews whose weight differs from their publication's. Their tallies may still be correct, but
/// the next change of such a review would make them wrong.
///
/// # Errors
///
/// When the statement fails.
pub async fn count_wrong_weights(connection: &DatabaseConnection) -> Result<u64, DbErr> {
    count_rows(WRONG_WEIGHTS, connection).await
}

/// Returns the number of films whose stored score, by which lists are ordered and filtered, is not that of their tally
/// under the rules of the site.
///
/// # Errors
///
/// When the statement fails.
pub async fn count_wrong_scores(connection: &DatabaseConnection) -> Result<u64, DbErr> {
    count_rows(WRONG_SCORES, connection).await
}

async fn count_rows(select: &str, connection: &DatabaseConnection) -> Result<u64, DbErr> {
    let statement = Statement::from_string(
        connection.get_database_backend(),
        format!("SELECT count(*) AS number FROM ({select}) AS wrong"),
    );
    let count: i64 = match connection.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "number")?,
        None => 0,
    };
    Ok(count.unsigned_abs())
}

/// Corrects the weights of reviews and all tallies in one transaction. Other writers of reviews and publications wait
/// for it.
///
/// # Errors
///
/// When a statement fails; nothing is changed then.
pub async fn repair(connection: &DatabaseConnection) -> Result<Repair, DbErr> {
    let transaction = sql::begin_read_committed(connection).await?;
    transaction
        // Locks in the same order as a change of a publication's weight, to avoid deadlocks.
        .execute_unprepared("LOCK TABLE publication, review IN SHARE ROW EXCLUSIVE MODE")
        .await?;
    // Weights come first, because their triggers change the tallies, which are overwritten afterwards.
    let corrected_weights = transaction
        .execute_unprepared(&format!(
            "UPDATE review SET weight = wrong.weight FROM ({WRONG_WEIGHTS}) AS wrong WHERE review.id = wrong.id"
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
            .execute_raw(Statement::from_sql_and_values(
                backend,
                upsert_sql(owner),
                values,
            ))
            .await?;
    }
    let months: Vec<String> = tallies
        .iter()
        .filter(|difference| difference.kind == "month")
        .map(|difference| difference.slug.clone())
        .collect();
    if !months.is_empty() {
        for sql in [months::DELETE, &months::insert_sql()] {
            let values = [months.clone().into()];
            let backend = transaction.get_database_backend();
            let statement = Statement::from_sql_and_values(backend, sql, values);
            transaction.execute_raw(statement).await?;
        }
    }
    // The trigger of the tallies computes the score.
    let corrected_scores = transaction
        .execute_unprepared(&format!(
            "UPDATE film_tally SET score = NULL WHERE film_id IN ({WRONG_SCORES})"
        ))
        .await?
        .rows_affected();
    transaction.commit().await?;
    Ok(Repair {
        corrected_weights,
        corrected_scores,
        tallies,
    })
}

/// Returns the statement that writes recounted tallies. Its parameters are the owners' slugs and the tallies as JSON.
fn upsert_sql(owner: &str) -> String {
    let columns = count_columns(owner);
    let each = |format: fn(&str) -> String| {
        let columns: Vec<String> = columns.iter().map(|column| format(column)).collect();
        columns.join(", ")
    };
    let values = each(|column| format!("counted.{column}"));
    let excluded = each(|column| format!("{column} = excluded.{column}"));
    let columns = columns.join(", ");
    format!(
        "INSERT INTO {owner}_tally ({owner}_id, {columns})
         SELECT owner.id, {values}
         FROM unnest($1::text[], $2::text[]) AS recounted (slug, counts)
         JOIN {owner} AS owner ON owner.slug = recounted.slug
         CROSS JOIN LATERAL jsonb_populate_record(NULL::{owner}_tally, recounted.counts::jsonb) AS counted
         ORDER BY owner.id
         ON CONFLICT ({owner}_id) DO UPDATE SET {excluded}"
    )
}
