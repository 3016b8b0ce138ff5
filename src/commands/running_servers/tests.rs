use std::os::unix::{ffi::OsStrExt, fs::PermissionsExt};

use super::*;

fn server(port: u16, data_dir: &[u8]) -> RunningServer {
    RunningServer {
        address: format!("http://127.0.0.1:{port}"),
        database: ServedDatabase::Private(std::ffi::OsStr::from_bytes(data_dir).into()),
    }
}

/// Returns a directory that is created and removed by the test.
fn directory() -> (tempfile::TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("marquee");
    (temp, path)
}

fn files(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn a_server_is_listed_until_it_ends_whatever_bytes_its_path_has() {
    let (_temp, path) = directory();
    assert_eq!(list_in(&path).unwrap(), []);
    let one = server(8000, b"/srv/100% \xff\n\xc3\xa9");
    let other = RunningServer {
        address: "http://127.0.0.1:9000".to_owned(),
        database: ServedDatabase::External("postgres://ann@db.example:5432/films".to_owned()),
    };
    let second = Registration::create_in(&path, &other).unwrap();
    let first = Registration::create_in(&path, &one).unwrap();
    assert_eq!(list_in(&path).unwrap(), [one, other.clone()]);
    drop(first);
    assert_eq!(list_in(&path).unwrap(), [other]);
    drop(second);
    assert_eq!(files(&path), 0);
}

#[test]
fn the_file_of_a_crashed_server_is_removed_by_a_command_and_by_a_server() {
    let (_temp, path) = directory();
    let crash = || {
        let registration = Registration::create_in(&path, &server(8000, b"/srv")).unwrap();
        let content = fs::read(&registration.path).unwrap();
        let file = registration.path.with_file_name("crashed.server");
        drop(registration);
        fs::write(file, content).unwrap();
    };
    crash();
    assert_eq!(list_in(&path).unwrap(), []);
    assert_eq!(files(&path), 0);
    crash();
    let _running = Registration::create_in(&path, &server(8001, b"/srv")).unwrap();
    assert_eq!(files(&path), 1);
}

#[test]
fn a_directory_that_others_can_access_is_not_used() {
    let (temp, path) = directory();
    let one = server(8000, b"/srv");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    let elsewhere = temp.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    let link = temp.path().join("link");
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    for directory in [path, link] {
        let error = Registration::create_in(&directory, &one).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let error = list_in(&directory).unwrap_err();
        assert!(error.to_string().contains("only this user"), "{error}");
        assert_eq!(files(&directory), 0);
    }
}

#[test]
fn files_are_readable_by_their_user_only() {
    let (_temp, path) = directory();
    let registration = Registration::create_in(&path, &server(8000, b"/srv")).unwrap();
    for (path, mode) in [(&path, 0o700), (&registration.path, 0o600)] {
        let permissions = fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{}", path.display());
    }
}

#[test]
fn the_url_of_a_database_has_no_password() {
    let options = PgConnectOptions::new_without_pgpass()
        .host("db.example")
        .port(5433)
        .username("a/b")
        .password("hunter2")
        .database("films");
    assert_eq!(
        url_without_password(&options),
        "postgres://a%2Fb@db.example:5433/films"
    );
    assert_eq!(
        url_without_password(&options.clone().host("2001:db8::7")),
        "postgres://a%2Fb@[2001:db8::7]:5433/films"
    );
    assert_eq!(
        url_without_password(&options.socket("/run/postgresql")),
        "postgres://a%2Fb@%2Frun%2Fpostgresql/films"
    );
}
