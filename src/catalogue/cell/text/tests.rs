use super::*;
use crate::catalogue::Number;

fn text(text: &str) -> Cell<'_> {
    Cell::text(text)
}

#[test]
fn a_line_is_trimmed_and_has_no_control_characters() {
    assert_eq!(line(&text(" \u{a0}a  b\n"), 300), Ok("a  b".to_owned()));
    assert_eq!(
        line(&text("a\nb"), 300),
        Err("contains a line break".to_owned())
    );
    assert_eq!(line(&text("a\tb"), 300), Err("contains a tab".to_owned()));
    assert_eq!(
        line(&text("a\u{85}b"), 300),
        Err("contains the control character U+0085".to_owned())
    );
    assert_eq!(line(&text("é\u{a0}×"), 300), Ok("é\u{a0}×".to_owned()));
}

#[test]
fn a_line_may_be_a_number_but_nothing_else() {
    assert_eq!(
        line(&Cell::Number(Number::Float(3.5)), 300),
        Ok("3.5".to_owned())
    );
    assert_eq!(
        line(&Cell::Number(Number::Unsigned(1917)), 300),
        Ok("1917".to_owned())
    );
    assert_eq!(
        line(&Cell::Flag(true), 300),
        Err("must be a string, not true".to_owned())
    );
    assert_eq!(
        line(&Cell::List(vec!["a".into()]), 300),
        Err("must be a string, not a list".to_owned())
    );
}

#[test]
fn a_passage_preserves_tabs_and_normalizes_line_ends() {
    assert_eq!(
        passage(&text("\r\na\r\nb\rc\td\n"), 9),
        Ok("a\nb\nc\td".to_owned())
    );
    assert_eq!(
        passage(&text("a\u{0}"), 300),
        Err("contains the control character U+0000".to_owned())
    );
}

#[test]
fn a_limit_counts_characters() {
    assert_eq!(line(&text("ééé"), 3), Ok("ééé".to_owned()));
    let reason = Err("is 4 characters long, and at most 3 are allowed".to_owned());
    assert_eq!(line(&text("éééé"), 3), reason);
    assert_eq!(passage(&text("abcd"), 3), reason);
    assert_eq!(slug(&text("abcd"), 3), reason);
}

#[test]
fn a_slug_has_the_form_that_the_database_requires() {
    for good in ["pusher-1996", "a", "1-2-3"] {
        assert_eq!(slug(&text(good), 300), Ok(good.to_owned()));
    }
    for bad in ["Pusher", "a--b", "-a", "a-", "a b", "é"] {
        let reason = format!(
            r#"must be lower-case letters a to z and digits with single hyphens between, such as "pusher-1996", not "{bad}""#
        );
        assert_eq!(slug(&text(bad), 300), Err(reason));
    }
}

#[test]
fn a_url_starts_with_the_web_and_a_host() {
    for good in [
        "http://a",
        "HTTPS://a.example/b c",
        "https://u@a:80?x",
        "https://[::1]/",
    ] {
        assert_eq!(url(&text(good), 300), Ok(Some(good.to_owned())));
    }
    for bad in [
        "a.example",
        "ftp://a",
        "http://",
        "https:///a",
        "http://a b",
        "http://:80",
        "://a",
        "http://u@/",
    ] {
        assert_eq!(url(&text(bad), 300), Ok(None), "{bad}");
    }
}
