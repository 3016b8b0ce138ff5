//! The files that commands write, each of which appears under its name only once it is whole.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions, Permissions},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// How many bytes wait before they are written.
const BUFFER: usize = 1 << 20;

/// Where a command was told to write.
pub enum Target {
    /// Standard output, a pipe or a device: it takes what comes as it comes, and is itself never replaced.
    Stream(Box<dyn Write + Send>),
    /// A file, which is there already or isn't yet.
    File(FileTarget),
}

/// A file that will be put in its place when it is whole.
pub struct FileTarget {
    /// As it was named.
    name: PathBuf,
    /// Where it really lies: a link to it stays a link.
    path: PathBuf,
    /// What the file that is there allows to whom.
    permissions: Option<Permissions>,
}

impl Target {
    /// Looks at a path; "-" is standard output.
    ///
    /// A pipe with a name waits here until somebody reads it. So this belongs before signals are listened to: they end the program as
    /// long as there is nothing to leave behind.
    pub fn find(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stream(Box::new(io::stdout())));
        }
        let named = |error| about(path, &error);
        let (place, permissions) = match fs::metadata(path) {
            Ok(there) if there.is_file() => match fs::canonicalize(path) {
                Ok(place) => (place, Some(there.permissions())),
                // A file that is open, but lies nowhere any more.
                Err(_) => return Self::stream(path).map_err(named),
            },
            Ok(_) => return Self::stream(path).map_err(named),
            Err(error) if error.kind() == ErrorKind::NotFound => (end_of_links(path), None),
            Err(error) => return Err(named(error)),
        };
        Ok(Self::File(FileTarget {
            name: path.to_owned(),
            path: place,
            permissions,
        }))
    }

    fn stream(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Self::Stream(Box::new(file)))
    }

    /// Begins to write. A file that an earlier command had to leave unfinished is overwritten.
    pub fn begin(self) -> io::Result<(Output, Place)> {
        self.begin_by(OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// The same, but such a file is kept: it may be all that is left of what it holds.
    pub fn begin_anew(self) -> io::Result<(Output, Place)> {
        self.begin_by(OpenOptions::new().write(true).create_new(true))
    }

    fn begin_by(self, how: &OpenOptions) -> io::Result<(Output, Place)> {
        let target = match self {
            Self::Stream(stream) => return Ok((Output::new(stream), Place(None))),
            Self::File(target) => target,
        };
        let unfinished = unfinished(&target.path);
        let file = how.open(&unfinished).map_err(|error| {
            let exists = error.kind() == ErrorKind::AlreadyExists;
            about(if exists { &unfinished } else { &target.name }, &error)
        })?;
        // From here on it is removed however this ends.
        let permissions = target.permissions.clone();
        let place = Place(Some(Unfinished {
            path: unfinished,
            target,
        }));
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        Ok((Output::new(Box::new(file)), place))
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".unfinished");
    name.into()
}

/// Where a path leads that names nothing yet, though it may be a link. Links in a circle aren't "not found", so this ends.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    while let Ok(target) = fs::read_link(&path) {
        path = match path.parent() {
            Some(directory) => directory.join(target),
            None => target,
        };
    }
    path
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// What is written to. Whoever drops it unfinished has failed, and what still waits to be written isn't.
pub struct Output(Option<BufWriter<Box<dyn Write + Send>>>);

impl Output {
    fn new(inner: Box<dyn Write + Send>) -> Self {
        Self(Some(BufWriter::with_capacity(BUFFER, inner)))
    }

    /// Writes all that waits to be written.
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

    /// Does nothing: writers of CSV flush when they are dropped, after an error too.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Output {
    /// A buffer by itself would write its rest, even to standard output after an error.
    fn drop(&mut self) {
        drop(self.0.take().map(BufWriter::into_parts));
    }
}

/// The place of what is written. Dropping it removes what is unfinished, also while another thread still writes it.
pub struct Place(Option<Unfinished>);

struct Unfinished {
    path: PathBuf,
    target: FileTarget,
}

impl Place {
    /// Puts the file in its place, over what may be there. If that fails the file is left as it is, since it is whole.
    pub fn settle(mut self) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |file| file.put(false))
    }

    /// The same, but fails if something has come to be there.
    pub fn settle_anew(mut self) -> io::Result<()> {
        self.0.take().map_or(Ok(()), |file| file.put(true))
    }
}

impl Unfinished {
    fn put(self, anew: bool) -> io::Result<()> {
        let put = if anew && fs::symlink_metadata(&self.target.path).is_ok() {
            Err(io::Error::new(
                ErrorKind::AlreadyExists,
                "something is there by now",
            ))
        } else {
            fs::rename(&self.path, &self.target.path)
        };
        put.map_err(|error| {
            let (path, name) = (self.path.display(), self.target.name.display());
            let text = format!("{name} can't be put in its place ({error}); it is in {path}");
            io::Error::new(error.kind(), text)
        })
    }
}

impl Drop for Place {
    /// What isn't whole is of no use.
    fn drop(&mut self) {
        if let Some(unfinished) = self.0.take() {
            let _ = fs::remove_file(unfinished.path);
        }
    }
}
