//! The sentences about the rows that an import read.

use super::{Occurrences, ReadStats, Report};
use crate::import::{FoldedName, rows::RowPosition};

/// The maximum number of names that a sentence lists.
const MAX_NAMES: usize = 10;

impl Report {
    /// Returns the sentences about what was stored: bylines that name another critic, critics with several reviews of a
    /// film, and names that were matched although they differ in case.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        let folded = self.folded_names();
        let folded = folded.map(|(head, names)| format!("{head}: {}", names.join("; ")));
        [self.foreign_bylines(), self.several_reviews(), folded]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Returns the sentence about bylines; `None` if there is nothing to say.
    #[must_use]
    pub fn foreign_bylines(&self) -> Option<String> {
        let bylines = &self.foreign_bylines;
        let first = bylines.first.as_ref()?;
        Some(format!(
            "warning: {} × byline is the name of another critic than the review's, such as {first:?}",
            bylines.count
        ))
    }

    /// Returns the sentence about critics with several reviews of a film, with the first of them; `None` if there are none.
    #[must_use]
    pub fn several_reviews(&self) -> Option<String> {
        let several = &self.several_reviews;
        if several.count == 0 {
            return None;
        }
        let first = several.first.iter();
        let mut named: Vec<String> = first
            .map(|(critic, film, reviews)| format!("{critic:?} of {film:?} ({reviews})"))
            .collect();
        if several.count > named.len() {
            named.push("…".to_owned());
        }
        Some(format!(
            "warning: {} × a critic has several reviews of a film, of which a mutation allows one unless the site rule \
             `moreReviewsPerCritic` is set: {}",
            several.count,
            named.join(", ")
        ))
    }

    /// Returns the start of the sentence about names that differ in case, and its items; `None` if there are none.
    #[must_use]
    pub fn folded_names(&self) -> Option<(String, Vec<String>)> {
        folded_names(&self.folded_names, self.folded_name_count)
    }
}

/// Returns the start of the sentence about names that differ in case from those that they mean, and its items: the first
/// of the names, of which there are `total`. `None` if there are none.
#[must_use]
pub fn folded_names(names: &[FoldedName], total: usize) -> Option<(String, Vec<String>)> {
    if total == 0 {
        return None;
    }
    let listed = names.iter().take(MAX_NAMES);
    let more = total - listed.len();
    let mut listed: Vec<String> = listed.map(FoldedName::to_string).collect();
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    let head = format!("warning: names were matched that differ in case: {total}");
    Some((head, listed))
}

impl ReadStats {
    /// Returns the sentences about the rows and the files that were read: scores that no rule could read, warnings, and
    /// what was left out.
    #[must_use]
    pub fn messages(&self, files: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        for (form, (occurrences, example)) in &self.unparsed_scores {
            let (count, rows) = (occurrences.count, rows(occurrences, files));
            let rule = form.site_rule().map_or_else(String::new, |rule| {
                let (field, option) = (rule.field, rule.option);
                format!("; the site rule `{field}` or {option} sets the maximum")
            });
            lines.push(format!(
                "scores not read: {count} with {form}, such as {example:?} ({rows}){rule}"
            ));
        }
        for (warning, occurrences) in &self.warnings {
            let (count, rows) = (occurrences.count, rows(occurrences, files));
            lines.push(format!("warning: {count} × {warning} ({rows})"));
        }
        let facts = &self.file_facts;
        for (columns, text) in [
            (
                &facts.unknown_columns,
                "warning: unknown columns were not read",
            ),
            (&facts.unused_columns, "unused columns were not read"),
        ] {
            if !columns.is_empty() {
                let names: Vec<String> = columns.iter().map(|name| format!("{name:?}")).collect();
                lines.push(format!("{text}: {}", names.join(", ")));
            }
        }
        for (words, count) in &facts.left_out {
            lines.push(format!("left out: {count} × {words}"));
        }
        for file in &facts.without_last_line_break {
            lines.push(format!(
                "warning: {file} doesn't end with a line break; its last row may have been cut short"
            ));
        }
        lines
    }
}

/// Returns the first rows of a warning, such as "lines 4, 9, 12, …". Names the file if there are several.
fn rows(occurrences: &Occurrences, files: &[String]) -> String {
    let first = occurrences.first.iter().copied();
    let (word, mut names): (_, Vec<String>) = match files {
        [_] if occurrences.first.len() == 1 => ("line ", first.map(line).collect()),
        [_] => ("lines ", first.map(line).collect()),
        _ => {
            let named = first.map(|position| {
                let file = position.file_name(files);
                format!("{file} line {}", position.line())
            });
            ("", named.collect())
        }
    };
    if occurrences.count > names.len() as u64 {
        names.push("…".to_owned());
    }
    format!("{word}{}", names.join(", "))
}

fn line(position: RowPosition) -> String {
    position.line().to_string()
}
