//! The output files of commands. A file appears under its name only when it is complete.

pub mod pending_file;

use std::{
    ffi::OsString,
    fs::{self, OpenOptions, Permissions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

use self::pending_file::{PendingFile, TemporaryFile};

/// The size of the write buffer in bytes.
const BUFFER_SIZE: usize = 1 << 20;

/// The destination of a command's output.
pub enum Target {
    /// Standard output, a pipe or a device. It is written directly and never replaced.
    Stream(Box<dyn Write + Send>),
    /// A regular file, which may not exist yet.
    File(FileTarget),
}

/// A file that is renamed to its final path when it is complete.
pub struct FileTarget {
    /// The path from the command line.
    name: PathBuf,
    /// The path after following symbolic links, so that a link to the file remains a link.
    path: PathBuf,
    /// The permissions of the existing file.
    permissions: Option<Permissions>,
}

impl Target {
    /// Inspects a path; "-" is standard output.
    ///
    /// Opening a named pipe blocks until it has a reader. So call this before installing signal handlers: until then a
    /// signal ends the process, and there is nothing to clean up.
    pub fn resolve(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stream(Box::new(io::stdout())));
        }
        let with_name = |error| with_path(path, &error);
        let (resolved, permissions) = match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => match fs::canonicalize(path) {
                Ok(resolved) => (resolved, Some(metadata.permissions())),
                // An open file without a path, for example a deleted one under /dev/fd.
                Err(_) => return Self::stream(path).map_err(with_name),
            },
            Ok(_) => return Self::stream(path).map_err(with_name),
            Err(error) if error.kind() == ErrorKind::NotFound => (resolve_links(path), None),
            Err(error) => return Err(with_name(error)),
        };
        Ok(Self::File(FileTarget {
            name: path.to_owned(),
            path: resolved,
            permissions,
        }))
    }

    fn stream(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Self::Stream(Box::new(file)))
    }

    /// Creates the output. An unfinished file of an earlier command is overwritten.
    pub fn create(self) -> io::Result<(Output, PendingFile)> {
        self.create_with(OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// Creates the output, but returns an error if an unfinished file exists: it may be the only copy of its data.
    pub fn create_new(self) -> io::Result<(Output, PendingFile)> {
        self.create_with(OpenOptions::new().write(true).create_new(true))
    }

    fn create_with(self, options: &OpenOptions) -> io::Result<(Output, PendingFile)> {
        let target = match self {
            Self::Stream(stream) => return Ok((Output::new(stream), PendingFile(None))),
            Self::File(target) => target,
        };
        let unfinished = temporary_path(&target.path);
        let file = options.open(&unfinished).map_err(|error| {
            let already_exists = error.kind() == ErrorKind::AlreadyExists;
            with_path(
                if already_exists {
                    &unfinished
                } else {
                    &target.name
                },
                &error,
            )
        })?;
        // From here on, dropping `pending` removes the file.
        let permissions = target.permissions.clone();
        let pending = PendingFile(Some(TemporaryFile {
            path: unfinished,
            target,
        }));
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        Ok((Output::new(Box::new(file)), pending))
    }
}

fn temporary_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".unfinished");
    name.into()
}

/// Follows the symbolic links of a path that doesn't exist yet. Circular links give another error than "not found", so
/// this terminates.
fn resolve_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    while let Ok(target) = fs::read_link(&path) {
        path = match path.parent() {
            Some(directory) => directory.join(target),
            None => target,
        };
    }
    path
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A buffered output. Dropping it without [`Output::finish`] discards the buffer.
pub struct Output(Option<BufWriter<Box<dyn Write + Send>>>);

impl Output {
    fn new(inner: Box<dyn Write + Send>) -> Self {
        Self(Some(BufWriter::with_capacity(BUFFER_SIZE, inner)))
    }

    /// Writes out the buffer.
    pub fn finish(&mut self) -> io::Result<()> {
        self.writer()?.flush()
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<Box<dyn Write + Send>>> {
        self.0.as_mut().ok_or_else(|| ErrorKind::BrokenPipe.into())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer()?.write(bytes)
    }

    /// Does nothing, because CSV writers flush when they are dropped, even after an error.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Output {
    /// Discards the buffer. A `BufWriter` would write it out, even to standard output after an error.
    fn drop(&mut self) {
        drop(self.0.take().map(BufWriter::into_parts));
    }
}
