//! Making a catalogue up.

use std::{io, path::Path, process::ExitCode, thread};

use futures_channel::oneshot;
use marquee::{
    catalogue::JsonWriter,
    config::{DatabaseArgs, GenerateArgs},
    generate::{Catalogue, Size},
    import::{generated::Generated, store::bulk::BulkImport},
};

use super::{
    Done,
    import::{RejectsTarget, store_rows},
    output::{Output, Target},
    signals::{STOPPED, StopSignals},
};

/// Writes or stores what the command asks for.
pub async fn generate(database: &DatabaseArgs, args: &GenerateArgs) -> Done {
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

/// Writes in a thread while signals are listened to. The thread isn't waited for when one comes: it may be stuck in a pipe that nobody
/// reads.
async fn write(catalogue: Catalogue, path: &Path) -> Done {
    let target = Target::find(path)?;
    let mut signals = StopSignals::listen()?;
    let (output, place) = target.begin()?;
    let (tell, told) = oneshot::channel();
    thread::spawn(move || {
        // Whoever doesn't listen any more has removed what is unfinished.
        let _ = tell.send(write_all(&catalogue, output));
    });
    tokio::select! {
        biased;
        () = signals.next() => return Err(STOPPED.into()),
        written = told => written.map_err(|_| "the thread that writes died")??,
    }
    place.settle()?;
    Ok(ExitCode::SUCCESS)
}

fn write_all(catalogue: &Catalogue, mut output: Output) -> io::Result<()> {
    let mut writer = JsonWriter::new(&mut output);
    for record in catalogue.records() {
        writer.write(&record)?;
    }
    writer.finish()?;
    output.finish()
}

/// Stores it as an import would.
async fn store(database: &DatabaseArgs, catalogue: Catalogue, seed: u64) -> Done {
    let import = BulkImport {
        actor: format!("generate --seed {seed}"),
        dry_run: false,
        skip_bad_rows: false,
        may_close: true,
    };
    let rows = Generated::new(catalogue);
    // What is made up has no bad rows.
    let rejects = RejectsTarget::none();
    store_rows(database, rows, &import, Vec::new(), rejects).await
}
