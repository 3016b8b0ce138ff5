//! The summary of an import.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use crate::import::{
    FoldedName, SimilarName,
    report::{ReadStats, Report, folded_names},
};

/// Prints the summary of a bulk import of these files.
pub fn print(report: &Report, files: &[String], dry_run: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Report {
        films,
        critics,
        publications,
        published_scores,
        reviews,
        rejected,
        folded_names,
        folded_name_count,
        similar_names,
        read_stats,
        several_reviews: _,
        foreign_bylines: _,
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
    print_read_stats(read_stats, *rejected, files, &mut out)?;
    let messages = [report.foreign_bylines(), report.several_reviews()];
    for message in messages.into_iter().flatten() {
        writeln!(out, "{message}")?;
    }
    print_folded_names(folded_names, *folded_name_count, &mut out)?;
    print_similar_names(similar_names, &mut out)?;
    let has_changes = [films, critics, publications, published_scores, reviews]
        .into_iter()
        .any(|changes| changes.has_changes());
    print_end(dry_run, has_changes, &mut out)
}

/// Prints what was read: the numbers of rows and of scores, and the warnings.
pub fn print_read_stats(
    stats: &ReadStats,
    rejected: usize,
    files: &[String],
    out: &mut impl io::Write,
) -> io::Result<()> {
    writeln!(out, "rows: {} read, {rejected} rejected", stats.rows)?;
    writeln!(out, "{}", scores_line(stats))?;
    for warning in stats.messages(files) {
        writeln!(out, "{warning}")?;
    }
    Ok(())
}

/// Prints the new names that are similar to others.
pub fn print_similar_names(names: &[SimilarName], out: &mut impl io::Write) -> io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let remedies = [
        ("critic", "merge critics by `mergeCritics`"),
        ("publication", "merge publications by `mergePublications`"),
        (
            "film",
            "correct the titles in the file, and delete the new film by `deleteFilm`",
        ),
    ];
    let remedies = remedies.into_iter();
    let remedies = remedies.filter(|(kind, _)| names.iter().any(|name| name.kind == *kind));
    let remedies: Vec<&str> = remedies.map(|(_, remedy)| remedy).collect();
    let remedies = remedies.join("; ");
    writeln!(
        out,
        "warning: new names are similar to others; if they mean the same, {remedies}:"
    )?;
    for name in names {
        writeln!(out, "  {name}")?;
    }
    Ok(())
}

/// Prints the first names that differ in case from those that they mean. `total` is the number of all.
pub fn print_folded_names(
    names: &[FoldedName],
    total: usize,
    out: &mut impl io::Write,
) -> io::Result<()> {
    if let Some((head, names)) = folded_names(names, total) {
        writeln!(out, "{head}")?;
        for name in names {
            writeln!(out, "  {name}")?;
        }
    }
    Ok(())
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

fn scores_line(stats: &ReadStats) -> String {
    let total: u64 = stats.scores.values().sum();
    let mut line = format!("scores: {total} read");
    for (number, (rule, count)) in stats.scores.iter().enumerate() {
        let separator = if number == 0 { ':' } else { ',' };
        let rule = format!("{rule:?}").to_lowercase();
        let _ = write!(line, "{separator} {count} {rule}");
    }
    line
}
