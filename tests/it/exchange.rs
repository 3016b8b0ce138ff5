//! What goes in and out of a catalogue: imports, exports, catalogues that are made up, and tallies that are mended; by the program itself.

mod again;
mod bad_files;
mod export;
mod generate;
mod kinds;
mod law;
mod naming;
mod reading;
mod refusing;
mod repair;
mod rt;
mod rt_sample;
mod under_way;
mod writers;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    TestDatabase, TestServer,
    program::{Done, Session, marquee, run, run_over, url},
    root,
};

/// What [`Trial::counts`] gives of a database without rows.
const NOTHING: &str = "films 0, critics 0, publications 0, reviews 0, scores 0, ids 0, revisions 0";

/// What `check` says when all is well.
const ALL_WELL: &str = "every tally equals a recount\n";

/// A database of a test's own, and a directory in which its commands run.
struct Trial {
    session: Session,
    directory: TempDir,
    database: TestDatabase,
}

impl Trial {
    /// Over a database with every table and no rows.
    fn empty() -> Self {
        Self::over(in_a_runtime(TestDatabase::empty()))
    }

    /// Over the demo catalogue.
    fn demo() -> Self {
        Self::over(in_a_runtime(TestDatabase::demo()))
    }

    fn over(database: TestDatabase) -> Self {
        Self {
            session: Session::open(&database.options()),
            directory: tempfile::tempdir().unwrap(),
            database,
        }
    }

    /// The place of a file in the directory.
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file into the directory.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// What a file in the directory holds.
    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names of the files in the directory.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A command on the database, in the directory.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = marquee(arguments);
        command
            .args(["--database-url", &url(&self.database.options())])
            .current_dir(self.directory.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        run(self.command(arguments))
    }

    /// Runs a command over some input.
    fn run_over(&self, arguments: &[&str], input: &[u8]) -> Done {
        run_over(self.command(arguments), input)
    }

    /// Imports a text as the file of a name, in the format that the name ends with.
    fn import(&self, name: &str, text: impl AsRef<[u8]>, more: &[&str]) -> Done {
        self.write(name, text);
        let format = name.split('.').nth(1).unwrap();
        self.run(&[&["import", format, name], more].concat())
    }

    /// Imports a text as CSV, which must succeed, and gives what is told.
    fn csv(&self, text: &str) -> String {
        self.import("rows.csv", text, &[]).output()
    }

    /// Imports a text as JSON Lines, which must succeed, and gives what is told.
    fn jsonl(&self, text: &str) -> String {
        self.import("rows.jsonl", text, &[]).output()
    }

    /// What a list of rejected rows tells of each: its line, the column and the reason; and the rows themselves.
    fn rejected(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let mut reader = csv::Reader::from_path(self.path(name)).unwrap();
        assert_eq!(
            reader.headers().unwrap(),
            vec!["file", "line", "column", "reason", "row"]
        );
        let records = reader.records().map(Result::unwrap);
        records
            .map(|record| {
                let told = format!(
                    "{}, line {}: {}: {}",
                    &record[0], &record[1], &record[2], &record[3]
                );
                (told, record[4].to_owned())
            })
            .unzip()
    }

    /// What a statement gives that selects one text.
    fn value(&self, statement: &str) -> String {
        self.session.value(statement)
    }

    /// The rows of a selection, each as PostgreSQL writes a row.
    fn rows(&self, selection: &str) -> Vec<String> {
        let text = self.value(&format!(
            "SELECT coalesce(string_agg(chosen::text, E'\\n'), '') AS value FROM (SELECT {selection}) AS chosen"
        ));
        text.lines().map(str::to_owned).collect()
    }

    /// How many rows there are of each kind.
    fn counts(&self) -> String {
        self.value(COUNTS)
    }

    /// Waits until a condition holds.
    fn wait_until(&self, condition: &str) {
        wait_until(&self.session, condition);
    }

    /// Sees to it that every tally equals a recount.
    fn check(&self) {
        assert_eq!(self.run(&["check"]).output(), ALL_WELL);
    }

    /// What the API answers over the database.
    fn ask(self, document: &str) -> Value {
        drop(self.session);
        in_a_runtime(async { TestServer::over(self.database).query(document).await })
    }
}

const COUNTS: &str = "SELECT format(
    'films %s, critics %s, publications %s, reviews %s, scores %s, ids %s, revisions %s',
    (SELECT count(*) FROM film), (SELECT count(*) FROM critic), (SELECT count(*) FROM publication),
    (SELECT count(*) FROM review), (SELECT count(*) FROM published_score),
    (SELECT count(*) FROM film_external_id) + (SELECT count(*) FROM critic_external_id),
    (SELECT count(*) FROM review_revision)
) AS value";

/// Waits until a condition holds in the database of a session.
fn wait_until(session: &Session, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let statement = format!("SELECT ({condition})::text AS value");
    while session.value(&statement) != "true" {
        assert!(Instant::now() < deadline, "never: {condition}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What an import tells that was refused: the error with the rows that it is about.
fn refusal(done: &Done) -> &str {
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let error = done.stderr.strip_prefix("error: ");
    error.unwrap_or_else(|| panic!("{done:?}")).trim_end()
}

/// Sees to it that a text has all of these lines.
fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(
            text.lines().any(|other| other == *line),
            "no line {line:?} in:\n{text}"
        );
    }
}

/// Makes a pipe with a name.
fn mkfifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// A file of the tests.
fn fixture(name: &str) -> String {
    fs::read_to_string(root().join("tests/it/fixtures").join(name)).unwrap()
}

fn in_a_runtime<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(task)
}
