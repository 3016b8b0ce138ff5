//! The maximum lengths of files and functions.

use super::files;

const MAX_FILE_LINES: usize = 400;

const MAX_FUNCTION_LINES: usize = 60;

/// Returns whether a function begins in a line.
fn begins_function(line: &str) -> bool {
    line.split_once("fn ").is_some_and(|(before, name)| {
        let mut modifiers = before.split_whitespace();
        modifiers
            .all(|word| word.starts_with("pub") || ["const", "async", "unsafe"].contains(&word))
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    })
}

/// Returns the first line and the number of lines of each function. Relies on rustfmt's indentation.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        if !begins_function(line) {
            continue;
        }
        let indentation: String = line.chars().take_while(|c| *c == ' ').collect();
        let end = format!("{indentation}}}");
        // A trait method without a body ends with its signature.
        let declared = format!("{indentation})");
        let is_end = |line: &str| line == end || line.starts_with(&declared) && line.ends_with(';');
        let is_one_line = line.ends_with(['}', ';']);
        let length = lines[start..]
            .iter()
            .position(|line| is_one_line || is_end(line));
        found.push((line.trim().to_owned(), length.unwrap() + 1));
    }
    found
}

#[test]
fn files_and_functions_stay_within_their_length_limits() {
    let directories = [
        "src",
        "tests",
        "benches",
        "entity",
        "migration",
        "macros",
        "fuzz/fuzz_targets",
    ];
    let mut too_long = Vec::new();
    for (path, text) in directories.iter().flat_map(|directory| files(directory)) {
        let lines = text.lines().count();
        if lines > MAX_FILE_LINES {
            too_long.push(format!("{}: {lines} lines", path.display()));
        }
        for (name, length) in functions(&text) {
            if length > MAX_FUNCTION_LINES {
                too_long.push(format!("{}: {length} lines: {name}", path.display()));
            }
        }
    }
    assert_eq!(too_long, [""; 0]);
}
