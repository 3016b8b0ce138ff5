//! What each command does, and what it prints. Whoever reads that may end early; so it is written by what can fail, where `println!`
//! would panic and leave the private PostgreSQL behind.

mod import_page;
mod serve;
mod signals;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use marquee::{
    config::{DatabaseArgs, MigrateCommand},
    database::{Database, Use, schema},
    score::store::recount,
};
use sea_orm::DatabaseConnection;

use self::signals::StopSignals;
pub use self::{import_page::import_page, serve::serve};

/// How a command ended: with a status, or with something that went wrong.
type Done = Result<ExitCode, Box<dyn Error>>;

/// Prints the GraphQL schema.
pub fn print_schema() -> Done {
    write!(io::stdout(), "{}", marquee::schema::sdl())?;
    Ok(ExitCode::SUCCESS)
}

/// Applies, takes back or lists migrations.
pub async fn migrate(args: &DatabaseArgs, command: &MigrateCommand) -> Done {
    with_database(args, async |connection| {
        match command {
            MigrateCommand::Up => {
                let names = schema::migrate_up(connection).await?;
                report("applied", "nothing to apply", &names)?;
            }
            MigrateCommand::Down { steps } => {
                let names = schema::migrate_down(connection, *steps).await?;
                report("taken back", "nothing to take back", &names)?;
            }
            MigrateCommand::Status => {
                for step in schema::status(connection).await? {
                    let state = if step.applied { "applied" } else { "pending" };
                    writeln!(io::stdout(), "{state} {}", step.name)?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn report(done: &str, nothing: &str, names: &[String]) -> io::Result<()> {
    for name in names {
        writeln!(io::stdout(), "{done} {name}")?;
    }
    if names.is_empty() {
        writeln!(io::stdout(), "{nothing}")?;
    }
    Ok(())
}

/// Recounts and reports; failure if a tally differs.
pub async fn check(args: &DatabaseArgs) -> Done {
    with_database(args, async |connection| {
        if !schema::pending(connection).await?.is_empty() {
            return Err(
                "the database lacks changes of the schema: run `marquee migrate up` first".into(),
            );
        }
        let differences = recount(connection).await?;
        for difference in &differences {
            let kept = difference.kept.as_deref().unwrap_or("no tally");
            writeln!(
                io::stdout(),
                "{} {}: kept {kept}, recounted {}",
                difference.kind,
                difference.slug,
                difference.recounted
            )?;
        }
        if differences.is_empty() {
            writeln!(io::stdout(), "every tally equals a recount")?;
            return Ok(ExitCode::SUCCESS);
        }
        let count = differences.len();
        writeln!(io::stdout(), "tallies that differ from a recount: {count}")?;
        Ok(ExitCode::FAILURE)
    })
    .await
}

/// Runs a command over a connection, and lets go of the database however it ends.
async fn with_database(
    args: &DatabaseArgs,
    command: impl AsyncFnOnce(&DatabaseConnection) -> Done,
) -> Done {
    let mut signals = StopSignals::listen()?;
    let database = Database::open(args, Use::Command).await?;
    let connection = database.connect();
    let done = tokio::select! {
        biased;
        () = signals.next() => Err("stopped by a signal; what was under way is taken back".into()),
        done = command(&connection) => done,
    };
    let closed = connection.close().await;
    database.close().await;
    let done = done?;
    closed?;
    Ok(done)
}
