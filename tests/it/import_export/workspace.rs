//! A database, and a directory in which the commands of a test run.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    TestDatabase, TestServer,
    program::{CommandResult, Session, marquee, run, run_over, url},
};

/// A database, and a directory in which the commands of a test run.
pub struct Workspace {
    pub session: Session,
    directory: TempDir,
    pub database: TestDatabase,
}

impl Workspace {
    /// Creates a database with every table and no rows.
    pub fn empty() -> Self {
        Self::with_database(in_a_runtime(TestDatabase::empty()))
    }

    /// Creates a database with the demo catalogue.
    pub fn demo() -> Self {
        Self::with_database(in_a_runtime(TestDatabase::demo()))
    }

    fn with_database(database: TestDatabase) -> Self {
        Self {
            session: Session::open(&database.options()),
            directory: tempfile::tempdir().unwrap(),
            database,
        }
    }

    /// Returns the path of a file in the directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file into the directory.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Returns the text of a file in the directory.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Returns the names of the files in the directory.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Returns a command on the database that runs in the directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = marquee(arguments);
        command
            .args(["--database-url", &url(&self.database.options())])
            .current_dir(self.directory.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> CommandResult {
        run(self.command(arguments))
    }

    /// Runs a command with `input` as its standard input.
    pub fn run_over(&self, arguments: &[&str], input: &[u8]) -> CommandResult {
        run_over(self.command(arguments), input)
    }

    /// Writes a file and imports it. Its extension is the format.
    pub fn import(&self, name: &str, text: impl AsRef<[u8]>, more: &[&str]) -> CommandResult {
        self.write(name, text);
        let format = name.split('.').nth(1).unwrap();
        self.run(&[&["import", format, name], more].concat())
    }

    /// Imports CSV, which must succeed, and returns the output.
    pub fn csv(&self, text: &str) -> String {
        self.import("rows.csv", text, &[]).output()
    }

    /// Imports JSON Lines, which must succeed, and returns the output.
    pub fn jsonl(&self, text: &str) -> String {
        self.import("rows.jsonl", text, &[]).output()
    }

    /// Reads a file of rejected rows. Returns the location, the column and the reason of each, and the rows themselves.
    pub fn rejected_rows(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        assert_eq!(
            reader.headers().unwrap(),
            vec!["file", "line", "column", "reason", "row"]
        );
        let records = reader.records().map(Result::unwrap);
        records
            .map(|record| {
                let message = format!(
                    "{}, line {}: {}: {}",
                    &record[0], &record[1], &record[2], &record[3]
                );
                (message, record[4].to_owned())
            })
            .unzip()
    }

    /// Returns the value of a statement that selects one text.
    pub fn value(&self, statement: &str) -> String {
        self.session.value(statement)
    }

    /// Returns the rows of a selection, each in PostgreSQL's text format of a row.
    pub fn rows(&self, selection: &str) -> Vec<String> {
        let text = self.value(&format!(
            "SELECT coalesce(string_agg(chosen::text, E'\\n'), '') AS value FROM (SELECT {selection}) AS chosen"
        ));
        text.lines().map(str::to_owned).collect()
    }

    /// Returns the number of rows of each kind.
    pub fn counts(&self) -> String {
        self.value(COUNTS)
    }

    /// Waits until a SQL condition holds.
    pub fn wait_until(&self, condition: &str) {
        wait_until(&self.session, condition);
    }

    /// Asserts that every tally equals a recount.
    pub fn assert_tallies(&self) {
        assert_eq!(self.run(&["check"]).output(), CHECK_PASSED);
    }

    /// Starts a server on the database and returns the data of a query.
    pub fn query(self, document: &str) -> Value {
        drop(self.session);
        in_a_runtime(async {
            TestServer::with_database(self.database)
                .query(document)
                .await
        })
    }
}

pub const COUNTS: &str = "SELECT format(
    'films %s, critics %s, publications %s, reviews %s, scores %s, ids %s, revisions %s',
    (SELECT count(*) FROM film), (SELECT count(*) FROM critic), (SELECT count(*) FROM publication),
    (SELECT count(*) FROM review), (SELECT count(*) FROM published_score),
    (SELECT count(*) FROM film_external_id) + (SELECT count(*) FROM critic_external_id),
    (SELECT count(*) FROM review_revision)
) AS value";

/// The output of a successful `assert_tallies`.
pub const CHECK_PASSED: &str = "every tally equals a recount\n";

/// Waits until a SQL condition holds.
pub fn wait_until(session: &Session, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let statement = format!("SELECT ({condition})::text AS value");
    while session.value(&statement) != "true" {
        assert!(
            Instant::now() < deadline,
            "timed out waiting for: {condition}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

pub fn in_a_runtime<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(task)
}
