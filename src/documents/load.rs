//! Reads the trusted documents that the site lays down.

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

/// Why the documents of a place can't be used. It names the file.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It can't be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is a file, and no manifest.
    #[error("{}: {error}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: NoManifest,
    },
    /// Two of its documents have the same id.
    #[error("{}: {error}", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// Which id.
        error: Twice,
    },
    /// A document doesn't fit the schema.
    #[error("{}: the document {id}: {reason}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// The document's id.
        id: String,
        /// What is wrong with it, with the line and the column.
        reason: String,
    },
    /// There is none.
    #[error("{}: there are no documents in it", .0.display())]
    Empty(PathBuf),
}

/// Reads a manifest, or every file of a directory whose name ends in `.graphql`, and checks each document.
///
/// # Errors
///
/// When one can't be read or is no good: a site whose documents don't fit should learn it before its visitors do.
pub fn load(path: &Path, check: &Check) -> Result<Trusted, Unusable> {
    let is_directory = fs::metadata(path).map_err(|error| unreadable(path, error))?;
    let mut trusted = Trusted::default();
    if is_directory.is_dir() {
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
        "a trusted document"
    );
    Ok(())
}

/// The files of a directory that hold documents, in the order of their names.
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
