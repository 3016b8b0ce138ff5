//! Errors of PostgreSQL in the output of commands.

use sea_orm::sqlx::postgres::PgConnectOptions;

use super::{command_on, demo};
use crate::support::{
    TestDatabase,
    program::{CommandResult, Program, Session, run_over},
};

/// The commands, each of which waits for a lock on the table of migrations.
const COMMANDS: [&[&str]; 10] = [
    &["import", "csv", "-"],
    &["import", "page", "-", "--title=T", "--year=2001"],
    &["export", "jsonl"],
    &["check"],
    &["migrate", "up"],
    &["migrate", "down"],
    &["migrate", "status"],
    &["token", "list"],
    &["token", "create", "--role=editor"],
    &["serve", "--listen=127.0.0.1:0", "--workers=1"],
];

/// Runs a command on a database where `locked` is locked, and calls a function on the backend that waits for the lock.
fn result_of_interrupted(
    (database, arguments): (&TestDatabase, &[&str]),
    locked: &str,
    function: &str,
) -> CommandResult {
    let blocker = Session::open(&database.options());
    blocker.execute(&format!("BEGIN; LOCK TABLE {locked}"));
    let input: &[u8] = if arguments.contains(&"csv") {
        b"film,critic,score\nFilm 1,Critic 1,10\n"
    } else {
        include_bytes!("../fixtures/page.txt")
    };
    let program = Program::start(command_on(database, arguments), Some(input));
    interrupt_waiting(&database.options(), function);
    let result = program.wait();
    blocker.execute("ROLLBACK");
    result
}

fn interrupt_waiting(options: &PgConnectOptions, function: &str) {
    let session = Session::open(options);
    let interrupted = format!(
        "SELECT count({function}(pid))::text AS value FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"
    );
    while session.value(&interrupted) == "0" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Asserts that an error has a SQLSTATE, but no line of PostgreSQL's source.
fn assert_described(result: &CommandResult, code: &str, context: &dyn std::fmt::Debug) {
    let error = result.error();
    assert!(
        error.contains(&format!("(SQLSTATE {code}")),
        "{context:?}: {result:?}"
    );
    assert!(!error.contains("at line"), "{context:?}: {result:?}");
}

#[test]
fn the_error_of_an_interrupted_command_names_no_line_of_postgresql() {
    let database = demo();
    for arguments in COMMANDS {
        let result = result_of_interrupted(
            (&database, arguments),
            "seaql_migrations",
            "pg_cancel_backend",
        );
        assert_described(&result, "57014", &arguments);
    }
}

#[test]
fn the_error_of_an_interrupted_import_names_no_line_of_postgresql() {
    let database = demo();
    for (function, code) in [
        ("pg_cancel_backend", "57014"),
        ("pg_terminate_backend", "57P01"),
    ] {
        // The import has read its file, and waits for the lock while it stores the reviews.
        let result =
            result_of_interrupted((&database, &["import", "csv", "-"]), "review", function);
        assert_described(&result, code, &function);
        assert!(
            result.error().ends_with("; nothing was stored"),
            "{result:?}"
        );
        let result = result_of_interrupted((&database, &["export", "csv"]), "review", function);
        assert_described(&result, code, &function);
    }
}

#[test]
fn the_values_of_a_rejected_row_are_not_part_of_an_error() {
    let database = demo();
    let session = Session::open(&database.options());
    session
        .execute("ALTER TABLE film ADD CONSTRAINT film_year_even CHECK (year % 2 = 0) NOT VALID");
    let result = run_over(
        command_on(&database, &["import", "csv", "-"]),
        b"film,year,critic\nA secret film,2001,Critic 1\n",
    );
    assert_described(&result, "23514", &"a check constraint");
    assert!(!result.stderr.contains("A secret film"), "{result:?}");
}
