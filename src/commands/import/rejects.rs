//! The files of rejected rows: a list with their errors, or the rows in the form of their own table.

mod rows;

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
    import::{
        store::bulk::error::Rejection,
        table::{Table, TableOptions},
    },
};

use self::rows::{TableTargets, TablesWriter};

/// The destination of rejected rows. It is determined before any row is stored.
pub struct RejectsTarget(Option<TargetForm>);

enum TargetForm {
    List(RejectsPath),
    Tables(TableTargets),
}

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
        check_is_file(path)?;
        check_path(path, inputs, false)?;
        let is_stream = fs::metadata(path).is_ok();
        let path = if is_dry_run && !is_stream {
            path_of_dry_run(path)
        } else {
            path.clone()
        };
        check_path(&path, inputs, is_dry_run)?;
        Ok(Self(Some(TargetForm::List(RejectsPath {
            target: Target::resolve(&path)?,
            path,
            may_replace: is_dry_run,
        }))))
    }

    /// Creates the target for the rows of tables, which are written in the form of their table.
    pub fn resolve_tables(
        args: &RejectsArgs,
        inputs: &[&Path],
        is_dry_run: bool,
        tables: Vec<Table>,
        form: TableOptions,
    ) -> Result<Self, Box<dyn Error>> {
        if !args.skip_bad_rows {
            return Ok(Self::none());
        }
        check_is_file(&args.rejects)?;
        let targets = TableTargets::resolve(args, inputs, is_dry_run, tables, form)?;
        Ok(Self(Some(TargetForm::Tables(targets))))
    }

    /// Creates the files early, so that an unwritable path is reported before anything is stored.
    pub fn create(self) -> io::Result<RejectsWriter> {
        Ok(match self.0 {
            None => RejectsWriter::None,
            Some(TargetForm::List(path)) => RejectsWriter::List(path.create()?),
            Some(TargetForm::Tables(targets)) => RejectsWriter::Tables(Box::new(targets.create()?)),
        })
    }
}

impl RejectsPath {
    fn create(self) -> io::Result<RejectsFile> {
        let Self {
            path,
            target,
            may_replace,
        } = self;
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
        Ok(RejectsFile {
            path,
            output,
            pending,
            may_replace,
            has_header: false,
        })
    }
}

fn check_is_file(path: &Path) -> Result<(), Box<dyn Error>> {
    if path == Path::new("-") {
        return Err("--rejects: standard output is for the summary; pass a file".into());
    }
    Ok(())
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

/// A writer of rejected rows. A file appears under its name only when it is complete, and not at all if no row was
/// rejected.
pub enum RejectsWriter {
    /// No row may be rejected.
    None,
    /// A list of errors with their rows.
    List(RejectsFile),
    /// The rows in the form of their tables.
    Tables(Box<TablesWriter>),
}

/// A file of rejected rows.
pub struct RejectsFile {
    path: PathBuf,
    output: Output,
    pending: PendingFile,
    may_replace: bool,
    /// Whether the file has any text.
    has_header: bool,
}

impl RejectsWriter {
    /// Adds a row of one of these files. A row of the list is written out immediately, and one of a table when the next row
    /// or the end follows, because a row may have several errors.
    pub fn add(&mut self, rejection: &Rejection, files: &[String]) -> io::Result<()> {
        match self {
            Self::None => Err(ErrorKind::Unsupported.into()),
            Self::List(file) => file.add(rejection, files),
            Self::Tables(tables) => tables.add(rejection),
        }
    }

    /// Returns the sentence about the files of some skipped rows, after renaming them to their final paths; `None` if there
    /// are no rejected rows.
    pub fn finish(self) -> io::Result<Option<String>> {
        Ok(match self {
            Self::None => None,
            Self::List(file) => file
                .finish()?
                .map(|path| format!("{} has the reasons", path.display())),
            Self::Tables(tables) => {
                let paths = tables.finish()?;
                let paths: Vec<String> = paths
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                let verb = if paths.len() == 1 { "has" } else { "have" };
                let names = paths.join(", ");
                (!paths.is_empty()).then(|| {
                    format!("{names} {verb} them with the reasons: correct them there, and import them with the same options")
                })
            }
        })
    }
}

impl RejectsFile {
    fn add(&mut self, rejection: &Rejection, files: &[String]) -> io::Result<()> {
        let mut rows = csv::Writer::from_writer(&mut self.output);
        if !self.has_header {
            rows.write_record(["file", "line", "column", "reason", "row"])?;
            self.has_header = true;
        }
        let file = rejection.position.file_name(files);
        let line = rejection.position.line().to_string();
        let error = &rejection.error;
        rows.write_record([file, &line, &error.column, &error.reason, &rejection.row])?;
        rows.flush()?;
        drop(rows);
        self.output.finish()
    }

    /// Renames the file to its final path and returns the path. Returns `None` if there are no rejected rows.
    fn finish(self) -> io::Result<Option<PathBuf>> {
        if !self.has_header {
            return Ok(None);
        }
        if self.may_replace {
            self.pending.persist()?;
        } else {
            self.pending.persist_new()?;
        }
        Ok(Some(self.path))
    }
}
