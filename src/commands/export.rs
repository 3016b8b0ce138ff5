//! Giving the catalogue out.

use std::process::ExitCode;

use marquee::{
    catalogue::{CsvWriter, JsonWriter},
    config::{DatabaseArgs, ExportCommand},
    export::{ExportFilter, store},
};

use super::{Done, output::Target, refuse_pending, with_database};

/// Writes what the command asks for.
pub async fn export(database: &DatabaseArgs, command: &ExportCommand) -> Done {
    let (ExportCommand::Csv(args) | ExportCommand::Jsonl(args)) = command;
    let filter = ExportFilter {
        films: args.film.clone(),
        since: args.since,
        until: args.until,
    };
    let target = Target::find(&args.output)?;
    with_database(database, async |connection| {
        refuse_pending(connection).await?;
        // When a signal ends this, the place is dropped, and with it what is unfinished.
        let (mut output, place) = target.begin()?;
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
        place.settle()?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}
