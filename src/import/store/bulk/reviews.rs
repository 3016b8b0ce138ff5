//! The merge of reviews: matches the staged reviews to stored ones, inserts the others, and updates changed ones.
//!
//! A review of a source is matched by its external id. If the file has none, the id is derived from the film, critic
//! and publication, or without a critic from the film, publication, byline and text. A manual review, which has no
//! source, is matched by the same columns and gets no external id. The order of the file distinguishes duplicates.

mod changes;

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use self::changes::{mark_changed, update};
use super::{
    owners::{execute, to_count},
    staging::reject_duplicates_sql,
};
use crate::import::{
    Changes,
    report::ForeignBylines,
    rows::TableColumns,
    store::{DERIVED_ID_PREFIX_LENGTH, MAX_DERIVED_ID_LENGTH},
};

/// The number of lines per statement. A statement updates each tally once. PostgreSQL queues the foreign keys to check
/// in memory until the end of the statement, so the number is limited.
const LINES_PER_STATEMENT: i64 = 200_000;

/// The query for the staged reviews with their resolved owners, without rejected rows.
const RESOLVED: &str = "
SELECT
    staged.row_position, film.id AS film_id, film.slug AS film_slug, critic.id AS critic_id, critic.slug AS critic_slug,
    publication.id AS publication_id, publication.slug AS publication_slug, staged.source, staged.external_id, staged.byline,
    staged.excerpt
FROM import_review AS staged
JOIN import_film AS film_row ON film_row.ref = staged.film_ref
JOIN film ON film.id = film_row.id
LEFT JOIN import_critic AS critic_row ON critic_row.ref = staged.critic_ref
LEFT JOIN critic ON critic.id = critic_row.id
LEFT JOIN import_publication AS publication_row ON publication_row.ref = staged.publication_ref
LEFT JOIN publication ON publication.id = publication_row.id
WHERE NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)";

/// The statement that matches reviews with an external id.
const MATCH_NAMED: &str = "
INSERT INTO import_match (row_position, film_id, critic_id, publication_id, source, external_id, review_id)
SELECT
    staged.row_position, film_row.id, critic_row.id, publication_row.id, staged.source, staged.external_id, stored.id
FROM import_review AS staged
JOIN import_film AS film_row ON film_row.ref = staged.film_ref
LEFT JOIN import_critic AS critic_row ON critic_row.ref = staged.critic_ref
LEFT JOIN import_publication AS publication_row ON publication_row.ref = staged.publication_ref
LEFT JOIN review AS stored ON stored.source = staged.source AND stored.external_id = staged.external_id
WHERE staged.external_id IS NOT NULL AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)";

/// Returns the statement that derives the external ids of a source's reviews that have none, and matches them.
fn match_derived() -> String {
    let short_key = short_key();
    format!(
        r"
INSERT INTO import_match (row_position, film_id, critic_id, publication_id, source, external_id, review_id)
SELECT
    numbered.row_position, numbered.film_id, numbered.critic_id, numbered.publication_id, source, external_id, stored.id
FROM (
    SELECT
        row_position, film_id, critic_id, publication_id, source,
        {short_key} || CASE number WHEN 1 THEN '' ELSE '/' || number END AS external_id
    FROM (
        SELECT *, row_number() OVER (PARTITION BY source, key ORDER BY row_position) AS number
        FROM (
            SELECT
                resolved.*,
                film_slug || '/' || coalesce(critic_slug, '~' || {DIGEST}) || coalesce('@' || publication_slug, '') AS key
            FROM ({RESOLVED}) AS resolved
            WHERE source IS NOT NULL AND external_id IS NULL
        ) AS keyed
    ) AS counted
) AS numbered
LEFT JOIN review AS stored USING (source, external_id)"
    )
}

/// Returns the expression that shortens a derived id that is too long, and appends its digest.
fn short_key() -> String {
    format!(
        "CASE WHEN length(key) <= {MAX_DERIVED_ID_LENGTH} THEN key
         ELSE left(key, {DERIVED_ID_PREFIX_LENGTH}) || '~' || substr(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 1, 24) END"
    )
}

/// The expression for the digest of the byline and text of a review without a critic.
const DIGEST: &str = r"substr(encode(sha256(convert_to(coalesce(byline, '') || E'\n' || coalesce(excerpt, ''), 'UTF8')), 'hex'), 1, 24)";

/// Returns the statement that matches manual reviews with a critic.
fn match_manual() -> String {
    format!(
        "
INSERT INTO import_match (row_position, film_id, critic_id, publication_id, review_id)
SELECT resolved.row_position, resolved.film_id, resolved.critic_id, resolved.publication_id, stored.id
FROM ({RESOLVED}) AS resolved
LEFT JOIN review AS stored
    ON stored.source IS NULL AND stored.film_id = resolved.film_id AND stored.critic_id = resolved.critic_id
        AND stored.publication_id IS NOT DISTINCT FROM resolved.publication_id
WHERE resolved.source IS NULL AND resolved.critic_id IS NOT NULL"
    )
}

/// Returns the statement that matches manual reviews without a critic.
fn match_anonymous() -> String {
    const KEY_COLUMNS: &str = "film_id, publication_id, byline, excerpt";
    format!(
        "
INSERT INTO import_match (row_position, film_id, publication_id, review_id)
SELECT resolved.row_position, resolved.film_id, resolved.publication_id, stored.id
FROM (
    SELECT *, row_number() OVER (PARTITION BY {KEY_COLUMNS} ORDER BY row_position) AS number
    FROM ({RESOLVED}) AS every
    WHERE source IS NULL AND critic_id IS NULL
) AS resolved
LEFT JOIN (
    SELECT id, {KEY_COLUMNS}, row_number() OVER (PARTITION BY {KEY_COLUMNS} ORDER BY id) AS number
    FROM review WHERE source IS NULL AND critic_id IS NULL AND film_id IN (SELECT id FROM import_film)
) AS stored
    ON stored.number = resolved.number AND stored.film_id = resolved.film_id
        AND stored.publication_id IS NOT DISTINCT FROM resolved.publication_id
        AND stored.byline IS NOT DISTINCT FROM resolved.byline AND stored.excerpt IS NOT DISTINCT FROM resolved.excerpt"
    )
}

/// Returns the statement that rejects all but the first of the rows with the same key.
fn reject_duplicates_by(key: &str, condition: &str, column: &str, reason: &str) -> String {
    let rows = format!(
        "SELECT row_position, min(row_position) OVER (PARTITION BY {key}) AS first
         FROM import_match
         WHERE {condition} AND ({key}) IN (SELECT {key} FROM import_match WHERE {condition} GROUP BY {key} HAVING count(*) > 1)"
    );
    reject_duplicates_sql(&rows, column, &format!("{reason} is already"))
}

/// Matches each row to a stored review, and rejects duplicates.
pub async fn resolve(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(connection, "ANALYZE import_review").await?;
    execute(connection, "ANALYZE import_rejected").await?;
    for sql in [
        MATCH_NAMED,
        &match_derived(),
        &match_manual(),
        &match_anonymous(),
        &reject_duplicates_by(
            "source, external_id",
            "source IS NOT NULL",
            "external_id",
            "a review with this id",
        ),
        &reject_duplicates_by(
            "film_id, critic_id, coalesce(publication_id, 0)",
            "source IS NULL AND critic_id IS NOT NULL",
            "critic",
            "a review of this film by this critic for this publication",
        ),
        "DELETE FROM import_match WHERE row_position IN (SELECT row_position FROM import_rejected)",
        "CREATE INDEX ON import_match (row_position)",
        "CREATE INDEX ON import_review (row_position)",
        "ANALYZE import_match",
    ] {
        execute(connection, sql).await?;
    }
    Ok(())
}

/// The statement for the bylines that are the name of another critic than the review's.
const FOREIGN_BYLINES: &str = "
SELECT count(*), (array_agg(staged.byline ORDER BY row_position))[1]
FROM import_match AS matched JOIN import_review AS staged USING (row_position) JOIN critic ON critic.id = matched.critic_id
WHERE staged.byline <> critic.name AND fold_text(staged.byline) <> critic.name_folded
    AND fold_text(staged.byline) IN (SELECT name_folded FROM critic)";

/// Counts the bylines that are the name of another critic than the review's. An import stores them as its source has
/// them, because a critic may have taken a name that was in the byline of another one before.
pub async fn foreign_bylines(
    columns: &TableColumns,
    connection: &mut PgConnection,
) -> Result<ForeignBylines, sqlx::Error> {
    if !columns.review.contains(&"byline") {
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

/// Marks the stored reviews that will change.
pub async fn mark_changed_reviews(
    columns: &TableColumns,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    // A file without columns of reviews changes none.
    if !columns.review.is_empty() {
        execute(connection, &mark_changed(columns)).await?;
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
    columns: &TableColumns,
    progress: &dyn Fn(usize, usize),
    connection: &mut PgConnection,
) -> Result<Changes, sqlx::Error> {
    let (all, matched, first, last): (i64, i64, Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT count(*), count(review_id), min(row_position), max(row_position) FROM import_match",
    )
    .fetch_one(&mut *connection)
    .await?;
    let (all, matched) = (to_count(all), to_count(matched));
    let (Some(mut first), Some(last)) = (first, last) else {
        return Ok(Changes::default());
    };
    execute(connection, OWNERS_ARE_LOCKED).await?;
    let (insert, update) = (insert(), update(columns));
    let mut changes = Changes::default();
    let mut done = 0;
    progress(done, all);
    while first <= last {
        let next = first + LINES_PER_STATEMENT;
        if matched > 0 && !columns.review.is_empty() {
            changes.changed += run_between(connection, &update, first, next).await?;
        }
        changes.new += run_between(connection, &insert, first, next).await?;
        done += count_between(first, next, connection).await?;
        first = next;
        progress(done, all);
    }
    changes.same = matched.saturating_sub(changes.changed);
    Ok(changes)
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
    let result = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .bind(first)
        .bind(next)
        .execute(connection)
        .await?;
    Ok(usize::try_from(result.rows_affected()).unwrap_or(usize::MAX))
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

/// The statement that tells the triggers that the import has locked all publications and tallies. So the inserted reviews
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
