//! Giving the catalogue out.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use marquee::{
    catalogue::{CsvWriter, JsonWriter},
    config::{DatabaseArgs, ExportCommand},
    database::schema,
    export::{ExportFilter, store},
};

use super::{Done, with_database};

/// How many bytes wait before they are written.
const BUFFER: usize = 1 << 20;

/// Writes what the command asks for.
pub async fn export(database: &DatabaseArgs, command: &ExportCommand) -> Done {
    let (ExportCommand::Csv(args) | ExportCommand::Jsonl(args)) = command;
    let filter = ExportFilter {
        films: args.film.clone(),
        since: args.since,
        until: args.until,
    };
    with_database(database, async |connection| {
        if !schema::pending(connection).await?.is_empty() {
            return Err(
                "the database lacks changes of the schema: run `marquee migrate up` first".into(),
            );
        }
        let mut output = Output::create(&args.output)?;
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
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// A file that appears under its name only once it is whole, or standard output.
pub struct Output {
    writer: BufWriter<Box<dyn Write + Send>>,
    unfinished: Option<(PathBuf, PathBuf)>,
}

impl Output {
    /// Begins to write to a path; "-" is standard output.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self {
                writer: BufWriter::with_capacity(BUFFER, Box::new(io::stdout())),
                unfinished: None,
            });
        }
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let file = File::create(&unfinished).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        Ok(Self {
            writer: BufWriter::with_capacity(BUFFER, Box::new(file)),
            unfinished: Some((unfinished, path.to_owned())),
        })
    }

    /// Writes what is left, and puts the file in its place.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        match self.unfinished.take() {
            Some((unfinished, path)) => fs::rename(unfinished, path),
            None => Ok(()),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Output {
    /// What isn't whole is of no use.
    fn drop(&mut self) {
        if let Some((unfinished, _)) = self.unfinished.take() {
            let _ = fs::remove_file(unfinished);
        }
    }
}
