//! The summary of an import.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use marquee::import::report::{ReadStats, Report};

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
    let changed = [films, critics, publications, published_scores, reviews]
        .into_iter()
        .any(|changes| changes.has_changes());
    print_end(dry_run, changed, &mut out)
}

/// Prints the last line of the summary of any import.
pub fn print_end(dry_run: bool, changed: bool, out: &mut impl io::Write) -> io::Result<()> {
    match (dry_run, changed) {
        (true, _) => writeln!(out, "dry run: nothing was stored"),
        (false, true) => writeln!(out, "stored"),
        (false, false) => writeln!(out, "nothing changed"),
    }
}

/// Prints a note to standard error if the summary of a stored import could not be printed. That is not a failure of the
/// import.
pub fn report_unprinted(printed: io::Result<()>) {
    if let Err(error) = printed {
        let _ = writeln!(
            io::stderr(),
            "stored, but the summary could not be printed: {error}"
        );
    }
}

fn print_scores(read: &ReadStats, out: &mut impl io::Write) -> io::Result<()> {
    let all: u64 = read.scores.values().sum();
    let mut line = format!("scores: {all} read");
    for (number, (rule, count)) in read.scores.iter().enumerate() {
        let mark = if number == 0 { ':' } else { ',' };
        let rule = format!("{rule:?}").to_lowercase();
        let _ = write!(line, "{mark} {count} {rule}");
    }
    writeln!(out, "{line}")?;
    for (form, (count, example)) in &read.unparsed_scores {
        writeln!(
            out,
            "scores not read: {count} with {form}, such as {example:?}"
        )?;
    }
    Ok(())
}

fn print_warnings(read: &ReadStats, out: &mut impl io::Write) -> io::Result<()> {
    for (remark, count) in &read.remarks {
        writeln!(out, "warning: {count} × {remark}")?;
    }
    let gleaned = &read.file_facts;
    for (columns, text) in [
        (
            &gleaned.unknown_columns,
            "warning: unknown columns were not read",
        ),
        (&gleaned.unused_columns, "unused columns were not read"),
    ] {
        if !columns.is_empty() {
            let names: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
            writeln!(out, "{text}: {}", names.join(", "))?;
        }
    }
    for file in &gleaned.without_last_line_break {
        writeln!(
            out,
            "warning: {file} doesn't end with a line break; its last row may have been cut short"
        )?;
    }
    Ok(())
}
