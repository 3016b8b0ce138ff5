//! The bylines of imported reviews.

use super::{Workspace, assert_lines, fixture};
use crate::support::root;

const BYLINES: &str = "external_id, critic.name, byline FROM review LEFT JOIN critic ON critic.id = critic_id ORDER BY external_id";

#[test]
fn a_missing_byline_is_the_critics_name() {
    let workspace = Workspace::empty();
    let rows = "film,critic,byline,source,external_id\n\
        Quay,Ann Lee,,wire,1\nQuay,Bo Marsh,B. Marsh,wire,2\nQuay,,Staff,wire,3\n";
    workspace.csv(rows);
    let stored = [
        r#"(1,"Ann Lee","Ann Lee")"#,
        r#"(2,"Bo Marsh","B. Marsh")"#,
        "(3,,Staff)",
    ];
    assert_eq!(workspace.rows(BYLINES), stored);
    assert!(workspace.csv(rows).ends_with("nothing changed\n"));
    assert_eq!(workspace.rows(BYLINES), stored);
    // An empty cell removes a byline, so that the critic's name takes its place.
    let output = workspace.csv(&rows.replace("B. Marsh", ""));
    assert_lines(&output, &["reviews: 0 new, 1 changed, 2 the same"]);
    assert_eq!(workspace.rows(BYLINES)[1], r#"(2,"Bo Marsh","Bo Marsh")"#);
    workspace.assert_tallies();
}

#[test]
fn without_a_column_for_it_the_byline_follows_the_critic() {
    let workspace = Workspace::empty();
    workspace.csv(
        "film,critic,byline,source,external_id\nQuay,Ann Lee,,wire,1\nQuay,Bo Marsh,B. Marsh,wire,2\nQuay,,Staff,wire,3\n",
    );
    let others = "{\"film\": \"Quay\", \"critic\": \"Cleo Ost\", \"source\": \"wire\", \"external_id\": \"1\"}\n\
        {\"film\": \"Quay\", \"critic\": \"Cleo Ost\", \"source\": \"wire\", \"external_id\": \"2\"}\n\
        {\"film\": \"Quay\", \"critic\": \"Cleo Ost\", \"source\": \"wire\", \"external_id\": \"4\"}\n";
    workspace.jsonl(others);
    let stored = [
        r#"(1,"Cleo Ost","Cleo Ost")"#,
        r#"(2,"Cleo Ost","B. Marsh")"#,
        "(3,,Staff)",
        r#"(4,"Cleo Ost","Cleo Ost")"#,
    ];
    assert_eq!(workspace.rows(BYLINES), stored);
    assert!(workspace.jsonl(others).ends_with("nothing changed\n"));
    // A file without critics leaves those of the database.
    let bylines =
        "film,byline,recommended,source,external_id\nQuay,,yes,wire,1\nQuay,C. Ost,,wire,2\n";
    let output = workspace.csv(bylines);
    assert_lines(&output, &["reviews: 0 new, 2 changed, 0 the same"]);
    assert_eq!(workspace.rows(BYLINES)[0], stored[0]);
    assert_eq!(workspace.rows(BYLINES)[1], r#"(2,"Cleo Ost","C. Ost")"#);
}

#[test]
fn every_import_gives_reviews_with_a_critic_a_byline() {
    let workspace = Workspace::empty();
    let [films, reviews, page] = ["rt/movies.csv", "rt/reviews.csv", "page.txt"].map(|name| {
        root()
            .join("tests/it/fixtures")
            .join(name)
            .display()
            .to_string()
    });
    workspace
        .run(&["import", "rt", "--films", &films, "--reviews", &reviews])
        .output();
    workspace
        .run(&[
            "import",
            "page",
            &page,
            "--title=The Quiet Ferry",
            "--year=2001",
        ])
        .output();
    workspace.csv(&fixture("../../../docs/example.csv"));
    workspace.jsonl("{\"film\": \"Quay\", \"critic\": \"Ann Lee\"}\n");
    let counts =
        "SELECT (count(*) > 20)::text || ' ' || count(*) FILTER (WHERE byline IS NULL) AS value
        FROM review WHERE critic_id IS NOT NULL";
    assert_eq!(workspace.value(counts), "true 0");
}

#[test]
fn a_byline_that_is_another_critics_name_is_stored_with_a_warning() {
    let workspace = Workspace::empty();
    let rows = "film,critic,byline\nQuay,Ann Lee,bo marsh\nQuay,Bo Marsh,BO MARSH\nFerry,Ann Lee,A. Lee\nFerry,,Bo Marsh\n";
    let warning =
        "warning: 1 × byline is the name of another critic than the review's, such as \"bo marsh\"";
    assert_lines(&workspace.csv(rows), &[warning]);
    assert_eq!(
        workspace.rows("byline FROM review ORDER BY id"),
        [
            r#"("bo marsh")"#,
            r#"("BO MARSH")"#,
            r#"("A. Lee")"#,
            r#"("Bo Marsh")"#
        ]
    );
    assert_lines(&workspace.csv(rows), &[warning, "nothing changed"]);
}
