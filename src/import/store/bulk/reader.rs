//! The reader thread, which reads rows and sends them in the format of COPY.

use std::{mem, ops::ControlFlow, sync::Arc, thread};

use futures_channel::oneshot;
use tokio::sync::mpsc;

use super::{
    MAX_REJECTIONS_IN_ERROR, ProgressListener,
    error::{ImportError, Rejection},
    stager::{Chunk, Stager},
};
use crate::import::{
    report::ReadStats,
    rows::{FileFacts, Row, RowSource, ValidRow},
};

/// The maximum number of chunks that wait for the database. With the size of a chunk, it bounds the memory.
const MAX_WAITING_CHUNKS: usize = 4;

/// The number of invalid rows after which reading stops, because the file is probably the wrong one.
const MAX_INVALID_ROWS: usize = 1_000;

/// The number of rows between two calls of the progress listener.
const PROGRESS_INTERVAL: u64 = 4_096;

/// A running reader thread.
pub struct ReaderHandle {
    /// The chunks to copy. The channel closes when reading ends or fails.
    pub chunks: mpsc::Receiver<Chunk>,
    /// The result of reading.
    pub result: oneshot::Receiver<Result<ReadStats, ImportError>>,
}

/// Starts the reader thread.
///
/// It is a plain thread, because the program doesn't wait for a plain thread when it exits. The thread may block on
/// standard input forever.
pub fn start(
    rows: impl RowSource + 'static,
    skip_bad_rows: bool,
    progress: Arc<dyn ProgressListener>,
) -> ReaderHandle {
    let (sender, chunks) = mpsc::channel(MAX_WAITING_CHUNKS);
    let (result_sender, result) = oneshot::channel();
    thread::spawn(move || {
        let stats = read(rows, skip_bad_rows, &*progress, &sender);
        drop(sender);
        // The receiver is only dropped after another error.
        let _ = result_sender.send(stats);
    });
    ReaderHandle { chunks, result }
}

fn read(
    mut rows: impl RowSource,
    skip_bad_rows: bool,
    progress: &dyn ProgressListener,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<ReadStats, ImportError> {
    let mut reader = Reader {
        skip_bad_rows,
        progress,
        chunks,
        stager: Stager::default(),
        stats: ReadStats::default(),
        invalid: InvalidRows::default(),
    };
    let mut end = Ok(());
    rows.read(&mut |row| match reader.process(row) {
        Ok(()) if reader.invalid.rows < MAX_INVALID_ROWS => ControlFlow::Continue(()),
        result => {
            end = result;
            ControlFlow::Break(())
        }
    })?;
    end?;
    reader.stager.add_files(rows.files());
    reader.finish(rows.file_facts())
}

/// The consumer of the rows.
struct Reader<'a> {
    skip_bad_rows: bool,
    progress: &'a dyn ProgressListener,
    chunks: &'a mpsc::Sender<Chunk>,
    stager: Stager,
    stats: ReadStats,
    invalid: InvalidRows,
}

impl Reader<'_> {
    fn process(&mut self, Row { position, content }: Row) -> Result<(), ImportError> {
        // One row can give several records.
        if self.stats.count_row(position) && self.stats.rows.is_multiple_of(PROGRESS_INTERVAL) {
            self.progress.on_rows_read(self.stats.rows);
        }
        match content {
            Ok(ValidRow { record, warnings }) => {
                self.stats.count(position, &record, &warnings);
                self.stager.add(position, &record);
            }
            Err(row) if self.skip_bad_rows => self.stager.reject(position, &row),
            Err(row) => {
                let errors = row.errors.into_iter();
                self.invalid.add(errors.map(|error| Rejection {
                    position,
                    error,
                    row: row.text.clone(),
                    candidates: Vec::new(),
                }));
            }
        }
        // After an invalid row, nothing will be stored.
        if self.invalid.rows == 0
            && let Some(chunk) = self.stager.take_full_chunk()
        {
            self.send(chunk)?;
        }
        Ok(())
    }

    fn finish(mut self, facts: FileFacts) -> Result<ReadStats, ImportError> {
        self.progress.on_rows_read(self.stats.rows);
        self.stats.file_facts = facts;
        if self.invalid.rows > 0 {
            return Err(ImportError::Rejected {
                first: self.invalid.first,
                total: self.invalid.rows,
                and_more: self.invalid.rows >= MAX_INVALID_ROWS,
                stats: Box::new(self.stats),
            });
        }
        for chunk in mem::take(&mut self.stager).into_chunks() {
            self.send(chunk)?;
        }
        Ok(self.stats)
    }

    /// Sends a chunk. It only fails after an error of the database, which the receiver reports.
    fn send(&self, chunk: Chunk) -> Result<(), ImportError> {
        self.chunks
            .blocking_send(chunk)
            .map_err(|_| ImportError::ReaderThread)
    }
}

/// The invalid rows that fail the import.
#[derive(Default)]
struct InvalidRows {
    rows: usize,
    first: Vec<Rejection>,
}

impl InvalidRows {
    fn add(&mut self, errors: impl Iterator<Item = Rejection>) {
        self.rows += 1;
        let capacity = MAX_REJECTIONS_IN_ERROR.saturating_sub(self.first.len());
        self.first.extend(errors.take(capacity));
    }
}
