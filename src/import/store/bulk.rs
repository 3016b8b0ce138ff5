//! The bulk import. It copies the rows into temporary tables while it reads the file, and merges them by a few
//! set-based statements. All of it runs in one transaction.

mod copy;
mod indexes;
mod locks;
mod owners;
mod published;
mod reader;
mod reviews;
mod stager;
mod staging;

use std::{io, sync::Arc};

use futures_util::TryStreamExt as _;
use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

use self::{owners::OWNERS, reader::ReaderHandle, staging::Table};
use super::IMPORT_LOCK_KEY;
use crate::import::{
    Changes,
    report::{ReadStats, Report},
    rows::{FileError, RowError, RowPosition, RowSource, TableColumns},
};

/// The maximum number of rejections that an [`ImportError`] contains.
const MAX_REJECTIONS_IN_ERROR: usize = 20;

/// The settings of the session: more memory, no JIT for statements that run once, and a check that aborts a statement
/// when the client has disconnected.
const SESSION_SETTINGS: &str = "
SET client_connection_check_interval = '500ms';
SET work_mem = '64MB';
SET maintenance_work_mem = '256MB';
SET jit = off;
SET client_min_messages = warning;
";

/// The statement that disables all timeouts, because an import can take long. Not every release of PostgreSQL has all
/// of them.
const DISABLE_TIMEOUTS: &str = "
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name IN (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout'
)";

/// The parameters of a bulk import.
#[derive(Clone, Debug)]
pub struct BulkImport {
    /// The actor that the revisions of changed reviews name.
    pub actor: String,
    /// Whether to roll everything back at the end.
    pub dry_run: bool,
    /// Whether to skip invalid rows. If not, one invalid row fails the import.
    pub skip_bad_rows: bool,
    /// Whether the import may drop the indexes of an empty `review` table and rebuild them at the end, which locks the
    /// table until then. It never does while another client is connected.
    pub may_drop_indexes: bool,
}

/// A listener to the progress of an import.
pub trait ProgressListener: Send + Sync {
    /// Called when the import waits for another import to end.
    fn on_wait(&self);
    /// Called with the number of rows that were read so far.
    fn on_rows_read(&self, rows: u64);
    /// Called when all rows are read and the lookup of stored rows starts.
    fn on_compare(&self);
    /// Called with the number of merged reviews and the number of all reviews.
    fn on_reviews_stored(&self, done: usize, all: usize);
    /// Called when everything is stored and the rebuild of the indexes starts.
    fn on_build_indexes(&self);
}

/// An error of an invalid row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The position of the row.
    pub position: RowPosition,
    /// The error.
    pub error: RowError,
    /// The text of the row.
    pub row: String,
}

/// The reason why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file can't be read any further.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rows are invalid, and the import doesn't skip them.
    #[error("invalid rows: {total}")]
    Rejected {
        /// The first errors of invalid rows.
        first: Vec<Rejection>,
        /// The number of invalid rows; a lower bound if `and_more` is set.
        total: usize,
        /// Whether reading stopped early, so that there may be more.
        and_more: bool,
    },
    /// The list of rejected rows can't be written.
    #[error("can't write the list of rejected rows: {0}")]
    RejectsList(io::Error),
    /// A statement failed.
    #[error("the database returned an error: {0}")]
    Database(#[from] sqlx::Error),
    /// The end of the transaction was sent, but its response was an error or didn't arrive.
    #[error(
        "the database did not confirm that the transaction ended ({0}); import again to check whether the rows are stored"
    )]
    Unconfirmed(sqlx::Error),
    /// The reader thread panicked.
    #[error("the reader thread ended unexpectedly")]
    ReaderThread,
}

/// Stores all rows, and calls `reject` with the errors of invalid rows, in the order of the files.
///
/// # Errors
///
/// Returns an [`ImportError`]. Nothing is stored then, except that [`ImportError::Unconfirmed`] leaves it unknown. If
/// the future is dropped before it completes, nothing is stored either.
pub async fn store(
    rows: impl RowSource + 'static,
    import: &BulkImport,
    progress: Arc<dyn ProgressListener>,
    reject: impl FnMut(Rejection) -> io::Result<()>,
    database: &PgConnectOptions,
) -> Result<Report, ImportError> {
    // A separate connection: dropping it rolls everything back. Its statements are slow by design, so slow ones aren't
    // logged.
    let options = database
        .clone()
        .application_name("marquee import")
        .disable_statement_logging();
    let mut connection = PgConnection::connect_with(&options).await?;
    begin(import, &*progress, &mut connection).await?;
    let read_stats = copy_rows(rows, import, Arc::clone(&progress), &mut connection).await?;
    let indexes = if import.may_drop_indexes {
        indexes::drop_if_idle(&mut connection).await?
    } else {
        Vec::new()
    };
    let report = merge(read_stats, import, &*progress, &mut connection).await?;
    if !indexes.is_empty() {
        progress.on_build_indexes();
        indexes::create(&indexes, &mut connection).await?;
    }
    report_rejected(reject, &mut connection).await?;
    let end = if import.dry_run { "ROLLBACK" } else { "COMMIT" };
    connection
        .execute(end)
        .await
        .map_err(ImportError::Unconfirmed)?;
    // The transaction is over, so an error of the close doesn't matter.
    let _ = connection.close().await;
    Ok(report)
}

async fn begin(
    import: &BulkImport,
    progress: &dyn ProgressListener,
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION_SETTINGS)
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(DISABLE_TIMEOUTS)
        .execute(&mut *connection)
        .await?;
    sqlx::query("SELECT set_config('marquee.actor', $1, false)")
        .bind(&import.actor)
        .execute(&mut *connection)
        .await?;
    connection
        .execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        .await?;
    let is_locked: bool = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
        .bind(IMPORT_LOCK_KEY)
        .fetch_one(&mut *connection)
        .await?;
    if !is_locked {
        progress.on_wait();
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(IMPORT_LOCK_KEY)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql(staging::CREATE).execute(connection).await?;
    Ok(())
}

/// Copies the rows into the staging tables. Another thread reads the files at the same time.
async fn copy_rows(
    rows: impl RowSource + 'static,
    import: &BulkImport,
    progress: Arc<dyn ProgressListener>,
    connection: &mut PgConnection,
) -> Result<ReadStats, ImportError> {
    let ReaderHandle { mut chunks, result } = reader::start(rows, import.skip_bad_rows, progress);
    while let Some((table, bytes)) = chunks.recv().await {
        copy(table, &bytes, connection).await?;
    }
    result.await.map_err(|_| ImportError::ReaderThread)?
}

async fn copy(
    table: Table,
    bytes: &[u8],
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let mut copy = connection.copy_in_raw(table.copy()).await?;
    match copy.send(bytes).await {
        Ok(_) => copy.finish().await.map(drop),
        Err(error) => {
            copy.abort("sending the rows failed").await?;
            Err(error)
        }
    }
}

/// Merges the staged rows. Invalid reviews and published scores are rejected before any of their kind is stored.
async fn merge(
    read_stats: ReadStats,
    import: &BulkImport,
    progress: &dyn ProgressListener,
    connection: &mut PgConnection,
) -> Result<Report, ImportError> {
    let columns = read_stats.file_facts.columns.clone();
    progress.on_compare();
    for owner in &OWNERS {
        owner.resolve(connection).await?;
    }
    published::reject_duplicates(connection).await?;
    reviews::resolve(connection).await?;
    let rejected = check_rejected(import, connection).await?;
    if rejected > 0 {
        for owner in &OWNERS {
            owner.remove_rejected_data(connection).await?;
        }
    }

    reviews::mark_changed_reviews(&columns, connection).await?;
    locks::lock_reviews_and_tallies(connection).await?;
    let changed = update_owners(&columns, connection).await?;
    let published_scores = published::merge(&columns, connection).await?;
    let on_progress = |done, all| progress.on_reviews_stored(done, all);
    let reviews = reviews::merge(&columns, &on_progress, connection).await?;
    let mut counts = [Changes::default(); 3];
    for ((owner, changed), count) in OWNERS.iter().zip(changed).zip(&mut counts) {
        if rejected > 0 {
            owner.delete_unreferenced(connection).await?;
        }
        *count = owner.count(changed, connection).await?;
    }
    let [films, critics, publications] = counts;
    Ok(Report {
        films,
        critics,
        publications,
        published_scores,
        reviews,
        rejected,
        read_stats,
    })
}

async fn update_owners(
    columns: &TableColumns,
    connection: &mut PgConnection,
) -> Result<[usize; 3], sqlx::Error> {
    let mut changed = [0; 3];
    for (changed, owner) in changed.iter_mut().zip(&OWNERS) {
        *changed = owner.update_described(columns, connection).await?;
    }
    Ok(changed)
}

/// Returns the number of rejected rows; an error if there are any and the import doesn't skip them.
async fn check_rejected(
    import: &BulkImport,
    connection: &mut PgConnection,
) -> Result<usize, ImportError> {
    let total: i64 = sqlx::query_scalar("SELECT count(DISTINCT row_position) FROM import_rejected")
        .fetch_one(&mut *connection)
        .await?;
    let total = owners::to_count(total);
    if total == 0 || import.skip_bad_rows {
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
    })
}

async fn report_rejected(
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
SELECT DISTINCT
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
        'score', coalesce(review.score, published.value), 'original_score', review.original_score, 'sentiment', review.sentiment,
        'recommended', review.recommended, 'top_critic', nullif(review.top_critic, false), 'byline', review.byline,
        'excerpt', review.excerpt, 'url', review.url, 'reviewed_on', review.reviewed_on,
        'source', coalesce(review.source, published.source), 'external_id', review.external_id,
        'measure', published.kind, 'label', published.label
    ))::text) AS row_text
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
    sqlx::query_as::<_, (i64, String, String, String)>(REJECTIONS)
        .fetch(connection)
        .map_ok(|(key, column, reason, row)| Rejection {
            position: RowPosition::from_key(key),
            error: RowError { column, reason },
            row,
        })
}
