//! The list of rows that were left out.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use marquee::import::store::bulk::Rejection;

/// A list that appears under its name only once it is whole.
pub struct Rejects {
    path: PathBuf,
    unfinished: PathBuf,
    files: Vec<String>,
    list: Option<csv::Writer<BufWriter<File>>>,
}

impl Rejects {
    /// A list of rows of these files. Nothing is written before there is a row.
    pub fn new(path: &Path, files: &[String]) -> Self {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        Self {
            path: path.to_owned(),
            unfinished: unfinished.into(),
            files: files.to_vec(),
            list: None,
        }
    }

    /// Adds a row.
    pub fn add(&mut self, rejection: &Rejection) -> io::Result<()> {
        if self.list.is_none() {
            self.list = Some(begin(&self.unfinished)?);
        }
        let Some(list) = &mut self.list else {
            return Ok(());
        };
        let file = self
            .files
            .get(rejection.place.file())
            .map_or("", String::as_str);
        let line = rejection.place.line().to_string();
        let flaw = &rejection.flaw;
        list.write_record([file, &line, &flaw.column, &flaw.reason, &rejection.row])?;
        Ok(())
    }

    /// Puts the list in its place; `None` if there is none.
    pub fn finish(mut self) -> io::Result<Option<PathBuf>> {
        let Some(list) = self.list.take() else {
            return Ok(None);
        };
        let mut file = list.into_inner().map_err(csv::IntoInnerError::into_error)?;
        file.flush()?;
        std::fs::rename(&self.unfinished, &self.path)?;
        Ok(Some(self.path.clone()))
    }
}

fn begin(path: &Path) -> io::Result<csv::Writer<BufWriter<File>>> {
    let mut list = csv::Writer::from_writer(BufWriter::new(File::create(path)?));
    list.write_record(["file", "line", "column", "reason", "row"])?;
    Ok(list)
}

impl Drop for Rejects {
    /// An import that failed has left nothing out.
    fn drop(&mut self) {
        if self.list.is_some() {
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}
