//! Loads the trusted documents from files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Check,
    hash::Hash,
    manifest::{self, Entry, NoManifest},
    trusted::{Trusted, Twice},
};

/// The error of loading trusted documents. Its message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file or directory can't be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        error: io::Error,
    },
    /// The file isn't a valid manifest.
    #[error("{}: {error}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: NoManifest,
    },
    /// Two different documents have the same id.
    #[error("{}: {error}", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The error, with the id.
        error: Twice,
    },
    /// A document is invalid.
    #[error("{}: the document {id}: {reason}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// The document's id.
        id: String,
        /// The error, with the line and the column.
        reason: String,
    },
    /// The file or directory contains no documents.
    #[error("{}: it contains no documents", .0.display())]
    Empty(PathBuf),
}

/// Reads a manifest, or the files of a directory whose names end in `.graphql`, and validates each document.
///
/// # Errors
///
/// When a file can't be read, a document is invalid, or there are no documents. Thus the server doesn't start with
/// invalid documents.
pub fn load(path: &Path, check: &Check) -> Result<Trusted, Unusable> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
    let mut trusted = Trusted::default();
    if metadata.is_dir() {
        for file in files(path)? {
            let text = read(&file)?;
            let id = Hash::of(&text).to_string();
            add(&mut trusted, &file, &Entry { id, text }, check)?;
        }
    } else {
        let entries = manifest::parse(&read(path)?).map_err(|error| Unusable::Manifest {
            path: path.to_owned(),
            error,
        })?;
        for entry in entries {
            add(&mut trusted, path, &entry, check)?;
        }
    }
    if trusted.is_empty() {
        return Err(Unusable::Empty(path.to_owned()));
    }
    tracing::info!(
        documents.path = %path.display(),
        documents.count = trusted.len(),
        "loaded the trusted documents"
    );
    Ok(trusted)
}

fn add(trusted: &mut Trusted, path: &Path, entry: &Entry, check: &Check) -> Result<(), Unusable> {
    let Entry { id, text } = entry;
    let checked = check(text);
    let names = checked.map_err(|reason| Unusable::Document {
        path: path.to_owned(),
        id: id.clone(),
        reason,
    })?;
    trusted
        .add(id.clone(), text)
        .map_err(|error| Unusable::Twice {
            path: path.to_owned(),
            error,
        })?;
    tracing::info!(
        document.id = id,
        document.path = %path.display(),
        document.operations = names.join(", "),
        "loaded a trusted document"
    );
    Ok(())
}

/// Returns the `.graphql` files of a directory, sorted by path.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Unusable> {
    let entries = fs::read_dir(directory).map_err(|error| unreadable(directory, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(directory, error))?.path();
        if path.extension().is_some_and(|ending| ending == "graphql") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, Unusable> {
    fs::read_to_string(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: io::Error) -> Unusable {
    Unusable::Read {
        path: path.to_owned(),
        error,
    }
}
