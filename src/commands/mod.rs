//! What each command does, and what it prints.

mod import_page;
mod serve;

use std::{error::Error, process::ExitCode};

use marquee::{
    config::{DatabaseArgs, MigrateCommand},
    database::{Database, Use, schema},
    score::store::recount,
};
use sea_orm::DatabaseConnection;

pub use self::{import_page::import_page, serve::serve};

/// How a command ended: with a status, or with something that went wrong.
type Done = Result<ExitCode, Box<dyn Error>>;

/// Applies, takes back or lists migrations.
pub async fn migrate(args: &DatabaseArgs, command: &MigrateCommand) -> Done {
    with_database(args, async |connection| {
        match command {
            MigrateCommand::Up => {
                report(
                    "applied",
                    "nothing to apply",
                    &schema::migrate_up(connection).await?,
                );
            }
            MigrateCommand::Down { steps } => {
                let names = schema::migrate_down(connection, *steps).await?;
                report("taken back", "nothing to take back", &names);
            }
            MigrateCommand::Status => {
                for step in schema::status(connection).await? {
                    println!(
                        "{} {}",
                        if step.applied { "applied" } else { "pending" },
                        step.name
                    );
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn report(done: &str, nothing: &str, names: &[String]) {
    for name in names {
        println!("{done} {name}");
    }
    if names.is_empty() {
        println!("{nothing}");
    }
}

/// Recounts and reports; failure if a tally differs.
pub async fn check(args: &DatabaseArgs) -> Done {
    with_database(args, async |connection| {
        let differences = recount(connection).await?;
        for difference in &differences {
            let kept = difference.kept.as_deref().unwrap_or("no tally");
            println!(
                "{} {}: kept {kept}, recounted {}",
                difference.kind, difference.slug, difference.recounted
            );
        }
        if differences.is_empty() {
            println!("every tally equals a recount");
            return Ok(ExitCode::SUCCESS);
        }
        println!("tallies that differ from a recount: {}", differences.len());
        Ok(ExitCode::FAILURE)
    })
    .await
}

/// Runs a command over a connection, and lets go of the database however it ends.
async fn with_database(
    args: &DatabaseArgs,
    command: impl AsyncFnOnce(&DatabaseConnection) -> Done,
) -> Done {
    let database = Database::open(args, Use::Command).await?;
    let connection = database.connect();
    let done = command(&connection).await;
    let closed = connection.close().await;
    database.close().await;
    let done = done?;
    closed?;
    Ok(done)
}
