//! Facts of the documentation that no other test checks.

use std::fs;

use marquee::catalogue::Column;

use crate::support::root;

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
fn tests_named_in_the_readme_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let limits = readme.split("## Limits").nth(1).unwrap();
    let rows = limits.lines().filter(|line| line.starts_with("| "));
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

#[test]
fn every_column_of_the_format_is_documented() {
    let document = fs::read_to_string(root().join("docs/catalogue.md")).unwrap();
    let table = columns();
    assert!(document.ends_with(&table), "the table should be:\n{table}");
}
