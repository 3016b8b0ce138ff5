//! The files that an export writes.

use std::{
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{catalogue, exported};
use crate::{
    import_export::mkfifo,
    support::program::{Program, Session},
};

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
