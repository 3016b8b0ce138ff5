//! A file that appears only once it is complete.

use std::{
    fs,
    io::{self, ErrorKind},
    path::PathBuf,
};

use super::FileTarget;

/// The final path of an output file. Dropping it removes the unfinished file, even while another thread still writes
/// it.
pub struct PendingFile(pub(super) Option<TemporaryFile>);

pub(super) struct TemporaryFile {
    pub(super) path: PathBuf,
    pub(super) target: FileTarget,
}

impl PendingFile {
    /// Renames the file to its final path and replaces an existing file. If that fails, the complete file stays under
    /// its temporary name.
    pub fn persist(mut self) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |file| file.rename(false))
    }

    /// Renames the file to its final path, but returns an error if a file exists there.
    pub fn persist_new(mut self) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |file| file.rename(true))
    }
}

impl TemporaryFile {
    fn rename(self, must_be_new: bool) -> io::Result<()> {
        let result = if must_be_new && fs::symlink_metadata(&self.target.path).is_ok() {
            Err(io::Error::new(
                ErrorKind::AlreadyExists,
                "a file with this name exists now",
            ))
        } else {
            fs::rename(&self.path, &self.target.path)
        };
        result.map_err(|error| {
            let (path, name) = (self.path.display(), self.target.name.display());
            let text = format!("failed to create {name} ({error}); the output is in {path}");
            io::Error::new(error.kind(), text)
        })
    }
}

impl Drop for PendingFile {
    /// Removes the unfinished file.
    fn drop(&mut self) {
        if let Some(unfinished) = self.0.take() {
            let _ = fs::remove_file(unfinished.path);
        }
    }
}
