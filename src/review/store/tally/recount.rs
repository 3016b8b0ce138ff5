//! Recounts all reviews, to detect tallies that are wrong.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::months;

/// The columns of the counts that all tallies have, which are also the keys of the recount's JSON.
const COUNT_COLUMNS: [&str; 16] = [
    "review_count",
    "scored_count",
    "score_counts",
    "unscored_positive",
    "unscored_mixed",
    "unscored_negative",
    "unrated",
    "unscored_positive_weight",
    "unscored_mixed_weight",
    "unscored_negative_weight",
    "weighted_sum",
    "weight",
    "recommended",
    "not_recommended",
    "first_reviewed_on",
    "last_reviewed_on",
];

/// The column that only the tallies of films have.
const REPEATED: &str = "repeated";

/// Returns the columns of the counts of an owner's tally.
pub fn count_columns(owner: &str) -> Vec<&'static str> {
    let of_films = (owner == "film").then_some(REPEATED);
    COUNT_COLUMNS.into_iter().chain(of_films).collect()
}

/// Counts of an owner or a month that differ from a recount.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TallyDifference {
    /// "film", "critic", "publication" or "month".
    pub kind: String,
    /// The slug of the owner. The first day of a month, or "-infinity" for the reviews without a date.
    pub slug: String,
    /// The stored counts as JSON; `None` if there is no row.
    pub stored: Option<String>,
    /// The recounted counts as JSON.
    pub recounted: String,
}

/// Recounts the reviews of every film, critic, publication and month, and returns the counts that differ.
///
/// The recount doesn't depend on the triggers that maintain the tallies: it counts the rows of `review`, and reads the
/// weights from `publication`. One statement compares all kinds, so that they are of one snapshot.
///
/// # Errors
///
/// When the statement fails.
pub async fn recount(connection: &impl ConnectionTrait) -> Result<Vec<TallyDifference>, DbErr> {
    let sql = ["film", "critic", "publication"]
        .map(differences_sql)
        .into_iter()
        .chain([months::differences_sql()])
        .collect::<Vec<_>>()
        .join("\nUNION ALL\n");
    TallyDifference::find_by_statement(Statement::from_string(
        connection.get_database_backend(),
        sql,
    ))
    .all(connection)
    .await
}

/// Returns the stored counts of an owner's tally, and the recounted ones that only some tallies have, as arguments of
/// `jsonb_build_object`.
fn counts_of(owner: &str) -> (String, &'static str) {
    let columns = count_columns(owner);
    let stored: Vec<String> = columns
        .iter()
        .map(|count| format!("'{count}', tally.{count}"))
        .collect();
    let repeated = if columns.contains(&REPEATED) {
        ", 'repeated', count(critic_id) - count(DISTINCT critic_id)"
    } else {
        ""
    };
    (stored.join(", "), repeated)
}

fn differences_sql(owner: &str) -> String {
    let (stored_counts, repeated) = counts_of(owner);
    format!(
        r"
SELECT '{owner}' AS kind, owner.slug::text AS slug, stored.counts::text AS stored, recounted.counts::text AS recounted
FROM {owner} AS owner
LEFT JOIN LATERAL (
    SELECT jsonb_build_object(
        {stored_counts}
    ) AS counts
    FROM {owner}_tally AS tally WHERE tally.{owner}_id = owner.id
) AS stored ON true
CROSS JOIN LATERAL (
    SELECT jsonb_build_object(
        'review_count', count(*),
        'scored_count', count(score),
        'score_counts', (
            SELECT array_agg(coalesce(by_score.reviews, 0) ORDER BY scale.score)
            FROM generate_series(0, 100) AS scale (score)
            LEFT JOIN (
                SELECT score, count(*) AS reviews FROM review WHERE {owner}_id = owner.id GROUP BY score
            ) AS by_score USING (score)
        ),
        'unscored_positive', count(*) FILTER (WHERE counts_as = 'positive'),
        'unscored_mixed', count(*) FILTER (WHERE counts_as = 'mixed'),
        'unscored_negative', count(*) FILTER (WHERE counts_as = 'negative'),
        'unrated', count(*) FILTER (WHERE score IS NULL AND counts_as IS NULL),
        'unscored_positive_weight', coalesce(sum(publication_weight) FILTER (WHERE counts_as = 'positive'), 0),
        'unscored_mixed_weight', coalesce(sum(publication_weight) FILTER (WHERE counts_as = 'mixed'), 0),
        'unscored_negative_weight', coalesce(sum(publication_weight) FILTER (WHERE counts_as = 'negative'), 0),
        'weighted_sum', coalesce(sum(score * publication_weight), 0),
        'weight', coalesce(sum(publication_weight) FILTER (WHERE score IS NOT NULL), 0),
        'recommended', count(*) FILTER (WHERE recommended),
        'not_recommended', count(*) FILTER (WHERE NOT recommended),
        'first_reviewed_on', min(reviewed_on),
        'last_reviewed_on', max(reviewed_on){repeated}
    ) AS counts
    FROM (
        SELECT
            review.critic_id,
            review.score,
            review.recommended,
            review.reviewed_on,
            coalesce(publication.weight, 100) AS publication_weight,
            CASE WHEN review.score IS NULL THEN
                coalesce(review.sentiment, CASE review.recommended WHEN true THEN 'positive' WHEN false THEN 'negative' END)
            END AS counts_as
        FROM review LEFT JOIN publication ON publication.id = review.publication_id
        WHERE review.{owner}_id = owner.id
    ) AS counted
) AS recounted
WHERE stored.counts IS DISTINCT FROM recounted.counts"
    )
}
