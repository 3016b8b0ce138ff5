//! User errors: the errors in the input of a mutation. The payload lists all of them.

use crate::global_id::{GlobalId, Kind};

/// An error in the input of a mutation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct UserError {
    /// The path of the value from the mutation's arguments: `["input", "critic", "name"]`.
    pub field: Vec<String>,
    /// The kind of the error.
    pub code: UserErrorCode,
    /// The message for people.
    pub message: String,
    /// The existing objects that the error is about. Outcomes that older versions have stored have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
}

/// An existing object that the input may mean.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct Candidate {
    /// The global id.
    pub id: String,
    /// The slug.
    pub slug: String,
    /// The name, or the title of a film.
    pub name: String,
}

impl Candidate {
    /// Returns the row with a key as a candidate.
    #[must_use]
    pub fn of_row(kind: Kind, key: i64, slug: String, name: String) -> Self {
        let id = GlobalId { kind, key }.encode();
        Self { id, slug, name }
    }
}

/// The maximum number of candidates of an error.
pub const MAX_CANDIDATES: usize = 10;

/// The maximum number of candidates that a message lists.
const MAX_LISTED_CANDIDATES: usize = 5;

/// Returns candidates as a list for a message, such as `"Ann Lee" (ann-lee), "Ann Lee" (ann-lee-2)`.
#[must_use]
pub fn listed(candidates: &[Candidate]) -> String {
    let listed = candidates.iter().take(MAX_LISTED_CANDIDATES);
    let listed: Vec<String> = listed
        .map(|candidate| format!("\"{}\" ({})", candidate.name, candidate.slug))
        .collect();
    let more = if candidates.len() > MAX_LISTED_CANDIDATES {
        " and more"
    } else {
        ""
    };
    format!("{}{more}", listed.join(", "))
}

/// The kind of a user error. The codes are part of the API: a released code never changes its name or meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
pub enum UserErrorCode {
    /// The referenced object doesn't exist, or no longer exists.
    NotFound,
    /// The name matches several objects.
    Ambiguous,
    /// The object would duplicate an existing one.
    AlreadyExists,
    /// The critic has already reviewed the film.
    AlreadyReviewed,
    /// Other objects depend on the object, and the input doesn't allow to delete or change them as well.
    InUse,
    /// The value is blank or missing.
    Blank,
    /// The string is too long.
    TooLong,
    /// The list has too many values.
    TooManyValues,
    /// The number is out of range.
    OutOfRange,
    /// The value has an invalid form.
    Invalid,
    /// The value contradicts another one.
    Contradiction,
    /// The object has changed since the client read it.
    Stale,
    /// The idempotency key was already used with a different input.
    KeyReused,
}

/// The errors in an input, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserErrors(Vec<UserError>);

impl UserErrors {
    /// Adds an error at a field of the argument `input`. `path` is the path within the input, with dots: `critic.name`.
    pub fn add(&mut self, path: &str, code: UserErrorCode, message: impl Into<String>) {
        self.add_with_candidates(path, code, message, Vec::new());
    }

    /// Adds an error about existing objects. At most [`MAX_CANDIDATES`] of them are stored.
    pub fn add_with_candidates(
        &mut self,
        path: &str,
        code: UserErrorCode,
        message: impl Into<String>,
        mut candidates: Vec<Candidate>,
    ) {
        candidates.truncate(MAX_CANDIDATES);
        let steps = path.split('.').filter(|step| !step.is_empty());
        let field = std::iter::once("input").chain(steps);
        self.0.push(UserError {
            field: field.map(str::to_owned).collect(),
            code,
            message: message.into(),
            candidates,
        });
    }

    /// Adds an error if the current version of the object differs from the expected one.
    pub fn expect_version(&mut self, expected: Option<i32>, current: i32) {
        if expected.is_some_and(|expected| expected != current) {
            let message =
                format!("isn't the current version, {current}; read the object again, then retry");
            self.add("expectedVersion", UserErrorCode::Stale, message);
        }
    }

    /// Adds the errors of another check.
    pub fn extend(&mut self, errors: Vec<UserError>) {
        self.0.extend(errors);
    }

    /// Returns whether there are no errors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Converts the errors to a list, in the same order.
    #[must_use]
    pub fn into_vec(self) -> Vec<UserError> {
        self.0
    }
}

#[cfg(test)]
mod tests;
