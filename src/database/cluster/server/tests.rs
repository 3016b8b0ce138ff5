use super::*;

#[test]
fn a_directory_with_commas_or_quotes_is_one_entry_of_the_list() {
    let listed = |path| quote_directory_list(Path::new(path)).into_string().unwrap();
    assert_eq!(
        listed("/srv/films, reviews/run"),
        r#""/srv/films, reviews/run""#
    );
    assert_eq!(listed(r#"/srv/"best"/run"#), r#""/srv/""best""/run""#);
}

#[test]
fn the_pid_file_contains_the_pid_and_the_status() {
    let text = "4711\n/data\n1700000000\n5432\n/run\n\n  123 0\nready   \n";
    assert_eq!((pid_of(text), status_of(text)), ("4711", "ready"));
    assert_eq!((pid_of(""), status_of("4711\n")), ("", ""));
}

#[test]
fn an_error_of_several_lines_is_joined_into_one() {
    assert_eq!(
        one_line("initdb: error:\n  no space\tleft\n"),
        "initdb: error: no space left"
    );
    assert_eq!(one_line(" \n"), "it printed no message");
}
