//! The command `export`: writes the catalogue to a file.

use std::process::ExitCode;

use crate::{
    catalogue::{CsvWriter, JsonWriter},
    config::{ExportCommand, database::DatabaseArgs},
    export::{ExportFilter, store},
};

use super::{CommandResult, output::Target, require_current_schema, with_database};

/// Exports the selected part of the catalogue.
pub async fn export(database: &DatabaseArgs, command: &ExportCommand) -> CommandResult {
    let (ExportCommand::Csv(args) | ExportCommand::Jsonl(args)) = command;
    let filter = ExportFilter {
        films: args.film.clone(),
        since: args.since,
        until: args.until,
    };
    let target = Target::resolve(&args.output)?;
    with_database(database, async |connection| {
        require_current_schema(connection).await?;
        // If a signal cancels this future, dropping `pending` removes the unfinished file.
        let (mut output, pending) = target.create()?;
        if matches!(command, ExportCommand::Csv(_)) {
            let mut writer = CsvWriter::new(&mut output)?;
            store::export(&filter, connection, |record| writer.write(record)).await?;
            writer.finish()?;
        } else {
            let mut writer = JsonWriter::new(&mut output);
            store::export(&filter, connection, |record| writer.write(record)).await?;
            writer.finish()?;
        }
        output.finish()?;
        pending.persist()?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}
