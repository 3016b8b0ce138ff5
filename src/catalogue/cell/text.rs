//! Texts: of one line and of several, slugs and web addresses.

use std::borrow::Cow;

use super::{Cell, expected};

/// A text of one line, of at most so many characters.
pub(in crate::catalogue) fn line(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    let content = content(cell)?;
    check_line(&content, limit)?;
    Ok(content.into_owned())
}

/// A text of any number of lines, which end with `\n` whatever they ended with, of at most so many characters.
pub(in crate::catalogue) fn passage(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    let content = content(cell)?;
    let passage = if content.contains('\r') {
        content.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        content.into_owned()
    };
    check_control(&passage, |c| !matches!(c, '\n' | '\t'))?;
    check_length(&passage, limit)?;
    Ok(passage)
}

/// A slug, of at most so many characters.
pub(in crate::catalogue) fn slug(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    let slug = content(cell)?;
    let is_part = |part: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty() && part.bytes().all(is_allowed)
    };
    if !slug.split('-').all(is_part) {
        return Err(expected(
            r#"small letters a to z and digits with single hyphens between, such as "pusher-1996""#,
            cell,
        ));
    }
    check_length(&slug, limit)?;
    Ok(slug.into_owned())
}

/// A web address, of at most so many characters; `None` if the text is none.
pub(in crate::catalogue) fn url(cell: &Cell<'_>, limit: usize) -> Result<Option<String>, String> {
    let url = line(cell, limit)?;
    Ok(is_web_address(&url).then_some(url))
}

/// Whether it starts as `http://host` or `https://host` does. What follows the host is left to the browser.
fn is_web_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_web && !host.is_empty() && !host.starts_with(':') && !authority.contains(char::is_whitespace)
}

/// The trimmed text of a cell. A number is one too: a film may be called 1917.
fn content<'c>(cell: &'c Cell<'_>) -> Result<Cow<'c, str>, String> {
    match cell {
        Cell::Text(text) => Ok(Cow::Borrowed(text.trim())),
        Cell::Number(number) => Ok(Cow::Owned(number.to_string())),
        _ => Err(expected("a text", cell)),
    }
}

/// Finds fault with a text that has control characters or is too long.
pub(super) fn check_line(text: &str, limit: usize) -> Result<(), String> {
    check_control(text, |_| true)?;
    check_length(text, limit)
}

fn check_control(text: &str, is_forbidden: impl Fn(char) -> bool) -> Result<(), String> {
    // Every control character has one of these bytes, and most texts have none of them. Looking at all bytes without
    // stopping is many times as fast as looking at characters.
    let is_suspect = |byte: u8| matches!(byte, 0..=0x1f | 0x7f | 0xc2);
    if !text
        .bytes()
        .fold(false, |found, byte| found | is_suspect(byte))
    {
        return Ok(());
    }
    match text.chars().find(|c| c.is_control() && is_forbidden(*c)) {
        Some('\n' | '\r') => Err("holds a line break".to_owned()),
        Some('\t') => Err("holds a tab".to_owned()),
        Some(found) => Err(format!(
            "holds the control character U+{:04X}",
            u32::from(found)
        )),
        None => Ok(()),
    }
}

fn check_length(text: &str, limit: usize) -> Result<(), String> {
    // A text has at least as many bytes as characters.
    let length = if text.len() <= limit {
        0
    } else {
        text.chars().count()
    };
    if length > limit {
        return Err(format!(
            "is {length} characters long, and at most {limit} are allowed"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
            Err("holds a line break".to_owned())
        );
        assert_eq!(line(&text("a\tb"), 300), Err("holds a tab".to_owned()));
        assert_eq!(
            line(&text("a\u{85}b"), 300),
            Err("holds the control character U+0085".to_owned())
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
            Err("must be a text, not true".to_owned())
        );
        assert_eq!(
            line(&Cell::List(vec!["a".into()]), 300),
            Err("must be a text, not a list".to_owned())
        );
    }

    #[test]
    fn a_passage_keeps_tabs_and_ends_its_lines_in_one_way() {
        assert_eq!(
            passage(&text("\r\na\r\nb\rc\td\n"), 9),
            Ok("a\nb\nc\td".to_owned())
        );
        assert_eq!(
            passage(&text("a\u{0}"), 300),
            Err("holds the control character U+0000".to_owned())
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
    fn a_slug_has_the_form_that_the_database_asks_for() {
        for good in ["pusher-1996", "a", "1-2-3"] {
            assert_eq!(slug(&text(good), 300), Ok(good.to_owned()));
        }
        for bad in ["Pusher", "a--b", "-a", "a-", "a b", "é"] {
            let reason = format!(
                r#"must be small letters a to z and digits with single hyphens between, such as "pusher-1996", not "{bad}""#
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
}
