//! Imports, exports, generated catalogues and repaired tallies, with the program itself.

mod bad_files;
mod bylines;
mod concurrent_writers;
mod export;
mod film_details;
mod generate;
mod layout_grades;
mod layout_hints;
mod layout_options;
mod layout_parts;
mod layout_properties;
mod layout_refusals;
mod layout_rejects;
mod layout_samples;
mod layout_values;
mod layouts;
mod name_resolution;
mod parsing;
mod reimport;
mod rejected_rows;
mod repair;
mod repeated_reviews;
mod round_trip;
mod row_kinds;
mod rt;
mod rt_sample;
mod running_imports;
mod several_files;
mod weights;
mod workspace;

use std::{fs, path::Path, process::Command};

use self::workspace::{CHECK_PASSED, COUNTS, Workspace, in_a_runtime, wait_until};
use crate::support::{program::CommandResult, root};

/// The result of [`Workspace::counts`] for a database without rows.
const NO_ROWS: &str = "films 0, critics 0, publications 0, reviews 0, scores 0, ids 0, revisions 0";

/// Returns the error of a failed import, with the rows that it lists.
fn import_error(result: &CommandResult) -> &str {
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let error = result.stderr.strip_prefix("error: ");
    error.unwrap_or_else(|| panic!("{result:?}")).trim_end()
}

/// Asserts that a text has all of these lines.
fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(
            text.lines().any(|other| other == *line),
            "no line {line:?} in:\n{text}"
        );
    }
}

/// Creates a named pipe.
fn mkfifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status();
    assert!(status.unwrap().success());
}

/// Returns the text of a test fixture.
fn fixture(name: &str) -> String {
    fs::read_to_string(root().join("tests/it/fixtures").join(name)).unwrap()
}
