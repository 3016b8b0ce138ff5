//! Values of cells that a layout says more about than the cell itself.

use std::borrow::Cow;

use super::description::IdForm;
use crate::json;

/// Returns an id as its source writes it.
pub(super) fn id<'a>(text: &'a str, form: &IdForm) -> Cow<'a, str> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if form.prefix.is_empty() || !is_number {
        return Cow::Borrowed(text);
    }
    let (prefix, digits) = (&form.prefix, form.digits);
    Cow::Owned(format!("{prefix}{text:0>digits$}"))
}

/// Returns what is wrong with a cell that has a list or an object, as JSON writes it, where one value is expected. `path`
/// is the name of the column, whose lists of objects have columns of their own.
pub(super) fn check_single(
    text: &str,
    name: &str,
    meaning: &str,
    header: &[String],
) -> Result<(), String> {
    if !text.starts_with(['[', '{']) {
        return Ok(());
    }
    let parsed: Result<serde_json::Value, _> = json::from_str(text);
    let items = match parsed {
        Ok(serde_json::Value::Object(_)) => {
            return Err(format!(
                "is an object, and a row has one {meaning}: write the value itself into the cell"
            ));
        }
        Ok(serde_json::Value::Array(items)) => items,
        _ => return Ok(()),
    };
    // A title may have brackets around a number.
    if !items
        .iter()
        .any(|item| item.is_object() || item.is_string())
    {
        return Ok(());
    }
    if items.len() > 1 {
        return Err(format!(
            "is a list of {}, and a row has one {meaning}: write a row for each of them",
            items.len()
        ));
    }
    let member = header
        .iter()
        .find(|other| is_text_member(other, name, &items));
    Err(match member {
        Some(member) => {
            let argument = argument(&format!("{member}={meaning}"));
            format!("is a list of an object: --map {argument} reads a value of it")
        }
        None => format!(
            "is a list, and a row has one {meaning}: write the value itself, without brackets"
        ),
    })
}

/// Returns whether a column has the text of a member of an object in the list of another column.
fn is_text_member(column: &str, name: &str, items: &[serde_json::Value]) -> bool {
    let key = column
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix('.'));
    let value = key.and_then(|key| items.first()?.get(key));
    value.is_some_and(serde_json::Value::is_string)
}

/// Returns an argument of a command line in the quotes that it needs.
pub(super) fn argument(text: &str) -> String {
    if !text.contains('\'') {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if ['"', '\\', '$', '`'].contains(&c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_or_an_object_is_no_single_value() {
        let header = ["critic.role", "critic.name", "critic"].map(str::to_owned);
        let check = |text: &str| check_single(text, "critic", "critic", &header);
        for text in ["Ann", "[REC]", "[1]", "{braces}", "[]", ""] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for (text, reason) in [
            (
                r#"[{"name":"Ann","role":4}]"#,
                "--map 'critic.name=critic' reads",
            ),
            (r#"[{"name":"Ann"},{"name":"Bo"}]"#, "a list of 2"),
            (r#"["Ann"]"#, "without brackets"),
            (r#"{"name":"Ann"}"#, "is an object"),
        ] {
            let error = check(text).expect_err("no single value");
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn an_argument_is_quoted_for_the_shell() {
        assert_eq!(argument("Your Rating=film"), "'Your Rating=film'");
        assert_eq!(argument("L'année=film_year"), "\"L'année=film_year\"");
        assert_eq!(argument("a'$b"), "\"a'\\$b\"");
    }
}
