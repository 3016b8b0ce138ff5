//! The file of rejected rows.

use std::{
    error::Error,
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::{
    commands::output::{Output, Target, pending_file::PendingFile},
    config::RejectsArgs,
    import::store::bulk::error::Rejection,
};

/// The destination of the file of rejected rows. It is determined before any file is read.
pub struct RejectsTarget(Option<RejectsPath>);

struct RejectsPath {
    path: PathBuf,
    target: Target,
    /// Whether an existing file is replaced.
    may_replace: bool,
}

impl RejectsTarget {
    /// Creates a target that accepts no rows, for imports that skip no bad rows.
    pub fn none() -> Self {
        Self(None)
    }

    /// Creates the target from the command line, if bad rows are to be skipped. An existing file is not overwritten: it
    /// may be the only copy of the rows in it. A dry run has a file of its own, which the next one replaces, so that it doesn't
    /// stand in the way of the import.
    pub fn resolve(
        args: &RejectsArgs,
        inputs: &[&Path],
        is_dry_run: bool,
    ) -> Result<Self, Box<dyn Error>> {
        if !args.skip_bad_rows {
            return Ok(Self::none());
        }
        let path = &args.rejects;
        if path == Path::new("-") {
            return Err("--rejects: standard output is for the summary; pass a file".into());
        }
        check_path(path, inputs, false)?;
        let is_stream = fs::metadata(path).is_ok();
        let path = if is_dry_run && !is_stream {
            path_of_dry_run(path)
        } else {
            path.clone()
        };
        check_path(&path, inputs, is_dry_run)?;
        Ok(Self(Some(RejectsPath {
            target: Target::resolve(&path)?,
            path,
            may_replace: is_dry_run,
        })))
    }

    /// Creates the file early, so that an unwritable path is reported before anything is stored.
    pub fn create(self) -> io::Result<RejectsWriter> {
        let Some(RejectsPath {
            path,
            target,
            may_replace,
        }) = self.0
        else {
            return Ok(RejectsWriter(None));
        };
        let created = if may_replace {
            target.create()
        } else {
            target.create_new()
        };
        let (output, pending) = created.map_err(|error| {
            io::Error::other(format!(
                "failed to create the file of rejected rows: {error}; nothing was stored"
            ))
        })?;
        Ok(RejectsWriter(Some(RejectsFile {
            path,
            output,
            pending,
            may_replace,
            has_header: false,
        })))
    }
}

/// Checks that a file can be written without the loss of another.
fn check_path(path: &Path, inputs: &[&Path], may_replace: bool) -> Result<(), Box<dyn Error>> {
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(());
    };
    let identity = (metadata.dev(), metadata.ino());
    let is_same_file = |input: &&Path| {
        fs::metadata(input).is_ok_and(|input| (input.dev(), input.ino()) == identity)
    };
    if inputs.iter().any(is_same_file) {
        let name = path.display();
        return Err(
            format!("{name} is an input of this import: pass another file as --rejects").into(),
        );
    }
    if metadata.is_dir() || metadata.is_file() && !may_replace {
        return Err(exists_message(path).into());
    }
    Ok(())
}

/// Returns the path of the list of a dry run: `rejected.dry-run.csv` for `rejected.csv`.
fn path_of_dry_run(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(".dry-run");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn exists_message(path: &Path) -> String {
    let name = path.display();
    format!("{name} already exists: move it away, or pass another file as --rejects")
}

/// A writer of rejected rows. The file appears under its name only when it is complete, and not at all if no row was
/// rejected.
pub struct RejectsWriter(Option<RejectsFile>);

struct RejectsFile {
    path: PathBuf,
    output: Output,
    pending: PendingFile,
    may_replace: bool,
    has_header: bool,
}

impl RejectsWriter {
    /// Adds a row of one of these files. Each row is written out immediately, so that the whole list is on disk before
    /// the import commits.
    pub fn add(&mut self, rejection: &Rejection, files: &[String]) -> io::Result<()> {
        let rejects = self.0.as_mut().ok_or(ErrorKind::Unsupported)?;
        let mut rows = csv::Writer::from_writer(&mut rejects.output);
        if !rejects.has_header {
            rows.write_record(["file", "line", "column", "reason", "row"])?;
            rejects.has_header = true;
        }
        let file = rejection.position.file_name(files);
        let line = rejection.position.line().to_string();
        let error = &rejection.error;
        rows.write_record([file, &line, &error.column, &error.reason, &rejection.row])?;
        rows.flush()?;
        drop(rows);
        rejects.output.finish()
    }

    /// Renames the file to its final path and returns the path. Returns `None` if there are no rejected rows.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(rejects) = self.0.filter(|rejects| rejects.has_header) else {
            return Ok(None);
        };
        if rejects.may_replace {
            rejects.pending.persist()?;
        } else {
            rejects.pending.persist_new()?;
        }
        Ok(Some(rejects.path))
    }
}
