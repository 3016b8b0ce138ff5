//! Violations of constraints, by the names of the constraints.

use sea_orm::{
    DbErr,
    sqlx::{self, error::DatabaseError},
};

use super::error::driver_error;

/// `unique_violation`.
pub(super) const UNIQUE_VIOLATION: &str = "23505";

/// The unique constraints that a transaction may violate although it has checked for the row before: a concurrent
/// transaction has inserted the row meanwhile. A retry finds it.
///
/// A violation of any other one, such as a primary key whose values a sequence generates, is an internal error. A retry
/// would fail as well.
pub const RACED_UNIQUE_CONSTRAINTS: [&str; 9] = [
    "critic_external_id_unique",
    "critic_slug_unique",
    "film_external_id_unique",
    "film_slug_unique",
    "idempotency_key_unique",
    "publication_slug_unique",
    "published_score_unique",
    "review_by_hand_unique",
    "review_source_unique",
];

/// Returns the name of the constraint that a statement violated, if it failed because of one.
#[must_use]
pub fn violated_constraint(error: &DbErr) -> Option<String> {
    let cause = driver_error(error)?;
    let constraint = cause.as_database_error()?.constraint()?;
    Some(constraint.to_owned())
}

/// Returns whether an error is the violation of a unique constraint that no concurrent transaction explains.
pub(super) fn is_unexpected_collision(error: &(dyn DatabaseError + 'static)) -> bool {
    let is_raced = |name| RACED_UNIQUE_CONSTRAINTS.contains(&name);
    error.code().as_deref() == Some(UNIQUE_VIOLATION) && !error.constraint().is_some_and(is_raced)
}

/// Returns whether the role lacks a privilege for the statement that failed.
#[must_use]
pub fn is_missing_privilege(error: &DbErr) -> bool {
    let code = driver_error(error)
        .and_then(sqlx::Error::as_database_error)
        .and_then(DatabaseError::code);
    code.as_deref() == Some("42501")
}
