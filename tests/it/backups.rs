//! `backup` and `restore`.

mod drill;
mod refused;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
};

use marquee::database::schema::TABLES;

use crate::support::{
    GRANTS, TestDatabase,
    postgres::can_dump,
    program::{CommandResult, DataDir, Session, marquee, run, url},
};

/// Returns the rows of each table as text, with the number of the table's rows.
fn contents(session: &Session) -> Vec<String> {
    let tables = TABLES.iter().chain(&["seaql_migrations"]);
    let rows = tables.map(|table| {
        session.value(&format!(
            "SELECT concat('{table}: ', count(*), E'\\n', string_agg(t::text, E'\\n' ORDER BY t::text)) AS value
             FROM {table} AS t"
        ))
    });
    rows.collect()
}

fn back_up(dir: &DataDir) -> PathBuf {
    let file = dir.sibling("marquee.backup");
    let output = dir.run(&["backup", path(&file)]).output();
    assert!(output.starts_with("backed up "), "{output}");
    file
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// Restores a file into a database of a URL.
fn restore_into(database: &TestDatabase, file: &Path, more: &[&str]) -> CommandResult {
    let mut command = marquee(&["restore", path(file)]);
    command.args(more);
    command.env("DATABASE_URL", url(&database.options()));
    run(command)
}

fn in_a_runtime<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(task)
}

/// Changes the demo catalogue so that every table has rows: revisions, versions, an idempotency key.
fn change(session: &Session) {
    session.execute(
        "UPDATE review SET score = 77, score_rule = 'given', excerpt = E'a\\\\b\\t\"é\"' WHERE id = (SELECT min(id) FROM review);
         DELETE FROM review WHERE id = (SELECT max(id) FROM review);
         UPDATE publication SET weight = 250 WHERE id = (SELECT min(id) FROM publication);
         INSERT INTO erasure (critic_id, erased_by, review_count, revision_count, texts_removed) VALUES (99, 'token', 1, 0, true);
         UPDATE site_rules SET minimum_reviews = 2;
         INSERT INTO critic_external_id SELECT 'rt', 'c1', min(id) FROM critic;
         INSERT INTO film_external_id SELECT 'rt', 'f1', min(id) FROM film;
         INSERT INTO published_score (film_id, source, kind, value) SELECT min(id), 'rt', 'score', 70 FROM film",
    );
}

const ADD_FILM: &str = r#"mutation { addFilm(input: {title: "Later", idempotencyKey: "a-key-of-16-chars"}) { film { slug } } }"#;

#[test]
fn a_backup_of_a_running_server_restores_everything_elsewhere() {
    if !can_dump() {
        return;
    }
    let (dir, fresh) = (DataDir::migrated(), DataDir::new());
    let server = dir.serve(&["--demo"]);
    change(&dir.session());
    let token = dir.run(&["token", "create", "--role=editor"]).output();
    let token = token.trim();
    let added = server.query_as(token, ADD_FILM);
    assert_eq!(added["data"]["addFilm"]["film"]["slug"], "later", "{added}");
    let file = back_up(&dir);
    assert_eq!(mode(&file), 0o600);
    assert!(!dir.sibling("marquee.backup.unfinished").exists());
    let expected = contents(&dir.session());
    assert!(
        expected.iter().all(|rows| !rows.contains(": 0\n")),
        "{expected:?}"
    );

    let result = fresh.run(&["restore", path(&file), "--create"]);
    let counts = "restored films: 13, critics: ";
    assert!(result.stdout.starts_with(counts), "{result:?}");
    assert!(result.stdout.ends_with(", tokens: 1\n"), "{result:?}");
    assert!(
        result.stderr.starts_with("creating a database in "),
        "{result:?}"
    );
    let restored = fresh.serve(&[]);
    assert_eq!(contents(&fresh.session()), expected);
    assert_eq!(
        fresh.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
    assert_eq!(restored.titles(), server.titles());
    assert_eq!(restored.role(token), "EDITOR");
    // A retry after the restore gets the first result, and sequences continue.
    assert_eq!(restored.query_as(token, ADD_FILM), added);
    let other = ADD_FILM
        .replace("a-key", "b-key")
        .replace("Later", "Later Still");
    let other = restored.query_as(token, &other);
    assert_eq!(
        other["data"]["addFilm"]["film"]["slug"], "later-still",
        "{other}"
    );
}

#[test]
fn a_backup_beside_writers_is_of_one_moment() {
    if !can_dump() {
        return;
    }
    let (dir, fresh) = (DataDir::migrated(), DataDir::new());
    let _server = dir.serve(&["--demo"]);
    let writer = dir.session();
    let running = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let runs = std::sync::Arc::clone(&running);
    let thread = thread::spawn(move || {
        let mut written = 0;
        while runs.load(std::sync::atomic::Ordering::Relaxed) {
            writer.execute(
                "INSERT INTO review (film_id, score, score_rule, source, external_id)
                 SELECT film.id, 50, 'given', 'writer', (SELECT count(*) FROM review) FROM film LIMIT 1 OFFSET 3;
                 UPDATE publication SET weight = weight % 300 + 1 WHERE id = 1",
            );
            written += 1;
        }
        written
    });
    let file = back_up(&dir);
    running.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(thread.join().unwrap() > 0);
    fresh.run(&["restore", path(&file), "--create"]).output();
    assert_eq!(
        fresh.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
}

#[test]
fn a_database_with_rows_is_replaced_only_if_asked_and_a_running_server_follows() {
    if !can_dump() {
        return;
    }
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let file = back_up(&dir);
    let backed_up = contents(&dir.session());
    dir.session().execute(
        "DELETE FROM film WHERE id = (SELECT max(id) FROM film); UPDATE film SET title = 'Boat' WHERE id = 1",
    );
    while server.titles() == titles {
        thread::yield_now();
    }
    let changed = (contents(&dir.session()), server.titles());
    let result = dir.run(&["restore", path(&file)]);
    let error = result.error();
    assert!(
        error.contains("the database is not empty (films: 11, critics: ")
            && error.contains("--replace"),
        "{error}"
    );
    assert_eq!((contents(&dir.session()), server.titles()), changed);

    let output = dir.run(&["restore", path(&file), "--replace"]).output();
    assert!(output.starts_with("restored films: 12, "), "{output}");
    // The command has waited for the server.
    assert_eq!(server.titles(), titles);
    assert_eq!(contents(&dir.session()), backed_up);
    assert_eq!(
        dir.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
    dir.session()
        .execute("UPDATE film SET title = 'Candle' WHERE id = 1");
    while server.titles() == titles {
        thread::yield_now();
    }
}

#[test]
fn a_database_of_a_url_is_backed_up_and_restored_with_its_privileges() {
    if !can_dump() {
        return;
    }
    let from = in_a_runtime(TestDatabase::demo());
    in_a_runtime(from.execute(GRANTS));
    let session = Session::open(&from.options());
    change(&session);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    let mut command = marquee(&["backup", path(&file)]);
    command.env("DATABASE_URL", url(&from.options()));
    run(command).output();
    let privileges = "SELECT concat_ws(' ',
        has_table_privilege('marquee_serving', 'review', 'INSERT'),
        has_column_privilege('marquee_serving', 'api_token', 'role', 'SELECT'),
        has_column_privilege('marquee_serving', 'api_token', 'secret_hash', 'SELECT'),
        has_function_privilege('marquee_serving', 'api_token_of(text, bytea)', 'EXECUTE'),
        (SELECT string_agg(acl::text, ' ' ORDER BY acl::text)
         FROM pg_proc, unnest(proacl) AS acl WHERE proname = 'api_token_of')) AS value";
    let expected = (session.value(privileges), contents(&session));
    assert!(expected.0.starts_with("t t f t marquee="), "{}", expected.0);
    let to = in_a_runtime(TestDatabase::bare());
    restore_into(&to, &file, &[]).output();
    let restored = Session::open(&to.options());
    assert_eq!((restored.value(privileges), contents(&restored)), expected);
    restore_into(&to, &file, &["--replace"]).output();
    assert_eq!((restored.value(privileges), contents(&restored)), expected);
}

#[test]
fn a_backup_of_an_older_version_is_restored_and_migrated() {
    if !can_dump() {
        return;
    }
    let (dir, fresh) = (DataDir::migrated(), DataDir::new());
    dir.run(&["migrate", "down", "--yes"]).output();
    let status = dir.run(&["migrate", "status"]).output();
    let file = back_up(&dir);
    let output = fresh.run(&["restore", path(&file), "--create"]).output();
    let pending = status.lines().last().unwrap().replace("pending ", "");
    assert!(
        output.ends_with(&format!(
            "the backup is of an older version: run `marquee migrate up` ({pending})\n"
        )),
        "{output}"
    );
    assert_eq!(fresh.run(&["migrate", "status"]).output(), status);
    fresh.run(&["migrate", "up"]).output();
    assert_eq!(
        fresh.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
}

#[test]
fn every_table_is_known_to_a_restore() {
    let database = in_a_runtime(TestDatabase::empty());
    let tables = in_a_runtime(database.texts(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations' ORDER BY 1",
    ));
    assert_eq!(tables, TABLES);
}
