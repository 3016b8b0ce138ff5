//! Exports: their content, their order, and filters.

use std::{
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{Workspace, assert_lines, fixture, mkfifo};
use crate::support::program::{Program, Session};

fn exported(trial: &Workspace, line: &[&str]) -> String {
    trial.run(&[&["export"], line].concat()).output()
}

/// Returns the kind and the subject of each row of a JSON Lines export.
fn exported_rows(trial: &Workspace, filter: &[&str]) -> Vec<String> {
    let text = exported(trial, &[&["jsonl"], filter].concat());
    let text_of =
        |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|row: serde_json::Value| {
            // Rows without a kind are reviews.
            let kind = row["kind"].as_str().unwrap_or("review");
            let key = match kind {
                "critic" => "critic_slug",
                "publication" => "publication_slug",
                _ => "film_slug",
            };
            [
                kind.to_owned(),
                text_of(&row, key),
                text_of(&row, "reviewed_on"),
            ]
            .join(" ")
            .trim()
            .to_owned()
        })
        .collect()
}

/// The fixture is a whole catalogue in both formats, exactly as an export writes it.
#[test]
fn an_export_equals_the_fixture_in_both_formats() {
    for (name, other) in [
        ("catalogue.csv", "catalogue.jsonl"),
        ("catalogue.jsonl", "catalogue.csv"),
    ] {
        let trial = Workspace::empty();
        let output = trial.import(name, fixture(name), &[]).output();
        assert_lines(
            &output,
            &[
                "films: 3 new, 0 changed, 0 the same",
                "critics: 3 new, 0 changed, 0 the same",
                "publications: 3 new, 0 changed, 0 the same",
                "published scores: 2 new, 0 changed, 0 the same",
                "reviews: 7 new, 0 changed, 0 the same",
            ],
        );
        for file in [name, other] {
            let format = file.split('.').nth(1).unwrap();
            assert_eq!(
                exported(&trial, &[format]),
                fixture(file),
                "{name} as {format}"
            );
        }
        trial.assert_tallies();
    }
}

#[test]
fn an_empty_catalogue_exports_an_empty_file_or_a_header() {
    let trial = Workspace::empty();
    assert_eq!(exported(&trial, &["jsonl"]), "");
    let header = exported(&trial, &["csv"]);
    assert_eq!(header.lines().count(), 1);
    trial.write("empty.csv", &header);
    let output = trial.run(&["import", "csv", "empty.csv"]).output();
    assert_lines(&output, &["rows: 0 read, 0 rejected", "nothing changed"]);
}

fn catalogue() -> Workspace {
    let trial = Workspace::empty();
    trial.jsonl(&fixture("catalogue.jsonl"));
    trial
}

#[test]
fn a_film_is_exported_with_its_related_rows_only() {
    let trial = catalogue();
    assert_eq!(
        exported_rows(&trial, &["--film", "the-salt-road-1998"]),
        [
            "film the-salt-road-1998",
            "critic ada-quill",
            "publication harbour-post",
            "publication tide-time",
            "published_score the-salt-road-1998",
            "published_score the-salt-road-1998",
            "review the-salt-road-1998 1998-05-03",
            "review the-salt-road-1998 1998-05-02",
            "review the-salt-road-1998",
            "review the-salt-road-1998",
        ]
    );
    let both = exported_rows(
        &trial,
        &[
            "--film=unseen",
            "--film=the-salt-road-1998",
            "--film=unseen",
        ],
    );
    assert_eq!(both.len(), 11, "{both:?}");
    // A film without reviews.
    assert_eq!(exported_rows(&trial, &["--film=unseen"]), ["film unseen"]);

    // The partial export can be imported into another database.
    let part = exported(&trial, &["csv", "--film=the-salt-road-1998"]);
    let elsewhere = Workspace::empty();
    elsewhere.csv(&part);
    assert_eq!(exported(&elsewhere, &["csv"]), part);
}

#[test]
fn reviews_are_filtered_by_date_and_films_by_their_reviews() {
    let trial = catalogue();
    let reviews = |filter: &[&str]| -> Vec<String> {
        let rows = exported_rows(&trial, filter).into_iter();
        rows.filter(|row| row.starts_with("review ")).collect()
    };
    assert_eq!(
        reviews(&["--since=1998-05-03"]),
        [
            "review night-ferry-1961 2016-09-01",
            "review the-salt-road-1998 1998-05-03"
        ]
    );
    assert_eq!(
        reviews(&["--until=1998-05-02"]),
        [
            "review night-ferry-1961 1961-01-01",
            "review the-salt-road-1998 1998-05-02"
        ]
    );
    assert_eq!(
        exported_rows(&trial, &["--since=1998-05-02", "--until=1998-05-02"]),
        [
            "film the-salt-road-1998",
            "critic ada-quill",
            "publication harbour-post",
            "published_score the-salt-road-1998",
            "published_score the-salt-road-1998",
            "review the-salt-road-1998 1998-05-02",
        ]
    );
    assert_eq!(
        exported_rows(
            &trial,
            &[
                "--since=1961-01-01",
                "--film=night-ferry-1961",
                "--until=1990-12-31"
            ]
        ),
        [
            "film night-ferry-1961",
            "critic ben-marsh",
            "review night-ferry-1961 1961-01-01"
        ]
    );
    assert_eq!(exported_rows(&trial, &["--since=2200-01-01"]), [""; 0]);
    assert_eq!(
        trial
            .run(&["export", "csv", "--since=yesterday"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn an_unknown_film_is_an_error_and_leaves_no_file() {
    let trial = catalogue();
    let done = trial.run(&["export", "csv", "--film=unseen", "--film=no-such-film"]);
    assert_eq!(done.error(), "error: no film has the slug \"no-such-film\"");

    trial.write("kept.csv", "of an earlier day");
    let done = trial.run(&["export", "csv", "--film=no-such-film", "--output=kept.csv"]);
    assert!(done.error().contains("no-such-film"), "{done:?}");
    assert_eq!(trial.read("kept.csv"), "of an earlier day");
    assert_eq!(trial.files(), ["kept.csv", "rows.jsonl"]);
}

#[test]
fn an_export_replaces_its_file_only_when_it_is_complete() {
    let trial = catalogue();
    let whole = exported(&trial, &["jsonl"]);
    assert_eq!(exported(&trial, &["jsonl", "--output", "out.jsonl"]), "");
    assert_eq!(trial.read("out.jsonl"), whole);
    assert_eq!(trial.files(), ["out.jsonl", "rows.jsonl"]);
    // While the export is blocked half-way, the file still has its previous content.
    trial.write("out.jsonl", "of an earlier day");
    let blocker = Session::open(&trial.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    let command = trial.command(&["export", "jsonl", "-o", "out.jsonl"]);
    let program = Program::start(command, None);
    trial.wait_until(
        "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass)",
    );
    assert_eq!(trial.read("out.jsonl"), "of an earlier day");
    blocker.execute("ROLLBACK");
    program.wait().output();
    assert_eq!(trial.read("out.jsonl"), whole);

    let done = trial.run(&["export", "jsonl", "--output", "nowhere/out.jsonl"]);
    assert!(
        done.error().starts_with("error: nowhere/out.jsonl: "),
        "{done:?}"
    );
}

#[test]
fn an_export_without_the_schema_explains_how_to_apply_it() {
    let trial = Workspace::empty();
    trial.run(&["migrate", "down", "--steps=1"]).output();
    let done = trial.run(&["export", "csv"]);
    assert!(done.error().contains("marquee migrate up"), "{done:?}");
}

#[test]
fn a_symbolic_link_stays_and_its_target_is_replaced() {
    let trial = catalogue();
    let whole = exported(&trial, &["jsonl"]);
    fs::create_dir(trial.path("far")).unwrap();
    trial.write("far/out.jsonl", "of an earlier day");
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(trial.path("far/out.jsonl"), mode).unwrap();
    symlink("far/out.jsonl", trial.path("link.jsonl")).unwrap();
    // The target of this link doesn't exist yet.
    symlink("far/new.jsonl", trial.path("new.jsonl")).unwrap();
    for link in ["link.jsonl", "new.jsonl"] {
        exported(&trial, &["jsonl", "-o", link]);
        assert!(
            trial.path(link).is_symlink() && trial.read(link) == whole,
            "{link}"
        );
    }
    assert_eq!(
        trial.files(),
        ["far", "link.jsonl", "new.jsonl", "rows.jsonl"]
    );
    assert_eq!(fs::read_dir(trial.path("far")).unwrap().count(), 2);
    let mode = fs::metadata(trial.path("far/out.jsonl")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600, "the permissions are unchanged");
}

#[test]
fn pipes_and_devices_are_written_to_and_not_replaced() {
    let trial = catalogue();
    let whole = exported(&trial, &["jsonl"]);
    // The link is the test's own: a faulty program that replaces its target must not do so in /dev.
    symlink("/proc/self/fd/1", trial.path("stdout")).unwrap();
    for name in ["/dev/fd/1", "stdout"] {
        assert_eq!(exported(&trial, &["jsonl", "-o", name]), whole);
    }
    mkfifo(&trial.path("pipe"));
    let path = trial.path("pipe");
    let reader = thread::spawn(move || fs::read_to_string(path).unwrap());
    exported(&trial, &["jsonl", "-o", "pipe"]);
    assert_eq!(reader.join().unwrap(), whole);
    let kind = fs::metadata(trial.path("pipe")).unwrap().file_type();
    assert!(kind.is_fifo());
    assert_eq!(trial.files(), ["pipe", "rows.jsonl", "stdout"]);
}

#[test]
fn a_failed_export_prints_nothing_to_standard_output() {
    let trial = catalogue();
    for format in ["csv", "jsonl"] {
        let done = trial.run(&["export", format, "--film=no-such-film"]);
        assert_eq!(done.error(), "error: no film has the slug \"no-such-film\"");
        assert_eq!(done.stdout, "");
    }
}

#[test]
fn a_stopped_export_leaves_no_file() {
    let trial = catalogue();
    let blocker = Session::open(&trial.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    let command = trial.command(&["export", "jsonl", "-o", "out.jsonl"]);
    let program = Program::start(command, None);
    trial.wait_until(
        "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass)",
    );
    assert_eq!(trial.files(), ["out.jsonl.unfinished", "rows.jsonl"]);
    program.signal(Signal::SIGTERM);
    let deadline = Instant::now() + Duration::from_secs(10);
    while trial.files().len() > 1 {
        assert!(Instant::now() < deadline, "{:?}", trial.files());
        thread::sleep(Duration::from_millis(5));
    }
    // The program exits once its statement ends, which waits for the lock.
    blocker.execute("ROLLBACK");
    let done = program.wait();
    assert_eq!(
        done.error(),
        "error: stopped by a signal; unfinished changes are rolled back"
    );
    assert_eq!(trial.files(), ["rows.jsonl"]);
}
