//! Pages and files that are rejected.

use super::{file, films, import, page, text};
use crate::{
    commands::empty,
    support::program::{marquee, run},
};

#[test]
fn a_page_with_a_missing_review_is_rejected_with_its_line() {
    let database = empty();
    let text = text();
    let third = text.find("  3. 55").unwrap();
    let fourth = text.find("  4. Reviewed").unwrap();
    let (_directory, path) = file([&text[..third], &text[fourth..]].concat().as_bytes());
    let result = import(&database, &path, &[]);
    let error = result.error();
    for part in [
        path.to_str().unwrap(),
        "line 17: expected review 3, found review 4",
        "nothing was stored",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(films(&database), "0");

    let last = text.find("  5. 20").unwrap();
    let (_directory, path) = file(&text.as_bytes()[..last]);
    let result = import(&database, &path, &[]);
    assert!(
        result
            .error()
            .contains("line 1: expected the number of reviews in the heading, 5, found 4"),
        "{result:?}"
    );
    assert_eq!(films(&database), "0");
}

#[test]
fn all_errors_of_a_page_are_reported_one_per_line() {
    let database = empty();
    let text = text()
        .replace("Mar 4, 2019", "Feb 30, 2019")
        .replace("  3. 55", "  3. 155")
        .replace("  4. Reviewed", "  9. Reviewed");
    let (_directory, path) = file(text.as_bytes());
    let result = import(&database, &path, &[]);
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let expected = format!(
        "error: {}: 3 errors, so nothing was stored\n  \
         line 12: expected a day such as \"Jul 15, 2013\" or \"2013-07-15\", found \"Feb 30, 2019\"\n  \
         line 17: expected a score, a whole number from 0 to 100, found \"155\"\n  \
         line 19: expected review 4, found review 9\n",
        path.display()
    );
    assert!(result.stderr.ends_with(&expected), "{result:?}");
    assert_eq!(films(&database), "0");
}

/// Returns the error of an import that must fail before it connects to the database.
fn import_error(arguments: &[&str]) -> String {
    let mut command = marquee(&["import", "page"]);
    command
        .args(arguments)
        .env("DATABASE_URL", "postgres://127.0.0.1:1/nothing");
    run(command).error().to_owned()
}

#[test]
fn an_unreadable_file_is_named() {
    let error = import_error(&["/nowhere/page.txt", "--title=Lamp"]);
    assert!(error.contains("/nowhere/page.txt: No such file"), "{error}");
    let error = import_error(&["/", "--title=Lamp"]);
    assert!(error.starts_with("error: /: "), "{error}");
    let (_directory, path) = file(b"");
    let error = import_error(&[path.to_str().unwrap(), "--title=Lamp"]);
    assert!(error.contains("line 1: expected a heading"), "{error}");
}

#[test]
fn a_file_that_is_not_utf_8_is_rejected_with_the_position() {
    let (_directory, path) = file(b"Mixed or caf\xe9 reviews");
    let error = import_error(&[path.to_str().unwrap(), "--title=Lamp"]);
    assert!(error.contains("not UTF-8 at byte 12"), "{error}");
}

#[test]
fn an_endless_file_is_rejected() {
    let error = import_error(&["/dev/zero", "--title=Lamp"]);
    assert!(error.contains("too large for a page of reviews"), "{error}");
}

#[test]
fn a_blank_title_or_source_is_rejected() {
    let page = page();
    let page = page.to_str().unwrap();
    for title in ["--title=", "--title= \u{a0}", "--title=a\nb"] {
        let error = import_error(&[page, title]);
        assert!(error.contains("--title"), "{error}");
    }
    let error = import_error(&[page, "--title=Lamp", "--source= "]);
    assert!(error.contains("--source"), "{error}");
}
