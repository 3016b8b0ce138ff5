//! The command `documents check`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use tempfile::TempDir;

use crate::support::program::{CommandResult, marquee, run};

/// Runs `documents check` without a database.
fn check(arguments: &[&str]) -> CommandResult {
    let mut command = marquee(&["documents", "check"]);
    command.args(arguments);
    command.env("DATABASE_URL", "postgres://127.0.0.1:1/nothing");
    run(command)
}

fn write(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn each_document_that_a_schema_breaks_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let sdl = run(marquee(&["schema"])).output();
    let new = sdl.replace("\truntimeMinutes: ", "\tlength: ");
    assert_ne!(new, sdl);
    let new = write(&directory, "new.graphql.txt", &new);
    write(
        &directory,
        "film.graphql",
        "query Runtime {\n  film(by: {slug: \"lamp\"}) { title runtimeMinutes }\n}",
    );
    write(
        &directory,
        "title.graphql",
        "query Title { film(by: {slug: \"lamp\"}) { title } }",
    );
    let manifest = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [
        { "id": "first", "name": "Runtime", "type": "query", "body": "query Runtime { films { nodes { runtimeMinutes } } }" },
        { "id": "second", "name": "Title", "type": "query", "body": "query Title { films { nodes { title } } }" },
        { "id": "third", "name": "", "type": "query", "body": "{ films { nodes { runtimeMinutes } }" },
    ] });
    let manifest = write(&directory, "manifest.json", &manifest.to_string());

    let valid = check(&[text(directory.path())]);
    assert_eq!(valid.output(), "all 2 documents are valid\n");

    let broken = check(&["--schema", text(&new), text(directory.path())]);
    assert_eq!(broken.status.code(), Some(1));
    let lines: Vec<_> = broken.stdout.lines().collect();
    assert!(lines[0].contains("film.graphql: Runtime ("), "{broken:?}");
    assert!(
        lines[0].contains("runtimeMinutes") && lines[0].contains(": 2:36: "),
        "{broken:?}"
    );
    assert_eq!(lines[1..], ["1 of 2 documents are invalid"]);

    let broken = check(&["--schema", text(&new), text(&manifest)]);
    let lines: Vec<_> = broken.stdout.lines().collect();
    assert!(
        lines[0].contains("manifest.json: Runtime (first): "),
        "{broken:?}"
    );
    assert!(
        lines[1].contains("a document without names (third): "),
        "{broken:?}"
    );
    assert_eq!(lines[2..], ["2 of 3 documents are invalid"]);
}

#[test]
fn what_is_no_schema_or_has_no_documents_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let nothing = check(&[text(directory.path())]);
    assert!(
        nothing.error().contains("it contains no documents"),
        "{nothing:?}"
    );
    let document = write(&directory, "title.graphql", "{ films { totalCount } }");
    let result = check(&["--schema", text(&document), text(directory.path())]);
    assert!(
        result
            .error()
            .contains("it has to be a schema as `marquee schema` prints it"),
        "{result:?}"
    );
    let result = check(&["--schema", "nowhere.graphql", text(directory.path())]);
    assert!(
        result.error().starts_with("error: nowhere.graphql: "),
        "{result:?}"
    );
}
