//! Generated catalogues.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read as _,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{NO_ROWS, Workspace, assert_lines, mkfifo};
use crate::support::program::{Program, Session};

const SIZE: [&str; 5] = [
    "generate",
    "--films=40",
    "--critics=30",
    "--publications=9",
    "--reviews=900",
];

fn generate(workspace: &Workspace, more: &[&str]) -> String {
    workspace.run(&[&SIZE[..], more].concat()).output()
}

const INDEXES: &str =
    "indexname, indexdef FROM pg_indexes WHERE tablename = 'review' ORDER BY indexname";

#[test]
fn a_seed_determines_the_generated_bytes() {
    let workspace = Workspace::empty();
    let first = generate(&workspace, &["--seed=5", "--jsonl=-"]);
    assert_eq!(generate(&workspace, &["--jsonl=-", "--seed=5"]), first);
    assert_eq!(
        generate(&workspace, &["--seed=5", "--jsonl=made.jsonl"]),
        ""
    );
    assert_eq!(workspace.read("made.jsonl"), first);
    assert_eq!(workspace.files(), ["made.jsonl"]);
    assert_ne!(generate(&workspace, &["--seed=6", "--jsonl=-"]), first);
    assert_eq!(workspace.counts(), NO_ROWS);

    let mut kinds: HashMap<String, usize> = HashMap::new();
    for line in first.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        *kinds
            .entry(row["kind"].as_str().unwrap_or("review").to_owned())
            .or_default() += 1;
    }
    let expected = [
        ("film", 40),
        ("critic", 30),
        ("publication", 9),
        ("review", 900),
    ];
    assert_eq!(
        kinds,
        expected
            .map(|(kind, count)| (kind.to_owned(), count))
            .into()
    );
}

#[test]
fn generating_again_changes_nothing_and_another_seed_adds_rows() {
    let workspace = Workspace::empty();
    let before = workspace.rows(INDEXES);
    assert!(before.len() > 10);
    let output = generate(&workspace, &["--seed=5"]);
    assert_lines(
        &output,
        &[
            "films: 40 new, 0 changed, 0 the same",
            "critics: 30 new, 0 changed, 0 the same",
            "publications: 9 new, 0 changed, 0 the same",
            "reviews: 900 new, 0 changed, 0 the same",
            "stored",
        ],
    );
    assert_eq!(
        workspace.rows(INDEXES),
        before,
        "the indexes were dropped and created again"
    );
    workspace.assert_tallies();

    let again = generate(&workspace, &["--seed=5"]);
    assert_lines(
        &again,
        &["reviews: 0 new, 0 changed, 900 the same", "nothing changed"],
    );
    assert_eq!(workspace.rows(INDEXES), before);

    let more = generate(&workspace, &["--seed=6"]);
    assert_lines(
        &more,
        &["reviews: 900 new, 0 changed, 0 the same", "stored"],
    );
    assert_eq!(workspace.rows(INDEXES), before);
    assert_eq!(
        workspace.value("SELECT count(*)::text AS value FROM review"),
        "1800"
    );
    workspace.assert_tallies();
    // The planner uses the indexes.
    let plan = workspace.session.value(
        "SELECT count(*)::text AS value FROM pg_index WHERE indrelid = 'review'::regclass AND NOT (indisvalid AND indisready)",
    );
    assert_eq!(plan, "0");
}

#[test]
fn the_stored_catalogue_equals_the_written_file() {
    let (stored, written) = (Workspace::empty(), Workspace::empty());
    generate(&stored, &["--seed=3"]);
    generate(&written, &["--seed=3", "--jsonl=made.jsonl"]);
    written.run(&["import", "jsonl", "made.jsonl"]).output();
    let export = |workspace: &Workspace| workspace.run(&["export", "jsonl"]).output();
    assert_eq!(export(&stored), export(&written));
}

#[test]
fn reviews_without_films_are_rejected() {
    let workspace = Workspace::empty();
    let result = workspace.run(&["generate", "--films=0", "--reviews=1"]);
    assert_eq!(result.error(), "error: reviews need at least one film");
    workspace
        .run(&[
            "generate",
            "--films=0",
            "--critics=0",
            "--publications=0",
            "--reviews=0",
        ])
        .output();
    assert_eq!(workspace.counts(), NO_ROWS);
    workspace
        .run(&[
            "generate",
            "--films=1",
            "--critics=0",
            "--publications=0",
            "--reviews=50",
        ])
        .output();
    assert_eq!(
        workspace.counts(),
        "films 1, critics 0, publications 0, reviews 50, scores 0, ids 0, revisions 0"
    );
    workspace.assert_tallies();
}

#[test]
fn stopping_a_generated_import_restores_the_indexes() {
    let workspace = Workspace::empty();
    let before = workspace.rows(INDEXES);
    let blocker = Session::open(&workspace.database.options());
    blocker.execute("BEGIN; LOCK TABLE film_tally IN SHARE MODE");
    let program = Program::start(workspace.command(&SIZE), None);
    workspace.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
            AND wait_event_type = 'Lock')",
    );
    program.signal(Signal::SIGTERM);
    let result = program.wait();
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    blocker.execute("ROLLBACK");
    assert_eq!(workspace.counts(), NO_ROWS);
    assert_eq!(workspace.rows(INDEXES), before);
}

const HUGE: [&str; 5] = [
    "generate",
    "--films=20000",
    "--critics=5000",
    "--publications=1000",
    "--reviews=4000000",
];

fn assert_stopped(program: Program) {
    let before = Instant::now();
    program.signal(Signal::SIGINT);
    let result = program.wait();
    assert_eq!(
        result.error(),
        "error: stopped by a signal; unfinished changes are rolled back"
    );
    assert!(before.elapsed() < Duration::from_secs(10));
}

#[test]
fn stopping_a_generated_file_leaves_no_file() {
    let workspace = Workspace::empty();
    workspace.write("made.jsonl", "of an earlier day");
    let line = [&HUGE[..], &["--jsonl=made.jsonl"]].concat();
    let program = Program::start(workspace.command(&line), None);
    let deadline = Instant::now() + Duration::from_secs(30);
    let start = |workspace: &Workspace| {
        let file = fs::metadata(workspace.path("made.jsonl.unfinished"));
        file.is_ok_and(|file| file.len() > 0)
    };
    while !start(&workspace) {
        assert!(Instant::now() < deadline, "no file is written");
        thread::sleep(Duration::from_millis(5));
    }
    assert_stopped(program);
    assert_eq!(workspace.files(), ["made.jsonl"]);
    assert_eq!(workspace.read("made.jsonl"), "of an earlier day");
}

#[test]
fn generation_into_a_blocked_pipe_can_be_stopped() {
    let workspace = Workspace::empty();
    mkfifo(&workspace.path("pipe"));
    let line = [&HUGE[..], &["--jsonl=pipe"]].concat();
    let program = Program::start(workspace.command(&line), None);
    let mut pipe = File::open(workspace.path("pipe")).unwrap();
    // After the first byte the program handles signals. The test doesn't read the rest, so the pipe blocks.
    pipe.read_exact(&mut [0; 1]).unwrap();
    assert_stopped(program);
}
