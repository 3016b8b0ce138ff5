//! The schema of the database: applying it, taking it back, telling how far it is.

use std::collections::HashSet;

use migration::{MigrationStatus, Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult, TransactionTrait};

use super::sql;

/// The key of the advisory lock under which migrations run: "marquee" in ASCII.
const LOCK: i64 = 0x006d_6172_7175_6565;

/// A migration and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The migration's name, which begins with its date.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Applies what is pending: all of it or nothing. Two servers that start at once take turns, and the second finds nothing to do.
/// Returns the names of what was applied.
///
/// # Errors
///
/// When a statement fails; the database is then as it was before.
pub async fn migrate_up(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if pending(connection).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = connection.begin().await?;
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    let applied = pending(&transaction).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// Takes the last `steps` migrations back, with what is in their tables. Returns the names of what was taken back, newest first.
///
/// # Errors
///
/// When a statement fails; the database is then as it was before.
pub async fn migrate_down(
    connection: &DatabaseConnection,
    steps: u32,
) -> Result<Vec<String>, DbErr> {
    let transaction = connection.begin().await?;
    transaction
        .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})"))
        .await?;
    let mut applied = names(&status(&transaction).await?, true);
    applied.reverse();
    applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
    if !applied.is_empty() {
        Migrator::down(&transaction, Some(steps)).await?;
    }
    transaction.commit().await?;
    Ok(applied)
}

/// Every migration, oldest first. Changes nothing, so that a role without rights to create tables may ask.
///
/// # Errors
///
/// When a statement fails, or the database has a migration that this version of Marquee doesn't know.
pub async fn status(connection: &impl ConnectionTrait) -> Result<Vec<Step>, DbErr> {
    Ok(Migrator::get_migration_with_status_read_only(connection)
        .await?
        .iter()
        .map(|migration| Step {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        })
        .collect())
}

/// The names of the migrations that the database lacks, oldest first.
///
/// # Errors
///
/// As [`status`].
pub async fn pending(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    Ok(names(&status(connection).await?, false))
}

/// The names of the migrations that the database lacks, oldest first. That it has others, of a later version, doesn't matter to who serves
/// already: this one goes on until it is exchanged.
///
/// # Errors
///
/// When a statement fails.
pub async fn lacking(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        version: String,
    }
    if let Ok(pending) = pending(connection).await {
        return Ok(pending);
    }
    let rows: Vec<Row> = sql::all(connection, "SELECT version FROM seaql_migrations", []).await?;
    let applied: HashSet<_> = rows.into_iter().map(|row| row.version).collect();
    let all = Migrator::migrations();
    let lacking = all.iter().map(|migration| migration.name());
    Ok(lacking
        .filter(|name| !applied.contains(*name))
        .map(str::to_owned)
        .collect())
}

fn names(steps: &[Step], applied: bool) -> Vec<String> {
    steps
        .iter()
        .filter(|step| step.applied == applied)
        .map(|step| step.name.clone())
        .collect()
}
