//! The merge of reviews: inserts the staged reviews that match no stored one, and updates changed ones.

mod changes;
mod matching;
mod read_scores;

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use self::changes::{mark_changed, update};
pub use self::matching::resolve;
use super::{
    file_columns::FileColumns,
    owners::{execute, execute_query, to_count},
};
use crate::import::{
    Changes,
    report::{ForeignBylines, ReadStats},
};

/// The number of lines per statement. A statement updates each tally once. PostgreSQL queues the foreign keys to check
/// in memory until the end of the statement, so the number is limited.
const LINES_PER_STATEMENT: i64 = 200_000;

/// The statement for the bylines that are the name of another critic than the review's.
const FOREIGN_BYLINES: &str = "
SELECT count(*), (array_agg(staged.byline ORDER BY row_position))[1]
FROM import_match AS matched JOIN import_review AS staged USING (row_position) JOIN critic ON critic.id = matched.critic_id
WHERE staged.byline <> critic.name AND fold_text(staged.byline) <> critic.name_folded
    AND fold_text(staged.byline) IN (SELECT name_folded FROM critic)";

/// Counts the bylines that are the name of another critic than the review's. An import stores them as its source has
/// them, because a critic may have taken a name that was in the byline of another one before.
pub async fn foreign_bylines(
    columns: &FileColumns<'_>,
    connection: &mut PgConnection,
) -> Result<ForeignBylines, sqlx::Error> {
    let columns = columns.of(|columns| &columns.review);
    if !columns.iter().any(|column| column.name == "byline") {
        return Ok(ForeignBylines::default());
    }
    let (count, first): (i64, Option<String>) = sqlx::query_as(FOREIGN_BYLINES)
        .fetch_one(connection)
        .await?;
    Ok(ForeignBylines {
        count: to_count(count),
        first,
    })
}

/// Keeps the scores of stored reviews that an earlier import read from the same original scores. `stats` says whether there
/// are any that this one can't read.
pub async fn keep_read_scores(
    stats: &ReadStats,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    if !stats.unparsed_scores.is_empty() {
        execute(connection, read_scores::KEEP).await?;
    }
    Ok(())
}

/// Marks the stored reviews that will change.
pub async fn mark_changed_reviews(
    columns: &FileColumns<'_>,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    // Files without columns of reviews change none.
    if let Some(sql) = mark_changed(columns) {
        execute(connection, &sql).await?;
    }
    execute(
        connection,
        "CREATE INDEX ON import_changed_review (row_position)",
    )
    .await?;
    Ok(())
}

/// Inserts new reviews and updates changed ones, in batches of lines. Calls `progress` with the number of merged
/// reviews and the number of all.
pub async fn merge(
    columns: &FileColumns<'_>,
    progress: &(dyn Fn(usize, usize) + Sync),
    connection: &mut PgConnection,
) -> Result<Changes, sqlx::Error> {
    let (all, matched, mut position): (i64, i64, Option<i64>) =
        sqlx::query_as("SELECT count(*), count(review_id), min(row_position) FROM import_match")
            .fetch_one(&mut *connection)
            .await?;
    let (all, matched) = (to_count(all), to_count(matched));
    if all == 0 {
        return Ok(Changes::default());
    }
    execute(connection, OWNERS_ARE_LOCKED).await?;
    let (insert, update) = (insert(), update(columns));
    let mut changes = Changes::default();
    let mut done = 0;
    progress(done, all);
    while let Some(first) = position {
        let next = first + LINES_PER_STATEMENT;
        if let Some(update) = update.as_deref().filter(|_| matched > 0) {
            changes.changed += run_between(connection, update, first, next).await?;
        }
        changes.new += run_between(connection, &insert, first, next).await?;
        done += count_between(first, next, connection).await?;
        progress(done, all);
        // The positions of two files are far apart.
        position = position_from(next, connection).await?;
    }
    changes.same = matched.saturating_sub(changes.changed);
    Ok(changes)
}

/// Returns the first position from `next` on.
async fn position_from(
    next: i64,
    connection: &mut PgConnection,
) -> Result<Option<i64>, sqlx::Error> {
    let sql = "SELECT min(row_position) FROM import_match WHERE row_position >= $1";
    sqlx::query_scalar(sql)
        .bind(next)
        .fetch_one(connection)
        .await
}

async fn count_between(
    first: i64,
    next: i64,
    connection: &mut PgConnection,
) -> Result<usize, sqlx::Error> {
    let sql = "SELECT count(*) FROM import_match WHERE row_position >= $1 AND row_position < $2";
    let count: i64 = sqlx::query_scalar(sql)
        .bind(first)
        .bind(next)
        .fetch_one(connection)
        .await?;
    Ok(to_count(count))
}

async fn run_between(
    connection: &mut PgConnection,
    sql: &str,
    first: i64,
    next: i64,
) -> Result<usize, sqlx::Error> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    execute_query(query.bind(first).bind(next), connection).await
}

/// The columns of a review except its owners and its external id.
const CONTENT_COLUMNS: [&str; 10] = [
    "score",
    "original_score",
    "score_rule",
    "sentiment",
    "recommended",
    "top_critic",
    "byline",
    "excerpt",
    "url",
    "reviewed_on",
];

/// The statement by which the triggers know that the import has locked all publications and tallies. So the inserted reviews
/// get the weights of the insert, and no trigger reads and locks the publication of each.
const OWNERS_ARE_LOCKED: &str = "SET LOCAL marquee.review_owners = 'locked'";

/// Returns the statement that inserts new reviews. A missing byline is the critic's name. The order gives the reviews
/// ascending ids in the order of the file.
fn insert() -> String {
    let columns = CONTENT_COLUMNS.join(", ");
    let staged = CONTENT_COLUMNS
        .map(|column| match column {
            "byline" => "coalesce(staged.byline, critic.name)".to_owned(),
            _ => format!("staged.{column}"),
        })
        .join(", ");
    format!(
        "
INSERT INTO review (film_id, critic_id, publication_id, weight, source, external_id, {columns})
SELECT matched.film_id, matched.critic_id, matched.publication_id, coalesce(publication.weight, 100), matched.source,
    matched.external_id, {staged}
FROM import_match AS matched JOIN import_review AS staged USING (row_position)
LEFT JOIN critic ON critic.id = matched.critic_id
LEFT JOIN publication ON publication.id = matched.publication_id
WHERE matched.review_id IS NULL AND matched.row_position >= $1 AND matched.row_position < $2
ORDER BY matched.row_position"
    )
}
