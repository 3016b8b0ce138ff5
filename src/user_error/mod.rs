//! User errors: the errors in the input of a mutation. The payload lists all of them.

/// An error in the input of a mutation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct UserError {
    /// The path of the value from the mutation's arguments: `["input", "critic", "name"]`.
    pub field: Vec<String>,
    /// The kind of the error.
    pub code: UserErrorCode,
    /// The message for people.
    pub message: String,
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
        let steps = path.split('.').filter(|step| !step.is_empty());
        let field = std::iter::once("input").chain(steps);
        self.0.push(UserError {
            field: field.map(str::to_owned).collect(),
            code,
            message: message.into(),
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
