//! Making a catalogue up.

use std::{path::Path, process::ExitCode};

use marquee::{
    catalogue::JsonWriter,
    config::{DatabaseArgs, GenerateArgs},
    generate::{Catalogue, Size},
    import::{generated::Generated, store::bulk::BulkImport},
};

use super::{
    Done,
    import::{Meter, Rejects, store_rows},
    output::Target,
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
        Some(path) => write(&catalogue, path),
        None => store(database, catalogue, args.seed).await,
    }
}

fn write(catalogue: &Catalogue, path: &Path) -> Done {
    let (mut output, place) = Target::find(path)?.begin()?;
    let mut writer = JsonWriter::new(&mut output);
    for record in catalogue.records() {
        writer.write(&record)?;
    }
    writer.finish()?;
    output.finish()?;
    place.settle()?;
    Ok(ExitCode::SUCCESS)
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
    // What is made up has no bad rows, so nothing is ever listed.
    let rejects = Rejects::new(Path::new("rejected.csv"), &[]);
    store_rows(database, rows, &import, Meter::new(Vec::new()), rejects).await
}
