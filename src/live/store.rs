//! The rows of reviews as a change left them.

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::Change;
use crate::review::{Review, ReviewId};

/// The state of a review at a version is the row itself while that is its version, and a revision afterwards. A revision doesn't know
/// when the review was added: the review does, or the first of its revisions. The weight and what the sentiment is computed from are
/// columns of the row that no reader needs.
const STATES: &str = "
SELECT told.id, told.version, film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended,
    implied_sentiment, weight, top_critic, byline, excerpt, url, reviewed_on, source, external_id, created_at, updated_at
FROM unnest($1::bigint[], $2::integer[]) AS told (id, version)
JOIN review ON review.id = told.id AND review.version = told.version
UNION ALL
SELECT told.id, told.version, film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended,
    NULL, 100, top_critic, byline, excerpt, url, reviewed_on, source, external_id,
    coalesce(
        (SELECT created_at FROM review WHERE review.id = told.id),
        (SELECT first.since FROM review_revision AS first WHERE first.review_id = told.id ORDER BY first.version LIMIT 1)
    ),
    since
FROM unnest($1::bigint[], $2::integer[]) AS told (id, version)
JOIN review_revision AS kept ON kept.review_id = told.id AND kept.version = told.version";

/// The reviews of changes, each as its change left it, by one statement. What can't be found any more is left out.
///
/// # Errors
///
/// When the statement fails.
pub async fn states(
    changes: &[Change],
    connection: &impl ConnectionTrait,
) -> Result<HashMap<(ReviewId, i32), Arc<Review>>, DbErr> {
    let ids: Vec<i64> = changes.iter().map(|change| change.review.0).collect();
    let versions: Vec<i32> = changes.iter().map(|change| change.version).collect();
    let statement = Statement::from_sql_and_values(
        connection.get_database_backend(),
        STATES,
        [ids.into(), versions.into()],
    );
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let review = Review::from(review::Model::from_query_result(row, "")?);
            Ok(((review.id, review.version), Arc::new(review)))
        })
        .collect()
}
