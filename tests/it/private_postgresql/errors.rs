//! Errors of the private PostgreSQL are reported in one line with a remedy.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::program::{DataDir, clean_environment, is_root, run};

/// Returns a command of the program that finds only the PostgreSQL in `path`. Returns `None` and prints a notice where
/// mount namespaces are unavailable.
fn without_postgresql(dir: &DataDir, path: &Path) -> Option<Command> {
    let hide = "for place in /usr/lib/postgresql /opt/homebrew/opt /usr/local/opt; do
                    if [ -d $place ]; then mount -t tmpfs none $place || exit; fi
                done";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c"]);
    let works = is_root()
        && Command::new("unshare")
            .args(["--mount", "sh", "-c", hide])
            .status()
            .is_ok_and(|status| status.success());
    if !works {
        eprintln!("NOT TESTED: the machine's PostgreSQL can't be hidden from a process here");
        return None;
    }
    command.arg(format!(
        r#"{hide}; path=$1; shift; exec env PATH="$path" "$@""#
    ));
    command.arg("sh").arg(path);
    clean_environment(&mut command);
    command
        .arg(env!("CARGO_BIN_EXE_marquee"))
        .args(["migrate", "up", "--data-dir"])
        .arg(dir.path());
    Some(command)
}

#[test]
fn a_missing_postgresql_is_reported_with_installation_instructions() {
    let dir = DataDir::new();
    let empty = dir.sibling("empty");
    fs::create_dir(&empty).unwrap();
    let Some(command) = without_postgresql(&dir, &empty) else {
        return;
    };
    let result = run(command);
    let error = result.error();
    assert!(
        error.contains("apt-get install postgresql") && error.contains("DATABASE_URL"),
        "{error}"
    );
}

#[test]
fn a_too_old_postgresql_is_reported_with_its_version_and_path() {
    let dir = DataDir::new();
    let old = dir.sibling("old");
    fs::create_dir(&old).unwrap();
    for name in ["initdb", "pg_ctl", "postgres"] {
        let script = "#!/bin/sh\necho 'postgres (PostgreSQL) 14.2'\n";
        write_program(&old.join(name), script);
    }
    let Some(command) = without_postgresql(&dir, &old) else {
        return;
    };
    let result = run(command);
    let error = result.error();
    assert!(
        error.contains("PostgreSQL 14 at ") && error.contains("15 or newer"),
        "{error}"
    );
    assert!(error.contains(old.to_str().unwrap()), "{error}");
}

fn write_program(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_failing_program_is_reported_with_its_output() {
    let dir = DataDir::new();
    let broken = dir.sibling("broken");
    fs::create_dir(&broken).unwrap();
    write_program(
        &broken.join("initdb"),
        "#!/bin/sh\necho 'initdb: error: the disk' >&2; echo 'is full' >&2; exit 1\n",
    );
    write_program(&broken.join("pg_ctl"), "#!/bin/sh\nexit 3\n");
    write_program(
        &broken.join("postgres"),
        "#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n",
    );
    let Some(command) = without_postgresql(&dir, &broken) else {
        return;
    };
    let result = run(command);
    assert!(result.error().contains("the disk is full"), "{result:?}");
}

#[test]
fn an_unwritable_directory_is_named() {
    let dir = DataDir::new();
    fs::write(dir.path(), "a file").unwrap();
    for path in [
        dir.path().to_owned(),
        dir.path().join("below"),
        PathBuf::from("/proc/marquee"),
    ] {
        let mut command = crate::support::program::marquee(&["serve", "--listen=127.0.0.1:0"]);
        command.arg("--data-dir").arg(&path);
        let result = run(command);
        let error = result.error();
        assert!(
            error.contains(path.to_str().unwrap()) && error.contains("choose another directory"),
            "{error}"
        );
    }
}

#[test]
fn a_cluster_of_another_major_version_is_left_alone_and_reported() {
    let dir = DataDir::migrated();
    let file = dir.cluster().join("PG_VERSION");
    let version = fs::read_to_string(&file).unwrap();
    fs::write(&file, "99\n").unwrap();
    let result = run(dir.server(&[]));
    let error = result.error();
    for part in ["99", version.trim(), "pg_upgrade", "--data-dir"] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(dir.processes(), [0; 0]);
    fs::write(&file, version).unwrap();
    dir.run(&["check"]).output();
}

#[test]
fn a_directory_without_a_cluster_is_left_alone() {
    let dir = DataDir::new();
    fs::create_dir_all(dir.cluster()).unwrap();
    let file = dir.cluster().join("notes.txt");
    fs::write(&file, "mine").unwrap();
    let result = run(dir.server(&[]));
    let error = result.error();
    assert!(
        error.contains("is not a PostgreSQL data directory") && error.contains("--data-dir"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn a_damaged_cluster_is_reported_with_the_output_and_log_of_postgresql() {
    let dir = DataDir::migrated();
    let file = dir.cluster().join("postgresql.conf");
    fs::write(file, "shared_buffers = nonsense\n").unwrap();
    let result = run(dir.server(&[]));
    let error = result.error();
    assert!(
        error.contains("postgresql.conf") && error.contains("postgres.log"),
        "{error}"
    );
}

#[test]
fn an_incomplete_cluster_is_created_again() {
    let dir = DataDir::migrated();
    fs::rename(dir.cluster(), dir.path().join("cluster/unfinished")).unwrap();
    fs::remove_file(dir.path().join("cluster/unfinished/PG_VERSION")).unwrap();
    dir.run(&["migrate", "up"]).output();
    assert!(!dir.path().join("cluster/unfinished").exists());
}
