//! The bulk import. It copies the rows into temporary tables while it reads the file, and merges them by a few
//! set-based statements. All of it runs in one transaction.

mod copy;
pub mod error;
mod file_columns;
mod indexes;
mod locks;
mod owners;
mod published;
mod reader;
mod rejections;
mod repeated;
mod reviews;
mod stager;
mod staging;

use std::{io, sync::Arc};

use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    postgres::PgConnectOptions,
};

use self::{
    error::{ImportError, Rejection},
    file_columns::FileColumns,
    owners::OWNERS,
    reader::ReaderHandle,
    rejections::{check_rejected, report_rejected},
    staging::Table,
};
use super::IMPORT_LOCK_KEY;
use crate::database::error_message::describe;
use crate::import::{
    Changes,
    report::{ReadStats, Report},
    rows::RowSource,
};

/// The maximum number of rejections that an [`ImportError`] contains.
pub const MAX_REJECTIONS_IN_ERROR: usize = 20;

/// The settings of the session: more memory, no JIT for statements that run once, and a check that aborts a statement
/// when the client has disconnected. Triggers read the inserted reviews of a statement a dozen times: from memory, if
/// they fit into `work_mem`.
const SESSION_SETTINGS: &str = "
SET default_transaction_isolation = 'read committed';
SET client_connection_check_interval = '500ms';
SET work_mem = '128MB';
SET hash_mem_multiplier = 1;
SET maintenance_work_mem = '256MB';
SET jit = off;
SET client_min_messages = warning;
";

/// The statement for statistics of the staging tables, until the end of the transaction. The plans of the merge only
/// need the numbers of rows and of distinct values, for which a small sample is enough.
const SAMPLE_FEW_ROWS: &str = "SET LOCAL default_statistics_target = 10";

/// The statement that disables JIT for the rest of a transaction, since the statements of an import run once.
const DISABLE_JIT: &str = "SET LOCAL jit = off";

/// The statement that disables all timeouts, because an import can take long. Not every release of PostgreSQL has all
/// of them.
const DISABLE_TIMEOUTS: &str = "
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name IN (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout'
)";

/// Updates the planner's statistics of the tables that an import changes.
const ANALYZE: &str =
    "ANALYZE film, critic, publication, review, film_tally, critic_tally, publication_tally";

/// Sums the numbers of reviews of each month, of which each step of an import adds rows. Counts read all of them.
const SUM_MONTHS: &str =
    "SELECT review_month_count_sum(ARRAY(SELECT DISTINCT month FROM review_month_count))";

/// The number of changed reviews from which the planner's statistics and the sums of months are updated.
const MIN_ANALYZED: usize = 10_000;

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
    let skip_bad_rows = import.skip_bad_rows;
    let read_stats = copy_rows(rows, skip_bad_rows, Arc::clone(&progress), &mut connection).await?;
    let indexes = if import.may_drop_indexes {
        indexes::drop_if_idle(&mut connection).await?
    } else {
        Vec::new()
    };
    let report = merge(read_stats, skip_bad_rows, &*progress, &mut connection).await?;
    if !indexes.is_empty() {
        progress.on_build_indexes();
        indexes::create(&indexes, &mut connection).await?;
    }
    sum_months(&report, &mut connection).await?;
    report_rejected(reject, &mut connection).await?;
    let end = if import.dry_run { "ROLLBACK" } else { "COMMIT" };
    connection
        .execute(end)
        .await
        .map_err(ImportError::Unconfirmed)?;
    if is_large(&report) && !import.dry_run {
        analyze(&mut connection).await;
    }
    // The transaction is over, so an error of the close doesn't matter.
    let _ = connection.close().await;
    Ok(report)
}

/// Stores all rows in a transaction of the caller, which must have no savepoints. It waits for another import as long as
/// the `lock_timeout` of the transaction allows.
///
/// # Errors
///
/// Returns an [`ImportError`]. The caller must roll the transaction back then.
pub async fn store_in_transaction(
    rows: impl RowSource + 'static,
    connection: &mut PgConnection,
) -> Result<Report, ImportError> {
    lock_imports(connection).await?;
    connection.execute(DISABLE_JIT).await?;
    create_staging_tables(connection).await?;
    let read_stats = copy_rows(rows, false, Arc::new(NoListener), connection).await?;
    let report = merge(read_stats, false, &NoListener, connection).await?;
    sum_months(&report, connection).await?;
    Ok(report)
}

/// A listener that ignores the progress.
struct NoListener;

impl ProgressListener for NoListener {
    fn on_wait(&self) {}
    fn on_rows_read(&self, _: u64) {}
    fn on_compare(&self) {}
    fn on_reviews_stored(&self, _: usize, _: usize) {}
    fn on_build_indexes(&self) {}
}

/// Returns whether an import changed so many reviews that the planner's statistics and the sums of months are updated.
fn is_large(report: &Report) -> bool {
    report.reviews.new + report.reviews.changed >= MIN_ANALYZED
}

async fn sum_months(report: &Report, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if is_large(report) {
        connection.execute(SUM_MONTHS).await?;
    }
    Ok(())
}

/// Updates the planner's statistics. Until then it may read a whole table where an index is faster, and autovacuum takes
/// up to a minute.
async fn analyze(connection: &mut PgConnection) {
    if let Err(error) = connection.execute(ANALYZE).await {
        tracing::warn!(error.cause = %describe(&error), "the import is complete, but the statistics of its tables are not updated; autovacuum will do it");
    }
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
        lock_imports(&mut *connection).await?;
    }
    create_staging_tables(connection).await
}

/// Waits until no other import runs, and prevents others until the end of the transaction.
async fn lock_imports(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(IMPORT_LOCK_KEY)
        .execute(connection)
        .await
        .map(drop)
}

async fn create_staging_tables(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    connection.execute(SAMPLE_FEW_ROWS).await?;
    sqlx::raw_sql(staging::CREATE).execute(connection).await?;
    Ok(())
}

/// Copies the rows into the staging tables. Another thread reads the files at the same time.
async fn copy_rows(
    rows: impl RowSource + 'static,
    skip_bad_rows: bool,
    progress: Arc<dyn ProgressListener>,
    connection: &mut PgConnection,
) -> Result<ReadStats, ImportError> {
    let ReaderHandle { mut chunks, result } = reader::start(rows, skip_bad_rows, progress);
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
    skip_bad_rows: bool,
    progress: &dyn ProgressListener,
    connection: &mut PgConnection,
) -> Result<Report, ImportError> {
    let columns = FileColumns::new(&read_stats.file_facts.columns);
    progress.on_compare();
    let rejected = resolve(&read_stats, skip_bad_rows, connection).await?;
    let foreign_bylines = reviews::foreign_bylines(&columns, connection).await?;
    reviews::keep_read_scores(&read_stats, connection).await?;
    reviews::mark_changed_reviews(&columns, connection).await?;
    locks::lock_reviews_and_tallies(connection).await?;
    repeated::begin(connection).await?;
    let changed = update_owners(&columns, connection).await?;
    let published_scores = published::merge(&columns, connection).await?;
    let on_progress = |done, all| progress.on_reviews_stored(done, all);
    let reviews = reviews::merge(&columns, &on_progress, connection).await?;
    repeated::recount(connection).await?;
    let mut counts = [Changes::default(); 3];
    for ((owner, changed), count) in OWNERS.iter().zip(changed).zip(&mut counts) {
        if rejected > 0 {
            owner.delete_unreferenced(connection).await?;
        }
        *count = owner.count(changed, connection).await?;
    }
    let [films, critics, publications] = counts;
    let (mut folded_names, mut folded_name_count, mut similar_names) = (Vec::new(), 0, Vec::new());
    for owner in &OWNERS {
        let (names, count) = owner.folded_names(connection).await?;
        folded_names.extend(names);
        folded_name_count += count;
        similar_names.extend(owner.similar_names(connection).await?);
    }
    Ok(Report {
        films,
        critics,
        publications,
        published_scores,
        reviews,
        rejected,
        folded_names,
        folded_name_count,
        similar_names,
        several_reviews: repeated::several_reviews(connection).await?,
        foreign_bylines,
        read_stats,
    })
}

/// Resolves the references of the staged rows. Returns the number of rejected rows, whose data is removed.
async fn resolve(
    read_stats: &ReadStats,
    skip_bad_rows: bool,
    connection: &mut PgConnection,
) -> Result<usize, ImportError> {
    sqlx::raw_sql(staging::ANALYZE)
        .execute(&mut *connection)
        .await?;
    for owner in &OWNERS {
        owner.resolve(connection).await?;
    }
    published::reject_duplicates(connection).await?;
    reviews::resolve(connection).await?;
    let rejected = check_rejected(skip_bad_rows, read_stats, connection).await?;
    if rejected > 0 {
        for owner in &OWNERS {
            owner.remove_rejected_data(connection).await?;
        }
    }
    Ok(rejected)
}

async fn update_owners(
    columns: &FileColumns<'_>,
    connection: &mut PgConnection,
) -> Result<[usize; 3], sqlx::Error> {
    let mut changed = [0; 3];
    for (changed, owner) in changed.iter_mut().zip(&OWNERS) {
        *changed = owner.update_described(columns, connection).await?;
    }
    Ok(changed)
}
