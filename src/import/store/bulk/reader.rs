//! The reader thread, which reads rows and sends them in the format of COPY.

use std::{mem, ops::ControlFlow, sync::Arc, thread};

use futures_channel::oneshot;
use tokio::sync::mpsc;

use super::{
    ImportError, Progress, Rejection, SHOWN,
    stager::{Chunk, Stager},
};
use crate::import::{
    report::Read,
    rows::{Gleaned, Good, Place, Row, Rows},
};

/// The maximum number of chunks that wait for the database. With the size of a chunk, it bounds the memory.
const WAITING: usize = 4;

/// The number of invalid rows after which reading stops, because the file is probably the wrong one.
const TOO_MANY: usize = 1_000;

/// The number of rows between two calls of the progress listener.
const TOLD_EVERY: u64 = 4_096;

/// A running reader thread.
pub struct Reading {
    /// The chunks to copy. The channel closes when reading ends or fails.
    pub chunks: mpsc::Receiver<Chunk>,
    /// The result of reading.
    pub outcome: oneshot::Receiver<Result<Read, ImportError>>,
}

/// Starts the reader thread.
///
/// It is a plain thread, because the program doesn't wait for a plain thread when it exits. The thread may block on
/// standard input forever.
pub fn start(
    rows: impl Rows + 'static,
    skip_bad_rows: bool,
    progress: Arc<dyn Progress>,
) -> Reading {
    let (send, chunks) = mpsc::channel(WAITING);
    let (done, outcome) = oneshot::channel();
    thread::spawn(move || {
        let read = read(rows, skip_bad_rows, &*progress, &send);
        drop(send);
        // The receiver is only dropped after another error.
        let _ = done.send(read);
    });
    Reading { chunks, outcome }
}

fn read(
    mut rows: impl Rows,
    skip_bad_rows: bool,
    progress: &dyn Progress,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<Read, ImportError> {
    let mut reader = Reader {
        skip_bad_rows,
        progress,
        chunks,
        stager: Stager::default(),
        read: Read::default(),
        last: None,
        bad: BadRows::default(),
    };
    let mut end = Ok(());
    rows.read(&mut |row| match reader.take(row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            end = Err(error);
            ControlFlow::Break(())
        }
    })?;
    end?;
    reader.finish(rows.gleaned())
}

/// The consumer of the rows.
struct Reader<'a> {
    skip_bad_rows: bool,
    progress: &'a dyn Progress,
    chunks: &'a mpsc::Sender<Chunk>,
    stager: Stager,
    read: Read,
    last: Option<Place>,
    bad: BadRows,
}

impl Reader<'_> {
    fn take(&mut self, Row { place, content }: Row) -> Result<(), ImportError> {
        // One row can give several records.
        if self.last.replace(place) != Some(place) {
            self.read.rows += 1;
            if self.read.rows.is_multiple_of(TOLD_EVERY) {
                self.progress.has_read(self.read.rows);
            }
        }
        match content {
            Ok(Good { record, remarks }) => {
                self.read.count(&record, &remarks);
                self.stager.add(place, &record);
            }
            Err(bad) if self.skip_bad_rows => self.stager.reject(place, &bad),
            Err(bad) => {
                let flaws = bad.flaws.into_iter();
                self.bad.add(flaws.map(|flaw| Rejection {
                    place,
                    flaw,
                    row: bad.text.clone(),
                }));
                if self.bad.rows >= TOO_MANY {
                    return Err(mem::take(&mut self.bad).into_error(true));
                }
            }
        }
        // After an invalid row, nothing will be stored.
        if self.bad.rows == 0
            && let Some(chunk) = self.stager.full()
        {
            self.send(chunk)?;
        }
        Ok(())
    }

    fn finish(mut self, gleaned: Gleaned) -> Result<Read, ImportError> {
        self.progress.has_read(self.read.rows);
        if self.bad.rows > 0 {
            return Err(self.bad.into_error(false));
        }
        for chunk in mem::take(&mut self.stager).rest() {
            self.send(chunk)?;
        }
        self.read.gleaned = gleaned;
        Ok(self.read)
    }

    /// Sends a chunk. It only fails after an error of the database, which the receiver reports.
    fn send(&self, chunk: Chunk) -> Result<(), ImportError> {
        self.chunks
            .blocking_send(chunk)
            .map_err(|_| ImportError::Thread)
    }
}

/// The invalid rows that fail the import.
#[derive(Default)]
struct BadRows {
    rows: usize,
    first: Vec<Rejection>,
}

impl BadRows {
    fn add(&mut self, flaws: impl Iterator<Item = Rejection>) {
        self.rows += 1;
        let room = SHOWN.saturating_sub(self.first.len());
        self.first.extend(flaws.take(room));
    }

    fn into_error(self, and_more: bool) -> ImportError {
        ImportError::Rejected {
            first: self.first,
            total: self.rows,
            and_more,
        }
    }
}
