//! `migrate` and `check`.

use super::{bare, command_on, demo, output};
use crate::support::program::{Program, Session, run};

#[test]
fn migrations_are_applied_listed_and_reverted() {
    let database = bare();
    let names = [
        "m20261120_000001_create_catalogue",
        "m20261120_000002_create_review",
        "m20261120_000003_create_published_score",
        "m20261120_000004_create_tallies",
    ];
    let lines = |word: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{word} {name}")).collect()
    };
    // Compares only the first migrations, so that later ones don't break this test.
    let first = |text: String| -> Vec<String> { text.lines().take(4).map(str::to_owned).collect() };
    assert_eq!(
        first(output(&database, &["migrate", "status"])),
        lines("pending", &names)
    );
    assert_eq!(
        first(output(&database, &["migrate", "up"])),
        lines("applied", &names)
    );
    assert_eq!(
        output(&database, &["migrate", "up"]),
        "no pending migrations\n"
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.lines().all(|line| line.starts_with("applied ")));

    let last = status.lines().last().unwrap().replace("applied ", "");
    assert_eq!(
        output(&database, &["migrate", "down"]),
        format!("reverted {last}\n")
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.ends_with(&format!("pending {last}\n")), "{status}");
    let taken = output(&database, &["migrate", "down", "--steps=100"]);
    assert!(
        taken.ends_with(&format!("reverted {}\n", names[0])),
        "{taken}"
    );
    assert_eq!(
        output(&database, &["migrate", "down"]),
        "no applied migrations\n"
    );
}

#[test]
fn check_reports_each_wrong_tally_with_its_owner() {
    let database = demo();
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
    let session = Session::open(&database.options());
    let slug = session.value("SELECT slug AS value FROM film ORDER BY id DESC LIMIT 1");
    session.execute(&format!(
        "UPDATE film_tally SET review_count = review_count + 1
            WHERE film_id = (SELECT id FROM film WHERE slug = '{slug}');
         DELETE FROM critic_tally WHERE critic_id = (SELECT min(id) FROM critic);"
    ));
    let critic = session.value("SELECT slug AS value FROM critic ORDER BY id LIMIT 1");
    let result = run(command_on(&database, &["check"]));
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let lines: Vec<_> = result.stdout.lines().collect();
    assert!(
        lines[0].starts_with(&format!("film {slug}: stored {{")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("critic {critic}: stored no tally, recounted {{")),
        "{lines:?}"
    );
    assert_eq!(lines[2], "tallies that differ from a recount: 2");
    assert_eq!(lines.len(), 3);
}

#[test]
fn check_without_the_schema_explains_how_to_apply_it() {
    let result = run(command_on(&bare(), &["check"]));
    assert!(result.error().contains("marquee migrate up"), "{result:?}");
}

#[test]
fn concurrent_commands_apply_the_migrations_once() {
    let database = bare();
    let running: Vec<_> = (0..3)
        .map(|_| Program::start(command_on(&database, &["migrate", "up"]), None))
        .collect();
    let outputs: Vec<_> = running
        .into_iter()
        .map(|program| program.wait().output())
        .collect();
    let idle = outputs
        .iter()
        .filter(|output| *output == "no pending migrations\n");
    assert_eq!(idle.count(), 2, "{outputs:?}");
}
