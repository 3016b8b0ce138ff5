//! Backups that can't be made or restored change nothing.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use super::{back_up, contents, in_a_runtime, mode, path, restore_into};
use crate::support::{
    TestDatabase,
    postgres::can_dump,
    program::{DataDir, Session, marquee, run, url},
    root,
};

#[test]
fn a_file_that_is_no_complete_backup_changes_and_creates_nothing() {
    if !can_dump() {
        return;
    }
    let (dir, fresh) = (DataDir::migrated(), DataDir::new());
    let server = dir.serve(&["--demo"]);
    let file = back_up(&dir);
    let before = contents(&dir.session());
    let bytes = fs::read(&file).unwrap();
    let damaged = dir.sibling("damaged");
    let mut flipped = bytes.clone();
    let middle = bytes.len() * 3 / 4;
    flipped[middle..middle + 64].fill(0xff);
    let cases = [
        Vec::new(),
        b"film,critic,score\nLamp,Ann,10\n".to_vec(),
        bytes[..100].to_vec(),
        bytes[..bytes.len() / 3].to_vec(),
        bytes[..bytes.len() * 9 / 10].to_vec(),
        bytes[..bytes.len() - 1].to_vec(),
        flipped,
    ];
    for (number, case) in cases.iter().enumerate() {
        fs::write(&damaged, case).unwrap();
        let result = dir.run(&["restore", path(&damaged), "--replace"]);
        assert_eq!(result.status.code(), Some(1), "{number}: {result:?}");
        assert!(contents(&dir.session()) == before, "{number}: {result:?}");
    }
    for unreadable in [dir.sibling("nothing"), dir.sibling("")] {
        let result = dir.run(&["restore", path(&unreadable), "--replace"]);
        assert!(
            result.error().contains("is not a backup of Marquee"),
            "{result:?}"
        );
    }
    fs::write(&damaged, &cases[1]).unwrap();
    let result = fresh.run(&["restore", path(&damaged), "--create"]);
    assert!(
        result.error().contains("is not a backup of Marquee"),
        "{result:?}"
    );
    assert!(!fresh.path().exists());
    assert_eq!(server.titles()["films"]["totalCount"], 12);
}

/// Writes an archive of `pg_dump` itself.
fn dump(database: &TestDatabase, file: &std::path::Path) {
    let output = fs::File::create(file).unwrap();
    let status = Command::new("pg_dump")
        .args(["--format=custom", &url(&database.options())])
        .stdout(Stdio::from(output))
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_backup_of_a_newer_version_is_refused_before_anything_is_created() {
    if !can_dump() {
        return;
    }
    let from = in_a_runtime(TestDatabase::empty());
    in_a_runtime(from.execute(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99999999_999999_later', 1)",
    ));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    dump(&from, &file);
    let fresh = DataDir::new();
    for more in [&["--create"][..], &["--replace"]] {
        let result = fresh.run(&[&["restore", path(&file)], more].concat());
        let error = result.error();
        assert!(
            error.contains("a newer version of Marquee")
                && error.contains("m99999999_999999_later"),
            "{error}"
        );
        assert!(!fresh.path().exists());
    }
    let other = in_a_runtime(TestDatabase::bare());
    let session = Session::open(&other.options());
    session.execute("CREATE TABLE orders (id int)");
    dump(&other, &file);
    let result = fresh.run(&["restore", path(&file), "--create"]);
    assert!(
        result.error().contains("it has none of its tables"),
        "{result:?}"
    );
}

#[test]
fn a_schema_with_tables_of_another_program_is_not_replaced() {
    if !can_dump() {
        return;
    }
    let dir = DataDir::migrated();
    let file = back_up(&dir);
    let database = in_a_runtime(TestDatabase::demo());
    let session = Session::open(&database.options());
    session.execute("CREATE TABLE orders (film_id bigint REFERENCES film); CREATE VIEW hits AS SELECT * FROM film");
    let before = contents(&session);
    for more in [&[][..], &["--replace"]] {
        let result = restore_into(&database, &file, more);
        let error = result.error();
        assert!(
            error.contains("tables that are not Marquee's (hits, orders)"),
            "{error}"
        );
    }
    assert_eq!(contents(&session), before);
}

#[test]
fn a_backup_of_another_schema_is_refused_with_both_names() {
    if !can_dump() {
        return;
    }
    let dir = DataDir::migrated();
    let file = back_up(&dir);
    let database = in_a_runtime(TestDatabase::bare());
    in_a_runtime(database.execute("CREATE SCHEMA films"));
    let mut command = marquee(&["restore", path(&file)]);
    let url = format!("{}?options=-csearch_path%3Dfilms", url(&database.options()));
    command.env("DATABASE_URL", url);
    let result = run(command);
    let error = result.error();
    assert!(
        error.contains("in the schema public, and the database has them in films"),
        "{error}"
    );
}

#[test]
fn a_backup_that_fails_leaves_the_earlier_one() {
    if !can_dump() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    fs::write(&file, "the earlier one").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let database = in_a_runtime(TestDatabase::demo());
    in_a_runtime(database.execute(crate::support::GRANTS));
    // This role can't read the hashes of tokens.
    let mut command = marquee(&["backup", path(&file)]);
    command.env("DATABASE_URL", url(&database.serving_options()));
    let result = run(command);
    assert!(result.error().contains("pg_dump failed: "), "{result:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "the earlier one");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    // What others could read before is replaced by a file that they can't read.
    let mut command = marquee(&["backup", path(&file)]);
    command.env("DATABASE_URL", url(&database.options()));
    run(command).output();
    assert_eq!(mode(&file), 0o600);
    for target in [directory.path(), root().join("missing/backup").as_path()] {
        let mut command = marquee(&["backup", path(target)]);
        command.env("DATABASE_URL", url(&database.options()));
        let result = run(command);
        assert!(result.error().contains(path(target)), "{result:?}");
    }
}
