//! The schema of the database: applying migrations, reverting them, their status.

pub mod reversal;

use std::collections::HashSet;

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, FromQueryResult};

use super::sql;

/// The key of the advisory lock under which migrations run: "marquee" in ASCII.
const MIGRATION_LOCK_KEY: i64 = 0x006d_6172_7175_6565;

/// The tables of the schema with all migrations, without the list of migrations.
pub const TABLES: [&str; 16] = [
    "api_token",
    "critic",
    "critic_external_id",
    "critic_tally",
    "erasure",
    "film",
    "film_external_id",
    "film_tally",
    "idempotency_key",
    "publication",
    "publication_tally",
    "published_score",
    "review",
    "review_month_count",
    "review_revision",
    "site_rules",
];

/// A migration and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// The migration's name, which begins with its date.
    pub name: String,
    /// Whether the migration is applied.
    pub is_applied: bool,
}

/// Applies all pending migrations in one transaction, under an advisory lock. Returns the names of those that were
/// applied.
///
/// If two servers start at once, the second waits for the lock and finds nothing pending.
///
/// # Errors
///
/// Fails when a statement fails; the transaction is then rolled back.
pub async fn migrate_up(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if pending(connection).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = sql::begin_read_committed(connection).await?;
    prepare(&transaction).await?;
    let applied = pending(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// Reverts the last `steps` migrations, which deletes the data in their tables. Returns their names, newest first.
///
/// # Errors
///
/// Fails when a statement fails; the transaction is then rolled back.
pub async fn migrate_down(
    connection: &DatabaseConnection,
    steps: u32,
) -> Result<Vec<String>, DbErr> {
    let transaction = sql::begin_read_committed(connection).await?;
    prepare(&transaction).await?;
    let reverted = applied(&transaction, steps).await?;
    if !reverted.is_empty() {
        Migrator::down(&transaction, Some(steps)).await?;
    }
    transaction.commit().await?;
    Ok(reverted)
}

/// Returns the names of the last `steps` migrations that are applied, newest first.
async fn applied(connection: &impl ConnectionTrait, steps: u32) -> Result<Vec<String>, DbErr> {
    let mut applied = names(&status(connection).await?, true);
    applied.reverse();
    applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    Ok(applied)
}

/// The settings of a transaction that changes the schema. Literals and names in it must not depend on the session. If
/// another schema of the database has the extension, its operator classes must be found there.
const SETTINGS: &str = "
SET LOCAL standard_conforming_strings = on;
SET LOCAL quote_all_identifiers = off;
SELECT set_config('search_path', concat_ws(', ', current_setting('search_path'), quote_ident(nspname)), true)
FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'pg_trgm' AND nspname <> ALL (current_schemas(true))";

/// Returns the statement that acquires the lock of migrations, until the transaction ends.
pub(super) fn lock_statement() -> String {
    format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK_KEY})")
}

/// Acquires the lock of migrations, and makes the settings for them.
async fn prepare(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    transaction.execute_unprepared(&lock_statement()).await?;
    transaction.execute_unprepared(SETTINGS).await.map(drop)
}

/// Returns every migration, oldest first. Writes nothing, so that a role without the right to create tables can run it.
///
/// # Errors
///
/// Fails when a statement fails, or when the database has a migration that is unknown to this version of Marquee.
pub async fn status(connection: &impl ConnectionTrait) -> Result<Vec<MigrationState>, DbErr> {
    Ok(Migrator::get_migration_with_status_read_only(connection)
        .await?
        .iter()
        .map(|migration| MigrationState {
            name: migration.name().to_owned(),
            is_applied: migration.status() == MigrationStatus::Applied,
        })
        .collect())
}

/// Returns the names of the pending migrations, oldest first.
///
/// # Errors
///
/// Fails as [`status`] does.
pub async fn pending(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    Ok(names(&status(connection).await?, false))
}

/// Returns the names of the migrations that this version knows, oldest first.
#[must_use]
pub fn known() -> Vec<String> {
    let migrations = Migrator::migrations();
    let names = migrations.iter().map(|migration| migration.name());
    names.map(str::to_owned).collect()
}

/// Returns whether no migration is applied, so that the database has none of Marquee's tables.
///
/// # Errors
///
/// Fails as [`status`] does.
pub async fn is_absent(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let migrations = status(connection).await?;
    Ok(migrations.iter().all(|migration| !migration.is_applied))
}

/// Returns the names of the pending migrations, oldest first. Ignores migrations of a later version in the database:
/// during an upgrade, a running server of the old version continues to serve.
///
/// # Errors
///
/// Fails when a statement fails.
pub async fn missing(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        version: String,
    }
    if let Ok(pending) = pending(connection).await {
        return Ok(pending);
    }
    let rows: Vec<Row> = sql::all(connection, "SELECT version FROM seaql_migrations", []).await?;
    let applied: HashSet<_> = rows.into_iter().map(|row| row.version).collect();
    let mut names = known();
    names.retain(|name| !applied.contains(name));
    Ok(names)
}

fn names(migrations: &[MigrationState], applied: bool) -> Vec<String> {
    migrations
        .iter()
        .filter(|migration| migration.is_applied == applied)
        .map(|migration| migration.name.clone())
        .collect()
}
