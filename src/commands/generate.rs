//! The command `generate`: creates a synthetic catalogue.

use std::{io, path::Path, process::ExitCode, thread};

use futures_channel::oneshot;

use super::{
    CommandResult,
    import::{RejectsTarget, store_rows},
    output::{Output, Target},
    signals::{STOPPED, StopSignals},
};
use crate::{
    catalogue::JsonWriter,
    config::{GenerateArgs, database::DatabaseArgs},
    generate::{Catalogue, Size},
    import::{generated::GeneratedRows, store::bulk::BulkImport},
};

/// Generates a catalogue, and writes it to a file or stores it in the database.
pub async fn generate(database: &DatabaseArgs, args: &GenerateArgs) -> CommandResult {
    let size = Size {
        films: args.films,
        critics: args.critics,
        publications: args.publications,
        reviews: args.reviews,
    };
    let catalogue = Catalogue::new(size.check()?, args.seed);
    match &args.jsonl {
        Some(path) => write(catalogue, path).await,
        None => store(database, catalogue, args.seed).await,
    }
}

/// Writes in a thread while this task waits for signals. After a signal the thread is not joined, because it may be
/// blocked on a pipe without a reader.
async fn write(catalogue: Catalogue, path: &Path) -> CommandResult {
    let target = Target::resolve(path)?;
    let mut signals = StopSignals::listen()?;
    let (output, pending) = target.create()?;
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // If the receiver is gone, a signal has ended the command and the unfinished file is removed.
        let _ = sender.send(write_records(&catalogue, output));
    });
    tokio::select! {
        biased;
        () = signals.next() => return Err(STOPPED.into()),
        result = receiver => result.map_err(|_| "the writing thread panicked")??,
    }
    pending.persist()?;
    Ok(ExitCode::SUCCESS)
}

fn write_records(catalogue: &Catalogue, mut output: Output) -> io::Result<()> {
    let mut writer = JsonWriter::new(&mut output);
    for record in catalogue.records() {
        writer.write(&record)?;
    }
    writer.finish()?;
    output.finish()
}

/// Stores the catalogue by a bulk import.
async fn store(database: &DatabaseArgs, catalogue: Catalogue, seed: u64) -> CommandResult {
    let import = BulkImport {
        actor: format!("generate --seed {seed}"),
        dry_run: false,
        skip_bad_rows: false,
        may_drop_indexes: true,
    };
    let rows = GeneratedRows::new(catalogue);
    // A generated catalogue has no bad rows.
    let rejects = RejectsTarget::none();
    store_rows(database, rows, &import, Vec::new(), rejects).await
}
