//! The command `migrate`: applies, reverts and lists migrations of the schema.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    thread,
};

use futures_channel::oneshot;
use sea_orm::DatabaseConnection;

use super::{CommandResult, location::Creation, with_open_database};
use crate::{
    config::{MigrateCommand, database::DatabaseArgs},
    database::schema::{
        self,
        reversal::{self, Reversal},
    },
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
        MigrateCommand::Down { steps, yes } => down(*steps, *yes, connection).await,
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

/// Prints what the reversal of migrations deletes, asks, and reverts them.
async fn down(steps: u32, yes: bool, connection: &DatabaseConnection) -> CommandResult {
    let reversal = reversal::preview(connection, steps).await?;
    if !reversal.migrations.is_empty() {
        write!(io::stderr(), "{}", describe(&reversal))?;
        if !yes {
            if !io::stdin().is_terminal() {
                return Err("nothing was reverted: add --yes to revert without being asked; `marquee backup` saves the data first".into());
            }
            if !confirm("Revert? [y/N] ").await? {
                return Err("nothing was reverted".into());
            }
        }
    }
    let names = schema::migrate_down(connection, steps).await?;
    report("reverted", "no applied migrations", &names)?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the lines that say what a reversal deletes.
fn describe(reversal: &Reversal) -> String {
    let migrations = reversal.migrations.join("\n  ");
    let losses: Vec<String> = reversal.losses.iter().map(ToString::to_string).collect();
    let deleted = if losses.is_empty() {
        "no table, column or row is deleted".to_owned()
    } else {
        format!("to be deleted:\n  {}", losses.join("\n  "))
    };
    format!("to be reverted:\n  {migrations}\n{deleted}\n")
}

/// Asks a question on the terminal. Only "y" and "yes" confirm.
async fn confirm(question: &str) -> io::Result<bool> {
    write!(io::stderr(), "{question}")?;
    let (sender, receiver) = oneshot::channel();
    // A thread of its own, which a signal doesn't have to wait for.
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // If the receiver is gone, a signal has ended the command.
        let _ = sender.send(read);
    });
    let line = receiver
        .await
        .map_err(|_| io::Error::other("the thread that reads the answer panicked"))??;
    let line = line.trim().to_lowercase();
    Ok(["y", "yes"].contains(&line.as_str()))
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
