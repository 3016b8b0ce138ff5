//! The sentences about the rows that an import read.

use super::{Occurrences, ReadStats};
use crate::import::rows::RowPosition;

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
