//! The command `restore`: restores a backup.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::{CommandResult, location::Creation, with_open_database};
use crate::{
    config::{RestoreArgs, database::DatabaseArgs},
    database::{
        Database,
        backup::{self, Archive, BackupError, Target},
        channels::Channels,
        error_message::describe,
        schema, sql,
    },
    subscriptions::listener,
};

/// Restores a backup into an empty database, or with `--replace` into another one. The backup is read first, so that an
/// unusable one changes and creates nothing.
pub async fn restore(database: &DatabaseArgs, args: &RestoreArgs) -> CommandResult {
    let archive = Archive::read(&args.file).await?;
    with_open_database(database, Creation::Bare, async |database, connection| {
        let target = Target::read(connection).await?;
        target.check(&archive)?;
        if !args.replace && !target.tables().is_empty() {
            let contents = counts(&target.tables(), connection).await?;
            return Err(BackupError::NotEmpty(contents).into());
        }
        backup::restore(&archive, &target, &database.client_environment()).await?;
        finish(&archive, database, connection).await
    })
    .await
}

/// Completes a restore that is committed: the statistics of the planner, which a backup doesn't have, and the caches of
/// running servers.
async fn finish(
    archive: &Archive,
    database: &Database,
    connection: &DatabaseConnection,
) -> CommandResult {
    let is_restored = |table: &&str| archive.tables.contains(*table);
    let tables: Vec<&str> = schema::TABLES.into_iter().filter(is_restored).collect();
    let analyzed = connection
        .execute_unprepared(&format!("ANALYZE {}", tables.join(", ")))
        .await;
    if let Err(error) = analyzed {
        report(&format!(
            "the backup is restored, but not analyzed: {}",
            describe(&error)
        ));
    }
    writeln!(
        io::stdout(),
        "restored {}",
        counts(&tables, connection).await?
    )?;
    let pending = schema::pending(connection).await?;
    if !pending.is_empty() {
        writeln!(
            io::stdout(),
            "the backup is of an older version: run `marquee migrate up` ({})",
            pending.join(", ")
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Err(error) = invalidate_caches(database, connection).await {
        report(&format!(
            "the backup is restored; running servers find that out within two seconds ({})",
            describe(&*error)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes running servers discard what they have cached and read the rules of the site again, and waits until they have.
async fn invalidate_caches(
    database: &Database,
    connection: &DatabaseConnection,
) -> Result<(), Box<dyn Error>> {
    let channels = Channels::read(connection).await?;
    sql::execute(
        connection,
        "SELECT pg_notify($1, '*'), pg_notify($1, 's1 *'), pg_notify($2, '{\"everything\":{}}')",
        [channels.invalidation.into(), channels.changes.into()],
    )
    .await?;
    listener::wait_for_servers(database.options()).await?;
    Ok(())
}

/// Returns the numbers of the films, critics, publications, reviews and tokens, of the tables that there are.
async fn counts(tables: &[&str], connection: &DatabaseConnection) -> Result<String, BackupError> {
    let mut counts = Vec::new();
    for (table, name) in [
        ("film", "films"),
        ("critic", "critics"),
        ("publication", "publications"),
        ("review", "reviews"),
        ("api_token", "tokens"),
    ] {
        if tables.contains(&table) {
            let count = schema::reversal::count("*", table, connection).await?;
            counts.push(format!("{name}: {count}"));
        }
    }
    Ok(counts.join(", "))
}

/// Prints a line to standard error.
fn report(line: &str) {
    // A failure to write to standard error is ignored.
    let _ = writeln!(io::stderr(), "{line}");
}
