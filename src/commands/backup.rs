//! The command `backup`: writes the database to a file.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{CommandResult, location::Creation, require_schema, with_open_database};
use crate::{
    config::{BackupArgs, database::DatabaseArgs},
    database::backup::{Archive, dump},
};

/// Writes a backup. The file appears under its name only when it is complete and could be read again.
pub async fn backup(database: &DatabaseArgs, args: &BackupArgs) -> CommandResult {
    let target = PrivateFile::resolve(&args.file)?;
    with_open_database(
        database,
        Creation::OnRequest,
        async |database, connection| {
            require_schema(connection).await?;
            // If a signal cancels this future, dropping `target` removes the unfinished file.
            let mut target = target;
            let file = target.create()?;
            dump(database, connection, file.try_clone()?).await?;
            file.sync_all()?;
            let archive = Archive::read(&target.unfinished).await?;
            let bytes = file.metadata()?.len();
            target.persist()?;
            let newest = archive.migrations.last().map_or("", String::as_str);
            writeln!(
                io::stdout(),
                "backed up {} tables with the migrations up to {newest}: {}, {bytes} bytes",
                archive.tables.len(),
                args.file.display()
            )?;
            Ok(ExitCode::SUCCESS)
        },
    )
    .await
}

/// A file that only its owner can read, and that appears under its name only when it is complete. Dropping it removes
/// the unfinished file.
struct PrivateFile {
    path: PathBuf,
    unfinished: PathBuf,
    is_created: bool,
}

impl PrivateFile {
    /// Checks that the path is that of a regular file, or of none.
    fn resolve(path: &Path) -> io::Result<Self> {
        let path = match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => path.canonicalize()?,
            Ok(_) => {
                let text = format!("{} is not a regular file", path.display());
                return Err(io::Error::other(text));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(with_path(path, &error)),
        };
        let mut unfinished = OsString::from(&path);
        unfinished.push(".unfinished");
        Ok(Self {
            path,
            unfinished: unfinished.into(),
            is_created: false,
        })
    }

    /// Creates the unfinished file. That of an earlier command is removed first, since others may be able to read it.
    fn create(&mut self) -> io::Result<File> {
        match fs::remove_file(&self.unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(with_path(&self.unfinished, &error));
            }
            _ => {}
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.unfinished)
            .map_err(|error| with_path(&self.path, &error))?;
        self.is_created = true;
        Ok(file)
    }

    /// Renames the file to its path, durably.
    fn persist(mut self) -> io::Result<()> {
        let renamed = fs::rename(&self.unfinished, &self.path);
        renamed.map_err(|error| with_path(&self.path, &error))?;
        self.is_created = false;
        let directory = self
            .path
            .parent()
            .filter(|path| !path.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if self.is_created {
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
