//! The command `migrate`: applies, reverts and lists migrations of the schema.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use super::{CommandResult, location::Creation, with_open_database};
use crate::{
    config::{MigrateCommand, database::DatabaseArgs},
    database::schema,
};

/// Applies, reverts or lists migrations.
pub async fn migrate(args: &DatabaseArgs, command: &MigrateCommand) -> CommandResult {
    let creation = match command {
        MigrateCommand::Up => Creation::Always,
        MigrateCommand::Down { .. } | MigrateCommand::Status => Creation::OnRequest,
    };
    with_open_database(args, creation, async |_, connection| match command {
        MigrateCommand::Up => {
            let names = schema::migrate_up(connection).await?;
            report("applied", "no pending migrations", &names)?;
            Ok(ExitCode::SUCCESS)
        }
        MigrateCommand::Down { steps } => {
            let names = schema::migrate_down(connection, *steps).await?;
            report("reverted", "no applied migrations", &names)?;
            Ok(ExitCode::SUCCESS)
        }
        MigrateCommand::Status => {
            for migration in schema::status(connection).await? {
                let state = if migration.is_applied {
                    "applied"
                } else {
                    "pending"
                };
                writeln!(io::stdout(), "{state} {}", migration.name)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    })
    .await
}

fn report(action: &str, none_message: &str, names: &[String]) -> io::Result<()> {
    for name in names {
        writeln!(io::stdout(), "{action} {name}")?;
    }
    if names.is_empty() {
        writeln!(io::stdout(), "{none_message}")?;
    }
    Ok(())
}
