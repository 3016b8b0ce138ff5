//! The summary of an import.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use crate::import::report::{ReadStats, Report};

/// Prints the summary of a bulk import.
pub fn print(report: &Report, dry_run: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Report {
        films,
        critics,
        publications,
        published_scores,
        reviews,
        rejected,
        read_stats,
    } = report;
    for (kind, changes) in [
        ("films", films),
        ("critics", critics),
        ("publications", publications),
        ("published scores", published_scores),
    ] {
        writeln!(out, "{kind}: {changes}")?;
    }
    writeln!(out, "reviews: {reviews}")?;
    writeln!(out, "rows: {} read, {rejected} rejected", read_stats.rows)?;
    print_scores(read_stats, &mut out)?;
    print_warnings(read_stats, &mut out)?;
    let has_changes = [films, critics, publications, published_scores, reviews]
        .into_iter()
        .any(|changes| changes.has_changes());
    print_end(dry_run, has_changes, &mut out)
}

/// Prints the last line of the summary of any import.
pub fn print_end(dry_run: bool, has_changes: bool, out: &mut impl io::Write) -> io::Result<()> {
    match (dry_run, has_changes) {
        (true, _) => writeln!(out, "dry run: nothing was stored"),
        (false, true) => writeln!(out, "stored"),
        (false, false) => writeln!(out, "nothing changed"),
    }
}

/// Prints a note to standard error if the summary of a stored import could not be printed. That is not a failure of the
/// import.
pub fn report_unprinted(result: io::Result<()>) {
    if let Err(error) = result {
        let _ = writeln!(
            io::stderr(),
            "stored, but the summary could not be printed: {error}"
        );
    }
}

fn print_scores(stats: &ReadStats, out: &mut impl io::Write) -> io::Result<()> {
    let total: u64 = stats.scores.values().sum();
    let mut line = format!("scores: {total} read");
    for (number, (rule, count)) in stats.scores.iter().enumerate() {
        let separator = if number == 0 { ':' } else { ',' };
        let rule = format!("{rule:?}").to_lowercase();
        let _ = write!(line, "{separator} {count} {rule}");
    }
    writeln!(out, "{line}")?;
    for (form, (count, example)) in &stats.unparsed_scores {
        writeln!(
            out,
            "scores not read: {count} with {form}, such as {example:?}"
        )?;
    }
    Ok(())
}

fn print_warnings(stats: &ReadStats, out: &mut impl io::Write) -> io::Result<()> {
    for (warning, count) in &stats.warnings {
        writeln!(out, "warning: {count} × {warning}")?;
    }
    let facts = &stats.file_facts;
    for (columns, text) in [
        (
            &facts.unknown_columns,
            "warning: unknown columns were not read",
        ),
        (&facts.unused_columns, "unused columns were not read"),
    ] {
        if !columns.is_empty() {
            let names: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
            writeln!(out, "{text}: {}", names.join(", "))?;
        }
    }
    for file in &facts.without_last_line_break {
        writeln!(
            out,
            "warning: {file} doesn't end with a line break; its last row may have been cut short"
        )?;
    }
    Ok(())
}
