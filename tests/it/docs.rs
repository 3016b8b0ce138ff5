//! What the documents say that nothing else holds them to.

use std::fs;

use marquee::catalogue::Column;

use crate::support::root;

/// The table of the columns, as it has to stand in the document.
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
fn the_format_is_documented_column_by_column() {
    let document = fs::read_to_string(root().join("docs/catalogue.md")).unwrap();
    let table = columns();
    assert!(document.ends_with(&table), "the table should be:\n{table}");
}
