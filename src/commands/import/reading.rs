//! A dry run without a database to compare with: it reads every row, and counts what it would store.

use std::{
    error::Error,
    io::{self, Write as _},
    ops::ControlFlow,
    thread,
};

use futures_channel::oneshot;

use super::{
    RejectsTarget, error_message, finish_rejects, progress::ProgressDisplay,
    rejects::RejectsWriter, summary, unless_unread,
};
use crate::{
    catalogue::record::Record,
    commands::CommandResult,
    import::{
        report::ReadStats,
        rows::{FileError, Row, RowSource},
        source,
        store::bulk::{
            ProgressListener,
            error::{ImportError, Rejection},
        },
    },
};

/// The maximum number of rejections that an error lists.
const MAX_LISTED: usize = 20;

/// The number of rows between two updates of the progress.
const PROGRESS_INTERVAL: u64 = 4_096;

/// The nouns of the kinds of records, in the order of the summary.
const KINDS: [&str; 5] = [
    "films",
    "critics",
    "publications",
    "published scores",
    "reviews",
];

/// What was read.
#[derive(Default)]
struct Readings {
    counts: [u64; KINDS.len()],
    stats: ReadStats,
    first: Vec<Rejection>,
    rejected: usize,
}

impl Readings {
    fn add(
        &mut self,
        row: Row,
        rejects: Option<&mut RejectsWriter>,
        files: &[String],
    ) -> io::Result<()> {
        self.stats.count_row(row.position);
        let invalid = match row.content {
            Ok(valid) => {
                let kind = match &valid.record {
                    Record::Film(_) => 0,
                    Record::Critic(_) => 1,
                    Record::Publication(_) => 2,
                    Record::PublishedScore(_) => 3,
                    Record::Review(_) => 4,
                };
                self.counts[kind] += 1;
                self.stats
                    .count(row.position, &valid.record, &valid.warnings);
                return Ok(());
            }
            Err(invalid) => invalid,
        };
        self.rejected += 1;
        let mut rejections: Vec<Rejection> = invalid
            .errors
            .into_iter()
            .map(|error| Rejection {
                position: row.position,
                error,
                row: invalid.text.clone(),
                candidates: Vec::new(),
            })
            .collect();
        if let Some(rejects) = rejects {
            for rejection in &rejections {
                rejects.add(rejection, files)?;
            }
        } else {
            rejections.truncate(MAX_LISTED.saturating_sub(self.first.len()));
            self.first.append(&mut rejections);
        }
        Ok(())
    }
}

/// An error while the rows are read.
enum ReadError {
    File(FileError),
    Rejects(io::Error),
}

/// Reads every row and prints the numbers of records. `reason` says why there is no database to compare with.
pub async fn read_only(
    mut rows: impl RowSource + 'static,
    skip_bad_rows: bool,
    progress: Vec<source::Progress>,
    rejects: RejectsTarget,
    reason: &str,
) -> CommandResult {
    let files = rows.files().to_vec();
    let mut rejects = rejects.create()?;
    let display = ProgressDisplay::start(progress);
    let listener = display.listener();
    let (sender, receiver) = oneshot::channel();
    // The rows may come from a pipe, so the thread may block forever.
    thread::spawn(move || {
        let mut readings = Readings::default();
        let result = read(
            &mut rows,
            &mut readings,
            &*listener,
            skip_bad_rows.then_some(&mut rejects),
        );
        // Without a receiver, a signal has ended the command.
        let _ = sender.send(result.map(|()| (readings, rejects)));
    });
    let result = receiver.await.map_err(|_| "the reading thread panicked")?;
    drop(display);
    let (readings, rejects) = match result {
        Ok(read) => read,
        Err(ReadError::File(error)) => return Err(format!("{error}; nothing was stored").into()),
        Err(ReadError::Rejects(error)) => return Err(error.into()),
    };
    let rejected = readings.rejected;
    if rejected > 0 && !skip_bad_rows {
        return Err(rejection(readings, &files));
    }
    finish_rejects(rejects, rejected)?;
    unless_unread(print(&readings, &files, reason))
}

fn read(
    rows: &mut impl RowSource,
    readings: &mut Readings,
    listener: &dyn ProgressListener,
    mut rejects: Option<&mut RejectsWriter>,
) -> Result<(), ReadError> {
    let files = rows.files().to_vec();
    let mut written = Ok(());
    rows.read(&mut |row| {
        written = readings.add(row, rejects.as_deref_mut(), &files);
        if readings.stats.rows.is_multiple_of(PROGRESS_INTERVAL) {
            listener.on_rows_read(readings.stats.rows);
        }
        if written.is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .map_err(ReadError::File)?;
    readings.stats.file_facts = rows.file_facts();
    written.map_err(ReadError::Rejects)
}

fn rejection(readings: Readings, files: &[String]) -> Box<dyn Error> {
    let error = ImportError::Rejected {
        first: readings.first,
        total: readings.rejected,
        and_more: false,
        stats: Box::new(readings.stats),
    };
    error_message(&error, files).into()
}

fn print(readings: &Readings, files: &[String], reason: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (kind, count) in KINDS.iter().zip(readings.counts) {
        writeln!(out, "{kind}: {count} read")?;
    }
    summary::print_read_stats(&readings.stats, readings.rejected, files, &mut out)?;
    writeln!(out, "nothing to compare with: {reason}")?;
    summary::print_end(true, false, &mut out)
}
