//! The text of errors for users and logs.
//!
//! The driver appends the line of PostgreSQL's own C source to the message of a database error (`… at line 3349`). In a
//! message about a file this reads as a line of the user's file. So errors are displayed by [`describe`].

use std::{
    error::Error,
    fmt::{self, Display, Formatter, Write},
    sync::Arc,
};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, postgres::PgDatabaseError},
};

use super::{error::driver_error, violation::UNIQUE_VIOLATION};

/// The prefix of a database error in the driver's text.
const DRIVER_PREFIX: &str = "error returned from database: ";

/// The prefix of the line of PostgreSQL's source in the driver's text.
const SOURCE_LINE_PREFIX: &str = " at line ";

/// The SQLSTATE classes of errors about values. Their details contain the values, which may be secret.
const VALUE_CLASSES: [&str; 2] = ["22", "23"];

/// Displays an error in one line. An error of PostgreSQL has its SQLSTATE, its detail unless that contains values, and
/// its hint, but not the line of PostgreSQL's source.
pub fn describe<'a>(error: &'a (dyn Error + 'static)) -> impl Display + 'a {
    Description(error)
}

struct Description<'a>(&'a (dyn Error + 'static));

impl Display for Description<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let Some(error) = postgresql_error(self.0) else {
            return formatter.write_str(without_source_line(&text));
        };
        let mut driver_text = format!("{DRIVER_PREFIX}{error}");
        if !text.contains(&driver_text) {
            driver_text = error.to_string();
        }
        formatter.write_str(&text.replace(&driver_text, &postgresql_text(error)))
    }
}

/// Returns PostgreSQL's error that is `error` or its cause, directly or indirectly.
fn postgresql_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a PgDatabaseError> {
    let mut next = Some(error);
    while let Some(error) = next {
        let driver: Option<&'a sqlx::Error> = error
            .downcast_ref::<sqlx::Error>()
            .or_else(|| driver_error(error.downcast_ref::<DbErr>()?))
            // The source of a `ReadError`.
            .or_else(|| driver_error(error.downcast_ref::<Arc<DbErr>>()?))
            .or_else(|| match error.downcast_ref::<RuntimeErr>()? {
                RuntimeErr::SqlxError(error) => Some(&**error),
                RuntimeErr::Internal(_) => None,
            });
        if let Some(error) = driver.and_then(sqlx::Error::as_database_error) {
            return error.try_downcast_ref();
        }
        next = error.source();
    }
    None
}

fn postgresql_text(error: &PgDatabaseError) -> String {
    let mut text = one_line(error.message());
    let code = error.code();
    // Writing to a string doesn't fail.
    let _ = write!(text, " (SQLSTATE {code}");
    let may_show_detail = !VALUE_CLASSES.iter().any(|class| code.starts_with(class));
    let detail = error.detail().filter(|_| may_show_detail);
    for more in [detail, error.hint()].into_iter().flatten() {
        let _ = write!(text, "; {}", one_line(more));
    }
    text.push(')');
    if violates_primary_key(error) {
        text.push_str("; if a sequence is behind its table, `marquee check --repair` advances it");
    }
    text
}

/// Returns whether a key was in use that a sequence generated. Other keys are unique by constraints with other names.
fn violates_primary_key(error: &PgDatabaseError) -> bool {
    let constraint = error.constraint();
    error.code() == UNIQUE_VIOLATION && constraint.is_some_and(|name| name.ends_with("_pkey"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes the line of PostgreSQL's source from the end of a text, for errors that have the driver's text, but not its
/// error as the source.
fn without_source_line(text: &str) -> &str {
    let end = text.rsplit_once(SOURCE_LINE_PREFIX);
    match end {
        Some((message, line))
            if text.contains(DRIVER_PREFIX) && line.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            message
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_of_postgresql_is_removed_from_a_text() {
        for (text, described) in [
            (
                "error returned from database: canceling statement due to user request at line 3349",
                "Custom Error: error returned from database: canceling statement due to user request",
            ),
            (
                "rows.csv is invalid at line 2",
                "Custom Error: rows.csv is invalid at line 2",
            ),
        ] {
            let error = DbErr::Custom(text.to_owned());
            assert_eq!(describe(&error).to_string(), described);
        }
    }
}
