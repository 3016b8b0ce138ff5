//! Loads the trusted documents from files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    DocumentValidator,
    hash::DocumentHash,
    manifest::{self, ManifestEntry, ManifestError},
    trusted::{DuplicateId, TrustedDocuments},
};

/// The error of loading trusted documents. Its message names the file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
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
        error: ManifestError,
    },
    /// Two different documents have the same id.
    #[error("{}: {error}", path.display())]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The error, with the id.
        error: DuplicateId,
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
pub fn load(path: &Path, validator: &DocumentValidator) -> Result<TrustedDocuments, LoadError> {
    let mut trusted = TrustedDocuments::default();
    for (file, entry) in read_documents(path)? {
        add(&mut trusted, &file, &entry, validator)?;
    }
    tracing::info!(
        documents.path = %path.display(),
        documents.count = trusted.len(),
        "loaded the trusted documents"
    );
    Ok(trusted)
}

/// Reads a manifest, or the files of a directory whose names end in `.graphql`. Returns each document with its file.
///
/// # Errors
///
/// When a file can't be read, or there are no documents.
pub fn read_documents(path: &Path) -> Result<Vec<(PathBuf, ManifestEntry)>, LoadError> {
    let metadata = fs::metadata(path).map_err(|error| read_error(path, error))?;
    let mut documents = Vec::new();
    if metadata.is_dir() {
        for file in files(path)? {
            let text = read(&file)?;
            let id = DocumentHash::of(&text).to_string();
            documents.push((file, ManifestEntry { id, text }));
        }
    } else {
        let entries = manifest::parse(&read(path)?).map_err(|error| LoadError::Manifest {
            path: path.to_owned(),
            error,
        })?;
        documents.extend(entries.into_iter().map(|entry| (path.to_owned(), entry)));
    }
    if documents.is_empty() {
        return Err(LoadError::Empty(path.to_owned()));
    }
    Ok(documents)
}

fn add(
    trusted: &mut TrustedDocuments,
    path: &Path,
    entry: &ManifestEntry,
    validator: &DocumentValidator,
) -> Result<(), LoadError> {
    let ManifestEntry { id, text } = entry;
    let operation_names = validator(text);
    let names = operation_names.map_err(|reason| LoadError::Document {
        path: path.to_owned(),
        id: id.clone(),
        reason,
    })?;
    trusted
        .add(id.clone(), text)
        .map_err(|error| LoadError::DuplicateId {
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
fn files(directory: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let entries = fs::read_dir(directory).map_err(|error| read_error(directory, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| read_error(directory, error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "graphql")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|error| read_error(path, error))
}

fn read_error(path: &Path, error: io::Error) -> LoadError {
    LoadError::Read {
        path: path.to_owned(),
        error,
    }
}
