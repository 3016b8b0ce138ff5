//! Facts of the documentation that no other test checks, and its form.

mod search;

use std::{env, fs, path::Path};

use marquee::catalogue::Column;

use crate::support::root;

/// Asserts that a file has this text. With the environment variable `MARQUEE_UPDATE_DOCS=1`, writes the text instead.
pub fn assert_document(path: &str, expected: &str) {
    if env::var("MARQUEE_UPDATE_DOCS").is_ok_and(|value| value == "1") {
        fs::write(root().join(path), expected).unwrap();
        return;
    }
    let text = read(path);
    // The end of the shorter text differs as well.
    let lines = text.split('\n').chain([""]);
    let expected_lines = expected.split('\n').chain([""]);
    for (index, (line, expected_line)) in lines.zip(expected_lines).enumerate() {
        assert!(
            line == expected_line,
            "{path} is out of date in line {}. Update it by\n\n    \
             MARQUEE_UPDATE_DOCS=1 cargo test --test it -- docs:: configuration::\n\n\
             The line is     {line:?}\nand should be   {expected_line:?}",
            index + 1
        );
    }
    assert_eq!(
        text.len(),
        expected.len(),
        "{path} has lines that should be removed or added"
    );
}

/// Returns the text of a file of the checkout; an empty string if it doesn't exist.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Returns the paths of the documents, relative to the checkout.
fn documents() -> Vec<String> {
    let documents = fs::read_dir(root().join("docs")).unwrap();
    let mut paths: Vec<String> = documents
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|path| Path::new(path).extension().is_some_and(|end| end == "md"))
        .collect();
    paths.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned));
    paths
}

/// Returns the code spans of a text, outside of fenced blocks.
fn code_spans(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .collect()
}

/// Returns the anchor that GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let characters = heading.chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ => character.is_alphanumeric().then_some(character),
    });
    characters.collect()
}

#[test]
fn lines_of_documents_have_at_most_120_characters() {
    for path in documents() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            // A row of a table can't be wrapped.
            let fits = line.starts_with('|') || line.chars().count() <= 120;
            assert!(fits, "{path}:{number}: {line}");
        }
    }
    assert!(read("README.md").lines().count() <= 200);
}

#[test]
fn links_of_documents_lead_to_files_and_headings() {
    let mut links = 0;
    for path in documents() {
        let text = read(&path);
        let directory = Path::new(&path).parent().unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() {
                root().join(&path)
            } else {
                root().join(directory).join(target)
            };
            assert!(target.exists(), "{path}: {link}");
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line) == heading),
                    "{path}: {link}"
                );
            }
        }
    }
    assert!(links > 50, "{links}");
}

#[test]
fn files_that_documents_name_exist() {
    let roots = [
        "src/",
        "tests/",
        "docs/",
        "entity/",
        "migration/",
        "macros/",
        "benches/",
        "fuzz/",
        "scripts/",
    ];
    let mut files = 0;
    for path in documents() {
        let text = read(&path);
        for span in code_spans(&text) {
            let is_path = roots.iter().any(|root| span.starts_with(root));
            let is_pattern = span.contains(['*', ' ', '<']) || span.contains("DATE");
            if is_path && !is_pattern {
                files += 1;
                assert!(root().join(span).exists(), "{path}: {span}");
            }
        }
    }
    assert!(files > 50, "{files}");
}

/// Returns the table of columns that the documentation must contain.
fn columns() -> String {
    let mut table = String::from("| column | what it holds | other names |\n|---|---|---|\n");
    for column in Column::ALL {
        let aliases: Vec<String> = column
            .aliases()
            .iter()
            .map(|alias| format!("`{alias}`"))
            .collect();
        let row = format!(
            "| `{}` | {} | {} |\n",
            column.name(),
            column.description(),
            aliases.join(" ")
        );
        table.push_str(&row);
    }
    table
}

#[test]
fn tests_named_in_the_documentation_exist() {
    let limits = read("docs/limits.md");
    let tests = limits.split("\n## Tests\n").nth(1).unwrap();
    let rows = tests.lines().filter(|line| line.starts_with("| "));
    let columns = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let names = columns
        .flat_map(|column| column.split(", "))
        .filter_map(|name| {
            let name = name.strip_prefix('`')?.strip_suffix('`')?;
            name.contains('_').then_some(name)
        });
    let names: Vec<_> = names.collect();
    assert!(names.len() > 20, "{names:?}");
    let tests = all_tests();
    for name in names {
        assert!(
            tests.contains(&format!("fn {name}(")),
            "no test is called {name}"
        );
    }
}

/// Returns the concatenated sources of the integration tests.
fn all_tests() -> String {
    let (mut directories, mut texts) = (vec![root().join("tests/it")], String::new());
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts += &fs::read_to_string(path).unwrap();
            }
        }
    }
    texts
}

/// Returns the table of layouts that the documentation must contain.
fn layouts() -> String {
    let mut table = String::from(LAYOUTS);
    for layout in marquee::import::layouts::all().unwrap() {
        let columns: Vec<String> = layout
            .required
            .iter()
            .map(|column| format!("`{column}`"))
            .collect();
        let (name, title, about) = (&layout.name, &layout.title, &layout.about);
        let columns = columns.join(" ");
        let row = format!("| `{name}` | {title} | {columns} | {about} |\n");
        table.push_str(&row);
    }
    table
}

/// The head of the table of layouts.
const LAYOUTS: &str = "| layout | what it is | columns | what comes of it |\n|---|---|---|---|\n";

#[test]
fn every_column_and_layout_is_documented() {
    const HEADING: &str = "\n## The columns\n\n";
    let document = read("docs/catalogue.md");
    let (before, _) = document.split_once(HEADING).unwrap();
    let (before, _) = before.split_once(LAYOUTS).unwrap();
    let expected = format!("{before}{}{HEADING}{}", layouts(), columns());
    assert_document("docs/catalogue.md", &expected);
}
