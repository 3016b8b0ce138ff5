//! The list of rows that were left out.

use std::{
    error::Error,
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use marquee::{config::ReadingArgs, import::store::bulk::Rejection};

use crate::commands::output::{Output, Place, Target};

/// Where rows will be listed, which is known before anything is read.
pub struct RejectsTarget(Option<(PathBuf, Target)>);

impl RejectsTarget {
    /// For what has no bad rows, or may have none.
    pub fn none() -> Self {
        Self(None)
    }

    /// Where the command line says, if rows are to be left out. An earlier list may be all that is left of the rows in it, so it is not
    /// overwritten.
    pub fn find(args: &ReadingArgs, inputs: &[&Path]) -> Result<Self, Box<dyn Error>> {
        if !args.skip_bad_rows {
            return Ok(Self::none());
        }
        let path = &args.rejects;
        if path == Path::new("-") {
            return Err("--rejects: standard output is for the summary; name a file".into());
        }
        if let Ok(there) = fs::metadata(path) {
            let identity = (there.dev(), there.ino());
            let same = |input: &&Path| {
                fs::metadata(input).is_ok_and(|input| (input.dev(), input.ino()) == identity)
            };
            let name = path.display();
            if inputs.iter().any(same) {
                return Err(format!(
                    "{name} is read, so rows can't be listed in it: name another by --rejects"
                )
                .into());
            }
            if there.is_file() || there.is_dir() {
                return Err(exists(path).into());
            }
        }
        Ok(Self(Some((path.clone(), Target::find(path)?))))
    }

    /// Begins the list, so that it is known that it can be written.
    pub fn begin(self) -> io::Result<Rejects> {
        let Some((path, target)) = self.0 else {
            return Ok(Rejects(None));
        };
        let (output, place) = target.begin_anew().map_err(|error| {
            io::Error::other(format!(
                "can't write the list of rejected rows: {error}; nothing was stored"
            ))
        })?;
        Ok(Rejects(Some(List {
            path,
            output,
            place,
            begun: false,
        })))
    }
}

fn exists(path: &Path) -> String {
    let name = path.display();
    format!("{name} exists already: move it away, or name another by --rejects")
}

/// A list that appears under its name only once it is whole, and not at all if it has no rows.
pub struct Rejects(Option<List>);

struct List {
    path: PathBuf,
    output: Output,
    place: Place,
    begun: bool,
}

impl Rejects {
    /// Adds a row of one of these files. All of it is written before anything is stored for good, so nothing waits for the end.
    pub fn add(&mut self, rejection: &Rejection, files: &[String]) -> io::Result<()> {
        let list = self.0.as_mut().ok_or(ErrorKind::Unsupported)?;
        let mut rows = csv::Writer::from_writer(&mut list.output);
        if !list.begun {
            rows.write_record(["file", "line", "column", "reason", "row"])?;
            list.begun = true;
        }
        let file = files.get(rejection.place.file()).map_or("", String::as_str);
        let line = rejection.place.line().to_string();
        let flaw = &rejection.flaw;
        rows.write_record([file, &line, &flaw.column, &flaw.reason, &rejection.row])?;
        rows.flush()?;
        drop(rows);
        list.output.finish()
    }

    /// Puts the list in its place; `None` if there is none.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(list) = self.0.filter(|list| list.begun) else {
            return Ok(None);
        };
        list.place.settle_anew()?;
        Ok(Some(list.path))
    }
}
