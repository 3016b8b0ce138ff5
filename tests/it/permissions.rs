//! Authorization: one table of fields and roles. `docs/access.md` repeats it, and a server is tested against each cell.

mod cells;
mod table;

use std::{collections::BTreeSet, fmt::Write, fs};

use self::table::{Caller, TABLE};
use crate::support::{TestServer, root};

/// Returns the root fields with their descriptions in one line: those of mutations, and the others.
async fn fields() -> (Vec<(String, String)>, Vec<(String, String)>) {
    let document = "{ __schema {
        mutationType { fields { name description } }
        queryType { fields { name description } }
        subscriptionType { fields { name description } }
    } }";
    let data = TestServer::empty().await.query(document).await;
    let of = |root: &str| -> Vec<_> {
        let fields = data["__schema"][root]["fields"].as_array();
        fields
            .into_iter()
            .flatten()
            .map(|field| {
                let text = |key: &str| field[key].as_str().unwrap();
                let words: Vec<_> = text("description").split_whitespace().collect();
                (text("name").to_owned(), words.join(" "))
            })
            .collect()
    };
    let mut others = of("queryType");
    others.extend(of("subscriptionType"));
    (of("mutationType"), others)
}

const NEEDS: &str = "Requires the role ";

#[tokio::test]
async fn every_field_that_requires_a_role_is_in_the_table() {
    let (mutations, others) = fields().await;
    assert!(!mutations.is_empty());
    let found: BTreeSet<_> = mutations
        .iter()
        .chain(others.iter().filter(|(_, text)| text.contains(NEEDS)))
        .map(|(name, _)| name.as_str())
        .collect();
    let listed: BTreeSet<_> = TABLE.iter().map(|row| row.field).collect();
    assert_eq!(found, listed);
}

#[tokio::test]
async fn descriptions_name_the_role_of_the_table() {
    let (mutations, others) = fields().await;
    for (name, description) in mutations.iter().chain(&others) {
        let mut rows = TABLE.iter().filter(|row| row.field == name).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let may = |caller: Caller| {
            TABLE
                .iter()
                .any(|row| row.field == name && row.may[caller as usize])
        };
        // A role includes those below it. Only fields for critics name two roles, with different scopes.
        let expected: &[&str] = match (may(Caller::OwnCritic), may(Caller::Editor)) {
            (true, _) => &["CRITIC", "EDITOR"],
            (false, true) => &["EDITOR"],
            (false, false) => &["ADMIN"],
        };
        let (_, needed) = description.split_once(NEEDS).unwrap_or_else(|| {
            panic!("{name} doesn't name the role that it requires: {description}")
        });
        let named: Vec<_> = needed
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|word| ["ANONYMOUS", "CRITIC", "EDITOR", "ADMIN"].contains(word))
            .collect();
        assert_eq!(named, expected, "{name}: {description}");
    }
}

#[test]
fn each_role_includes_the_lower_ones() {
    for row in TABLE {
        let [anonymous, own, others, editor, admin] = row.may;
        let rises = [
            (anonymous, others),
            (others, own),
            (own, editor),
            (editor, admin),
        ]
        .iter()
        .all(|(lower, higher)| !lower || *higher);
        assert!(rises && admin && !anonymous, "{}", row.title());
    }
}

/// Returns the table as `docs/access.md` must contain it.
fn markdown() -> String {
    let mut table = String::from(
        "| | anonymous | critic, own | critic, another's | editor | admin |\n|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let cells = row.may.map(|may| if may { "yes" } else { "–" }).join(" | ");
        writeln!(table, "| {} | {cells} |", row.title()).unwrap();
    }
    table
}

#[test]
fn the_documentation_has_the_table() {
    const HEADING: &str = "Who may do what\n";
    let document = fs::read_to_string(root().join("docs/access.md")).unwrap();
    let mut sections = document.split("\n## ");
    let section = sections.find(|section| section.starts_with(HEADING));
    let table = markdown();
    let section = section.expect("a section \"Who may do what\"");
    assert!(section.ends_with(&table), "the table must be:\n{table}");
}
