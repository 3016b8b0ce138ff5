//! The match of staged reviews to stored ones.
//!
//! A review of a source is matched by its external id. If the file has none, the id is derived from the film, critic
//! and publication, or without a critic from the film, publication, byline and text. A manual review, which has no
//! source, is matched by the same columns and gets no external id. The order of the file distinguishes duplicates.

use sea_orm::sqlx::{self, PgConnection};

use super::super::{owners::execute, staging::reject_duplicates_sql};
use crate::import::store::{DERIVED_ID_PREFIX_LENGTH, MAX_DERIVED_ID_LENGTH};

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

/// Returns the statement that matches reviews with an external id. Without stored reviews of a source, it joins none: then
/// the matches are in the order of the file, which the statements that read them by position are much faster with.
fn match_named(has_stored: bool) -> String {
    let (stored, join) = if has_stored {
        (
            "stored.id",
            "LEFT JOIN review AS stored ON stored.source = staged.source AND stored.external_id = staged.external_id",
        )
    } else {
        ("NULL::bigint", "")
    };
    format!(
        "
INSERT INTO import_match (row_position, film_id, critic_id, publication_id, source, external_id, review_id)
SELECT
    staged.row_position, film_row.id, critic_row.id, publication_row.id, staged.source, staged.external_id, {stored}
FROM import_review AS staged
JOIN import_film AS film_row ON film_row.ref = staged.film_ref
LEFT JOIN import_critic AS critic_row ON critic_row.ref = staged.critic_ref
LEFT JOIN import_publication AS publication_row ON publication_row.ref = staged.publication_ref
{join}
WHERE staged.external_id IS NOT NULL AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)"
    )
}

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

/// The numbers of reviews of each kind. A kind that the file doesn't have needs no statement, each of which reads all
/// rows.
struct Kinds {
    /// Reviews with an external id.
    named: i64,
    /// Reviews of a source without an external id.
    derived: i64,
    /// Reviews of a critic without a source.
    manual: i64,
    /// Reviews without a source and without a critic.
    anonymous: i64,
}

const KINDS: &str = "
SELECT
    count(external_id) AS named,
    count(*) FILTER (WHERE source IS NOT NULL AND external_id IS NULL) AS derived,
    count(*) FILTER (WHERE source IS NULL AND critic_ref IS NOT NULL) AS manual,
    count(*) FILTER (WHERE source IS NULL AND critic_ref IS NULL) AS anonymous
FROM import_review";

/// The statement for whether there are stored reviews of any source.
const HAS_STORED: &str = "SELECT EXISTS (SELECT FROM review WHERE source IS NOT NULL)";

impl Kinds {
    /// Returns the statements that match each row to a stored review, and then reject duplicates.
    fn statements(&self, has_stored: bool) -> Vec<String> {
        let mut matches = Vec::new();
        let mut rejections = Vec::new();
        if self.named > 0 {
            matches.push(match_named(has_stored));
        }
        if self.derived > 0 {
            matches.push(match_derived());
        }
        if self.named + self.derived > 0 {
            rejections.push(reject_duplicates_by(
                "source, external_id",
                "source IS NOT NULL",
                "external_id",
                "a review with this id",
            ));
        }
        if self.manual > 0 {
            matches.push(match_manual());
            rejections.push(reject_duplicates_by(
                "film_id, critic_id, coalesce(publication_id, 0)",
                "source IS NULL AND critic_id IS NOT NULL",
                "critic",
                "a review of this film by this critic for this publication",
            ));
        }
        if self.anonymous > 0 {
            matches.push(match_anonymous());
        }
        matches.extend(rejections);
        matches
    }
}

/// Matches each row to a stored review, and rejects duplicates.
pub async fn resolve(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(connection, "ANALYZE import_rejected").await?;
    let (named, derived, manual, anonymous): (i64, i64, i64, i64) =
        sqlx::query_as(KINDS).fetch_one(&mut *connection).await?;
    let kinds = Kinds {
        named,
        derived,
        manual,
        anonymous,
    };
    let has_stored: bool = sqlx::query_scalar(HAS_STORED)
        .fetch_one(&mut *connection)
        .await?;
    for sql in kinds.statements(has_stored) {
        execute(connection, &sql).await?;
    }
    for sql in [
        "DELETE FROM import_match WHERE row_position IN (SELECT row_position FROM import_rejected)",
        "CREATE INDEX ON import_match (row_position)",
        "CREATE INDEX ON import_review (row_position)",
        "ANALYZE import_match",
    ] {
        execute(connection, sql).await?;
    }
    Ok(())
}
