//! The directory and the account of the private PostgreSQL.

use std::{
    fs,
    os::unix::{fs::MetadataExt, fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::program::{DataDir, Program, clean_environment, is_root, open_to_all};

/// The user id of the account `nobody`.
const NOBODY: u32 = 65534;

/// Starts a server twice in a directory, and asserts that the data persists.
fn works_in(dir: &DataDir) {
    let server = dir.serve(&["--demo"]);
    let pid_file = fs::read_to_string(dir.cluster().join("postmaster.pid")).unwrap();
    let socket_dir = PathBuf::from(pid_file.lines().nth(4).unwrap());
    let _removed = (!socket_dir.starts_with(dir.path())).then(|| Removed(socket_dir));
    let titles = server.titles();
    assert_eq!(
        dir.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
    let server = dir.serve(&[]);
    assert_eq!(server.titles(), titles);
    assert_eq!(server.stop().status.code(), Some(0));
}

/// Returns a directory whose path has exactly this length.
fn of_length(length: usize) -> DataDir {
    let short = DataDir::named("x");
    let more = length - short.path().as_os_str().len();
    drop(short);
    let dir = DataDir::named(&"x".repeat(more + 1));
    assert_eq!(dir.path().as_os_str().len(), length);
    dir
}

#[test]
fn a_path_too_long_for_a_socket_works() {
    let dir = of_length(150);
    works_in(&dir);
    assert!(!dir.path().join("run").exists());
}

#[test]
fn the_longest_path_that_holds_its_socket_and_the_first_that_does_not_work() {
    for length in [84, 85] {
        let dir = of_length(length);
        works_in(&dir);
        assert_eq!(dir.path().join("run").exists(), length == 84, "{length}");
    }
}

#[test]
fn blanks_quotes_and_letters_of_any_script_in_the_path_work() {
    works_in(&DataDir::named(" it's a \"réview\" %20 $HOME \\ 映画"));
}

#[test]
fn a_comma_in_the_path_works() {
    works_in(&DataDir::named("films, reviews"));
}

#[test]
fn a_relative_path_and_a_link_lead_to_the_same_data() {
    let dir = DataDir::migrated();
    let link = dir.sibling("link");
    std::os::unix::fs::symlink(dir.path(), &link).unwrap();
    let server = dir.serve(&["--demo"]);
    for path in [
        link.as_path(),
        Path::new("data"),
        Path::new("./link/../data"),
    ] {
        let mut command = crate::support::program::marquee(&["check", "--data-dir"]);
        command.arg(path).current_dir(dir.sibling(""));
        assert_eq!(
            crate::support::program::run(command).output(),
            "every tally equals a recount\n"
        );
    }
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn an_inaccessible_directory_is_replaced_and_the_log_names_the_new_one() {
    if !is_root() {
        return;
    }
    let dir = DataDir::with_private_parent();
    let wanted = dir.path().to_str().unwrap();
    let name = wanted.trim_start_matches('/').replace('/', "%2F");
    let instead = PathBuf::from("/var/lib/marquee").join(name);
    let _removed = Removed(instead.clone());
    let other = DataDir::at(instead.clone());

    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let log = server.log();
    let line = log.lines().find(|line| line.contains(" WARN "));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    assert!(
        line.contains(wanted) && line.contains(instead.to_str().unwrap()),
        "{line}"
    );
    assert_eq!(
        dir.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(other.processes(), [0; 0]);
    let server = dir.serve(&[]);
    assert_eq!(server.titles(), titles);
    assert_eq!(server.stop().status.code(), Some(0));
}

/// A directory outside of temporary ones. Dropping it removes the directory.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
        // Fails unless the directory that Marquee created around it is empty.
        let _ = fs::remove_dir("/var/lib/marquee");
    }
}

/// Returns a command that runs as an ordinary user, from a copy of the program that this user can access.
fn as_nobody(dir: &DataDir, arguments: &[&str]) -> Command {
    let command = |program: &Path| {
        let mut command = Command::new(program);
        command.uid(NOBODY).gid(NOBODY);
        command.env("HOME", dir.sibling("home")).current_dir("/");
        clean_environment(&mut command);
        command
    };
    let mut program = PathBuf::from(env!("CARGO_BIN_EXE_marquee"));
    if command(&program).arg("--version").output().is_err() {
        let copy = dir.sibling("marquee");
        if !copy.exists() {
            fs::copy(&program, &copy).unwrap();
        }
        program = copy;
    }
    let mut command = command(&program);
    command.args(arguments).arg("--data-dir").arg(dir.path());
    command
}

#[test]
fn an_ordinary_user_runs_everything_as_that_user() {
    if !is_root() {
        return;
    }
    let dir = DataDir::named("home/.marquee");
    let home = dir.sibling("home");
    fs::create_dir(&home).unwrap();
    chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();

    let arguments = ["serve", "--listen=127.0.0.1:0", "--workers=1", "--demo"];
    let server = Program::ready(as_nobody(&dir, &arguments));
    let titles = server.titles();
    let processes = dir.processes();
    assert!(processes.len() > 1);
    for pid in processes {
        let owner = Path::new("/proc").join(pid.to_string()).metadata().unwrap();
        assert_eq!(owner.uid(), NOBODY);
    }
    let result = Program::start(as_nobody(&dir, &["check"]), None).wait();
    assert_eq!(result.output(), "every tally equals a recount\n");
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
    let server = Program::ready(as_nobody(&dir, &arguments));
    assert_eq!(server.titles(), titles);
}

#[test]
fn root_uses_the_data_of_an_ordinary_user_as_that_user() {
    if !is_root() {
        return;
    }
    let dir = DataDir::named("home/.marquee");
    let home = dir.sibling("home");
    fs::create_dir(&home).unwrap();
    open_to_all(&home);
    chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
    let result = Program::start(as_nobody(&dir, &["migrate", "up"]), None).wait();
    result.output();
    assert_eq!(
        dir.run(&["check"]).output(),
        "every tally equals a recount\n"
    );
    assert_eq!(dir.processes(), [0; 0]);
    // The command that root ran must not make the data inaccessible to the user.
    let result = Program::start(as_nobody(&dir, &["check"]), None).wait();
    assert_eq!(result.output(), "every tally equals a recount\n");
}
