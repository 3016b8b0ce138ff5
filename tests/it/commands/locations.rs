//! Where commands find their database, and which of them create one.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{bare, command_on, output};
use crate::support::{
    program::{CommandResult, DataDir, Program, Session, marquee, run, run_over},
    root,
};

/// A directory without a database, and the runtime directory of a user, whose servers are those of the test.
struct Elsewhere {
    directory: TempDir,
}

impl Elsewhere {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let elsewhere = Self { directory };
        fs::create_dir(elsewhere.runtime()).unwrap();
        fs::set_permissions(elsewhere.runtime(), fs::Permissions::from_mode(0o700)).unwrap();
        elsewhere
    }

    fn runtime(&self) -> PathBuf {
        self.directory.path().join("runtime")
    }

    fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    /// Returns a command of this user that runs here.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = marquee(arguments);
        command.env("XDG_RUNTIME_DIR", self.runtime());
        command.current_dir(self.directory.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> CommandResult {
        run(self.command(arguments))
    }

    /// Starts a server of this user.
    fn serve(&self, dir: &DataDir) -> Program {
        let mut command = dir.server(&[]);
        command.env("XDG_RUNTIME_DIR", self.runtime());
        Program::ready(command)
    }

    /// Returns the number of servers that have a file in the runtime directory.
    fn registered(&self) -> usize {
        fs::read_dir(self.runtime().join("marquee"))
            .unwrap()
            .count()
    }
}

/// Returns the only error of a result, which may also say which database is used.
fn error(result: &CommandResult) -> &str {
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let line = result.stderr.lines().last().unwrap();
    line.strip_prefix("error: ").unwrap()
}

fn fixture(name: &str) -> String {
    let path = root().join("tests/it/fixtures").join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn without_a_database_every_command_says_how_to_create_one_and_creates_none() {
    let elsewhere = Elsewhere::new();
    let (csv, jsonl, page) = (
        fixture("catalogue.csv"),
        fixture("catalogue.jsonl"),
        fixture("lamp.txt"),
    );
    let commands: [&[&str]; 11] = [
        &["token", "create", "--role=editor"],
        &["token", "list"],
        &["token", "revoke", "0123456789ab"],
        &["import", "csv", &csv],
        &["import", "jsonl", &jsonl],
        &["import", "page", &page, "--title=Lamp"],
        &["export", "csv"],
        &["generate", "--films=1", "--reviews=1"],
        &["check"],
        &["migrate", "status"],
        &["migrate", "down", "--yes"],
    ];
    let missing = elsewhere.path().join("missing");
    for arguments in commands {
        let result = elsewhere.run(arguments);
        let text = error(&result);
        let here = elsewhere.path().join(".marquee");
        assert!(
            text.starts_with(&format!("there is no database here ({})", here.display())),
            "{text}"
        );
        for part in [
            "`marquee serve`",
            "`marquee migrate up`",
            "--create",
            "--data-dir",
        ] {
            assert!(text.contains(part), "{text}");
        }
        let mut named = elsewhere.command(arguments);
        named.arg("--data-dir").arg(&missing);
        let result = run(named);
        let expected = format!("there is no database in {}: ", missing.display());
        assert!(error(&result).starts_with(&expected), "{result:?}");
        assert!(!here.exists() && !missing.exists(), "{arguments:?}");
    }
    // A directory that is there, but is empty, is no database either.
    fs::create_dir(&missing).unwrap();
    let mut named = elsewhere.command(&["check"]);
    named.env("MARQUEE_DATA_DIR", &missing);
    assert!(error(&run(named)).starts_with("there is no database in "));
    assert_eq!(fs::read_dir(&missing).unwrap().count(), 0);
}

#[test]
fn without_a_database_a_dry_run_reads_the_file() {
    let elsewhere = Elsewhere::new();
    let (csv, page) = (fixture("catalogue.csv"), fixture("lamp.txt"));
    for arguments in [
        &["import", "csv", &csv, "--dry-run"][..],
        &["import", "page", &page, "--title=Lamp", "--dry-run"],
    ] {
        let result = elsewhere.run(arguments).output();
        assert!(
            result.contains("\nnothing to compare with: there is no database here ("),
            "{result}"
        );
        assert!(!elsewhere.path().join(".marquee").exists());
    }
}

#[test]
fn a_command_uses_the_database_of_the_only_running_server_and_says_so() {
    let (elsewhere, dir) = (Elsewhere::new(), DataDir::migrated());
    let server = elsewhere.serve(&dir);
    let result = elsewhere.run(&["token", "create", "--role=editor"]);
    let line = format!(
        "using the database of the server at http://{}: {}",
        server.address(),
        dir.path().canonicalize().unwrap().display()
    );
    assert_eq!(result.stderr.lines().next(), Some(line.as_str()));
    let token = result.output();
    let answer = reqwest::blocking::Client::new()
        .post(format!("http://{}/graphql", server.address()))
        .bearer_auth(token.trim())
        .json(&serde_json::json!({"query": "{ viewer { role } }"}))
        .send()
        .unwrap();
    let answer: serde_json::Value = answer.json().unwrap();
    assert_eq!(answer["data"]["viewer"]["role"], "EDITOR", "{answer}");
    let catalogue = fixture("catalogue.csv");
    for arguments in [
        &["import", "csv", &catalogue][..],
        &["check"],
        &["export", "csv"],
        &["migrate", "status"],
        &["migrate", "up"],
    ] {
        let result = elsewhere.run(arguments);
        assert!(result.stderr.starts_with(&line), "{result:?}");
        result.output();
    }
    assert!(server.titles()["films"]["totalCount"].as_u64() > Some(0));
    assert!(!elsewhere.path().join(".marquee").exists());
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(elsewhere.registered(), 0);
    assert!(error(&elsewhere.run(&["check"])).starts_with("there is no database here"));
}

#[test]
fn several_servers_are_listed_and_a_crashed_one_is_not_among_them() {
    let elsewhere = Elsewhere::new();
    let dirs = [DataDir::migrated(), DataDir::migrated()];
    let [first, second] = dirs.each_ref().map(|dir| elsewhere.serve(dir));
    let result = elsewhere.run(&["check"]);
    let text = error(&result);
    assert!(text.contains("several servers run"), "{text}");
    for (server, dir) in [&first, &second].into_iter().zip(&dirs) {
        let path = dir.path().canonicalize().unwrap();
        let entry = format!(
            "http://{} (--data-dir {})",
            server.address(),
            path.display()
        );
        assert!(text.contains(&entry), "{text}");
    }
    first.kill();
    assert_eq!(elsewhere.registered(), 2);
    let result = elsewhere.run(&["check"]);
    let used = dirs[1].path().canonicalize().unwrap();
    assert!(result.stderr.contains(used.to_str().unwrap()), "{result:?}");
    result.output();
    assert_eq!(elsewhere.registered(), 1);
}

#[test]
fn a_server_on_an_external_database_is_named_without_its_password() {
    let (elsewhere, database) = (Elsewhere::new(), bare());
    let url = crate::support::program::url(&database.options());
    let with_password = url.replacen('@', ":hunter2@", 1);
    let arguments = ["serve", "--listen=127.0.0.1:0", "--workers=1"];
    let mut command = elsewhere.command(&arguments);
    command.env("DATABASE_URL", &with_password);
    let server = Program::ready(command);
    let files = fs::read_dir(elsewhere.runtime().join("marquee")).unwrap();
    for file in files {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
    }
    let result = elsewhere.run(&["check"]);
    let text = error(&result);
    let expected = format!(
        "the server at http://{} uses the database postgres://",
        server.address()
    );
    assert!(text.contains(&expected), "{text}");
    assert!(
        text.contains(
            database
                .options()
                .get_database()
                .unwrap()
                .replace('_', "%5F")
                .as_str()
        ),
        "{text}"
    );
    assert!(
        text.contains("give the same DATABASE_URL or --database-url"),
        "{text}"
    );
    assert!(!result.stderr.contains("hunter2"), "{result:?}");
    let mut command = elsewhere.command(&["check"]);
    command.env("DATABASE_URL", &with_password);
    assert_eq!(run(command).output(), "every tally equals a recount\n");
}

#[test]
fn migrate_up_and_create_make_a_database_and_say_where() {
    for arguments in [
        &["migrate", "up"][..],
        &["migrate", "up", "--create"],
        &["token", "create", "--role=editor", "--create"],
        &["--create", "import", "csv", &fixture("catalogue.csv")],
    ] {
        let dir = DataDir::named(".marquee");
        let mut command = marquee(arguments);
        command.current_dir(dir.sibling(""));
        command.env("XDG_RUNTIME_DIR", dir.sibling(""));
        let result = run(command);
        let here = dir.sibling("").canonicalize().unwrap().join(".marquee");
        let line = format!("creating a database in {}", here.display());
        assert_eq!(
            result.stderr.lines().next(),
            Some(line.as_str()),
            "{result:?}"
        );
        let output = result.output();
        assert!(
            arguments[0] != "migrate" || output.contains("applied m"),
            "{output}"
        );
        assert_eq!(
            dir.run(&["check"]).output(),
            "every tally equals a recount\n"
        );
    }
}

#[test]
fn a_dry_run_creates_no_database_even_if_asked_to() {
    let elsewhere = Elsewhere::new();
    let csv = fixture("catalogue.csv");
    let result = elsewhere.run(&["import", "csv", &csv, "--dry-run", "--create"]);
    assert!(error(&result).starts_with("--create and --dry-run contradict each other"));
    assert!(!elsewhere.path().join(".marquee").exists());
}

#[test]
fn the_database_here_is_used_and_the_servers_elsewhere_are_named() {
    let (elsewhere, other) = (Elsewhere::new(), DataDir::migrated());
    let here = DataDir::named(".marquee");
    let at = |arguments: &[&str]| {
        let mut command = elsewhere.command(arguments);
        command.current_dir(here.sibling(""));
        run(command)
    };
    at(&["migrate", "up"]).output();
    let result = at(&["check"]);
    assert_eq!(result.stderr, "");
    let server = elsewhere.serve(&other);
    let result = at(&["check"]);
    assert!(
        result.stderr.starts_with("using the database in ")
            && result
                .stderr
                .contains(&format!("http://{}", server.address())),
        "{result:?}"
    );
    result.output();
    let own = elsewhere.serve(&here);
    let result = at(&["check"]);
    assert_eq!(result.stderr, "");
    drop(own);
}

#[test]
fn the_database_of_another_program_gets_no_tables() {
    let database = bare();
    let session = Session::open(&database.options());
    let tables = || {
        session.value(
            "SELECT count(*)::text AS value FROM pg_class WHERE relnamespace = 'public'::regnamespace",
        )
    };
    let rows = b"film,critic,score\nLamp,Ann,10\n";
    for arguments in [
        &["token", "create", "--role=editor"][..],
        &["import", "csv", "-"],
        &["import", "page", &fixture("lamp.txt"), "--title=Lamp"],
        &[
            "generate",
            "--films=1",
            "--critics=1",
            "--publications=1",
            "--reviews=1",
        ],
        &["check"],
        &["export", "csv"],
    ] {
        let result = run_over(command_on(&database, arguments), rows);
        let text = error(&result);
        assert!(
            text.starts_with("the database has no tables of Marquee")
                && text.contains("marquee migrate up"),
            "{text}"
        );
        assert_eq!(tables(), "0", "{arguments:?}");
    }
    let stored = run_over(
        command_on(&database, &["import", "csv", "-", "--create"]),
        rows,
    );
    assert!(stored.output().ends_with("stored\n"));
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
}

#[test]
fn a_link_of_another_name_leads_to_the_database() {
    let dir = DataDir::migrated();
    let link = dir.sibling(".marquee");
    std::os::unix::fs::symlink(dir.path(), &link).unwrap();
    let mut command = marquee(&["check"]);
    command.current_dir(dir.sibling(""));
    command.env("XDG_RUNTIME_DIR", Path::new("/nowhere"));
    assert_eq!(run(command).output(), "every tally equals a recount\n");
}
