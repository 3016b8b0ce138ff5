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
    let workspace = catalogue();
    let result = workspace.run(&["export", "csv", "--film=unseen", "--film=no-such-film"]);
    assert_eq!(
        result.error(),
        "error: no film has the slug \"no-such-film\""
    );

    workspace.write("kept.csv", "of an earlier day");
    let result = workspace.run(&["export", "csv", "--film=no-such-film", "--output=kept.csv"]);
    assert!(result.error().contains("no-such-film"), "{result:?}");
    assert_eq!(workspace.read("kept.csv"), "of an earlier day");
    assert_eq!(workspace.files(), ["kept.csv", "rows.jsonl"]);
}

#[test]
fn an_export_replaces_its_file_only_when_it_is_complete() {
    let workspace = catalogue();
    let whole = exported(&workspace, &["jsonl"]);
    assert_eq!(
        exported(&workspace, &["jsonl", "--output", "out.jsonl"]),
        ""
    );
    assert_eq!(workspace.read("out.jsonl"), whole);
    assert_eq!(workspace.files(), ["out.jsonl", "rows.jsonl"]);
    // While the export is blocked half-way, the file still has its previous content.
    workspace.write("out.jsonl", "of an earlier day");
    let blocker = Session::open(&workspace.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    let command = workspace.command(&["export", "jsonl", "-o", "out.jsonl"]);
    let program = Program::start(command, None);
    workspace.wait_until(
        "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass)",
    );
    assert_eq!(workspace.read("out.jsonl"), "of an earlier day");
    blocker.execute("ROLLBACK");
    program.wait().output();
    assert_eq!(workspace.read("out.jsonl"), whole);

    let result = workspace.run(&["export", "jsonl", "--output", "nowhere/out.jsonl"]);
    assert!(
        result.error().starts_with("error: nowhere/out.jsonl: "),
        "{result:?}"
    );
}

#[test]
fn a_symbolic_link_stays_and_its_target_is_replaced() {
    let workspace = catalogue();
    let whole = exported(&workspace, &["jsonl"]);
    fs::create_dir(workspace.path("far")).unwrap();
    workspace.write("far/out.jsonl", "of an earlier day");
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(workspace.path("far/out.jsonl"), mode).unwrap();
    symlink("far/out.jsonl", workspace.path("link.jsonl")).unwrap();
    // The target of this link doesn't exist yet.
    symlink("far/new.jsonl", workspace.path("new.jsonl")).unwrap();
    for link in ["link.jsonl", "new.jsonl"] {
        exported(&workspace, &["jsonl", "-o", link]);
        assert!(
            workspace.path(link).is_symlink() && workspace.read(link) == whole,
            "{link}"
        );
    }
    assert_eq!(
        workspace.files(),
        ["far", "link.jsonl", "new.jsonl", "rows.jsonl"]
    );
    assert_eq!(fs::read_dir(workspace.path("far")).unwrap().count(), 2);
    let mode = fs::metadata(workspace.path("far/out.jsonl"))
        .unwrap()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "the permissions are unchanged");
}

#[test]
fn pipes_and_devices_are_written_to_and_not_replaced() {
    let workspace = catalogue();
    let whole = exported(&workspace, &["jsonl"]);
    // The link is the test's own: a faulty program that replaces its target must not do so in /dev.
    symlink("/proc/self/fd/1", workspace.path("stdout")).unwrap();
    for name in ["/dev/fd/1", "stdout"] {
        assert_eq!(exported(&workspace, &["jsonl", "-o", name]), whole);
    }
    mkfifo(&workspace.path("pipe"));
    let path = workspace.path("pipe");
    let reader = thread::spawn(move || fs::read_to_string(path).unwrap());
    exported(&workspace, &["jsonl", "-o", "pipe"]);
    assert_eq!(reader.join().unwrap(), whole);
    let kind = fs::metadata(workspace.path("pipe")).unwrap().file_type();
    assert!(kind.is_fifo());
    assert_eq!(workspace.files(), ["pipe", "rows.jsonl", "stdout"]);
}

#[test]
fn a_failed_export_prints_nothing_to_standard_output() {
    let workspace = catalogue();
    for format in ["csv", "jsonl"] {
        let result = workspace.run(&["export", format, "--film=no-such-film"]);
        assert_eq!(
            result.error(),
            "error: no film has the slug \"no-such-film\""
        );
        assert_eq!(result.stdout, "");
    }
}

#[test]
fn a_stopped_export_leaves_no_file() {
    let workspace = catalogue();
    let blocker = Session::open(&workspace.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    let command = workspace.command(&["export", "jsonl", "-o", "out.jsonl"]);
    let program = Program::start(command, None);
    workspace.wait_until(
        "EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass)",
    );
    assert_eq!(workspace.files(), ["out.jsonl.unfinished", "rows.jsonl"]);
    program.signal(Signal::SIGTERM);
    let deadline = Instant::now() + Duration::from_secs(10);
    while workspace.files().len() > 1 {
        assert!(Instant::now() < deadline, "{:?}", workspace.files());
        thread::sleep(Duration::from_millis(5));
    }
    // The program exits once its statement ends, which waits for the lock.
    blocker.execute("ROLLBACK");
    let result = program.wait();
    assert_eq!(
        result.error(),
        "error: stopped by a signal; unfinished changes are rolled back"
    );
    assert_eq!(workspace.files(), ["rows.jsonl"]);
}
