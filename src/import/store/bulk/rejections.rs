//! The rows that the database rejects.

use std::io;

use futures_util::TryStreamExt as _;
use sea_orm::sqlx::{self, PgConnection};

use super::{
    MAX_REJECTIONS_IN_ERROR,
    error::{ImportError, Rejection},
    owners,
};
use crate::{
    import::{
        report::ReadStats,
        rows::{RowError, RowPosition},
    },
    user_error::Candidate,
};

/// Returns the number of rejected rows; an error if there are any and the import doesn't skip them.
pub(super) async fn check_rejected(
    skip_bad_rows: bool,
    stats: &ReadStats,
    connection: &mut PgConnection,
) -> Result<usize, ImportError> {
    let total: i64 = sqlx::query_scalar("SELECT count(DISTINCT row_position) FROM import_rejected")
        .fetch_one(&mut *connection)
        .await?;
    let total = owners::to_count(total);
    if total == 0 || skip_bad_rows {
        return Ok(total);
    }
    let mut first = Vec::new();
    let mut rejections = rejections(connection);
    while let Some(rejection) = rejections.try_next().await? {
        first.push(rejection);
        if first.len() == MAX_REJECTIONS_IN_ERROR {
            break;
        }
    }
    Err(ImportError::Rejected {
        first,
        total,
        and_more: false,
        stats: Box::new(stats.clone()),
    })
}

pub(super) async fn report_rejected(
    mut reject: impl FnMut(Rejection) -> io::Result<()>,
    connection: &mut PgConnection,
) -> Result<(), ImportError> {
    let mut rejections = rejections(connection);
    while let Some(rejection) = rejections.try_next().await? {
        reject(rejection).map_err(ImportError::RejectsList)?;
    }
    Ok(())
}

/// The statement for all rejections, in the order of the files. For a row that a statement of the merge rejected, it
/// builds the text from the staged values: a JSON object with the columns of the catalogue format.
const REJECTIONS: &str = "
SELECT DISTINCT ON (rejected.row_position, rejected.column_name, rejected.reason)
    rejected.row_position, rejected.column_name, rejected.reason,
    coalesce(rejected.row_text, jsonb_strip_nulls(jsonb_build_object(
        'kind', CASE
            WHEN review.row_position IS NOT NULL THEN NULL
            WHEN published.row_position IS NOT NULL THEN 'published_score'
            WHEN new_film.row_position IS NOT NULL THEN 'film'
            WHEN new_critic.row_position IS NOT NULL THEN 'critic'
            WHEN new_publication.row_position IS NOT NULL THEN 'publication'
        END,
        'film_slug', coalesce(film.slug, new_film.slug), 'film', coalesce(film.name, new_film.name),
        'film_year', coalesce(film.year, new_film.year), 'film_id', coalesce(film.external_id, new_film.external_id),
        'critic_slug', coalesce(critic.slug, new_critic.slug), 'critic', coalesce(critic.name, new_critic.name),
        'publication_slug', coalesce(publication.slug, new_publication.slug),
        'publication', coalesce(publication.name, new_publication.name),
        'score', coalesce(review.score, published.value), 'original_score', coalesce(review.original_score, published.original_value),
        'sentiment', review.sentiment,
        'recommended', review.recommended, 'top_critic', nullif(review.top_critic, false), 'byline', review.byline,
        'excerpt', review.excerpt, 'url', review.url, 'reviewed_on', review.reviewed_on,
        'source', coalesce(review.source, published.source), 'external_id', review.external_id,
        'measure', published.kind, 'audience', nullif(published.audience, 'critics'), 'scale', published.scale,
        'label', published.label
    ))::text) AS row_text,
    rejected.candidate_ids, rejected.candidate_slugs, rejected.candidate_names
FROM import_rejected AS rejected
LEFT JOIN import_review AS review USING (row_position)
LEFT JOIN import_published_score AS published USING (row_position)
LEFT JOIN import_film AS film ON film.ref = coalesce(review.film_ref, published.film_ref)
LEFT JOIN import_critic AS critic ON critic.ref = review.critic_ref
LEFT JOIN import_publication AS publication ON publication.ref = review.publication_ref
LEFT JOIN import_film AS new_film ON new_film.row_position = rejected.row_position AND new_film.declared
LEFT JOIN import_critic AS new_critic ON new_critic.row_position = rejected.row_position AND new_critic.declared
LEFT JOIN import_publication AS new_publication ON new_publication.row_position = rejected.row_position AND new_publication.declared
ORDER BY 1, 2, 3";

fn rejections(
    connection: &mut PgConnection,
) -> impl futures_util::Stream<Item = Result<Rejection, sqlx::Error>> + Unpin {
    sqlx::query_as::<_, RejectionRow>(REJECTIONS)
        .fetch(connection)
        .map_ok(|(key, column, reason, row, ids, slugs, names)| Rejection {
            position: RowPosition::from_key(key),
            candidates: candidates(&column, ids, slugs, names),
            error: RowError { column, reason },
            row,
        })
}

/// A row of [`REJECTIONS`].
type RejectionRow = (
    i64,
    String,
    String,
    String,
    Vec<i64>,
    Vec<String>,
    Vec<String>,
);

/// Returns the candidates of a name in a column.
fn candidates(
    column: &str,
    ids: Vec<i64>,
    slugs: Vec<String>,
    names: Vec<String>,
) -> Vec<Candidate> {
    let kind = owners::kind_of(column);
    let rows = ids.into_iter().zip(slugs).zip(names);
    rows.map(|((id, slug), name)| Candidate::of_row(kind, id, slug, name))
        .collect()
}
