//! What a mutation finds wrong with its input: values of its payload, all of them at once.

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub struct UserError {
    /// The way to the value from the mutation's arguments: `["input", "critic", "name"]`.
    pub field: Vec<String>,
    /// What kind of thing is wrong.
    pub code: UserErrorCode,
    /// What is wrong, in words.
    pub message: String,
}

/// What can be wrong with an input. Part of the API: once released a code keeps its name and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
pub enum UserErrorCode {
    /// What it names isn't there (any more).
    NotFound,
    /// The name fits several.
    Ambiguous,
    /// Something is there already that it would double.
    AlreadyExists,
    /// The critic has reviewed the film for this publication already.
    AlreadyReviewed,
    /// Others hang on it, and the input doesn't say that they may go or be changed along.
    InUse,
    /// Blank, or missing.
    Blank,
    /// Longer than it may be.
    TooLong,
    /// A list with more values than it may have.
    TooManyValues,
    /// Outside of what a number may be.
    OutOfRange,
    /// Not of the form that it must have.
    Invalid,
    /// It contradicts something else.
    Contradiction,
    /// What is to be changed has been changed since it was read.
    Stale,
    /// The idempotency key was used with another input before.
    KeyReused,
}

/// Collects what is wrong with an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserErrors(Vec<UserError>);

impl UserErrors {
    /// Takes note of something at a field of the argument `input`; `path` is its way from there, with dots: `critic.name`.
    pub fn add(&mut self, path: &str, code: UserErrorCode, message: impl Into<String>) {
        let steps = path.split('.').filter(|step| !step.is_empty());
        let field = std::iter::once("input").chain(steps);
        self.0.push(UserError {
            field: field.map(str::to_owned).collect(),
            code,
            message: message.into(),
        });
    }

    /// Takes note if what is to be changed is at another version than its writer has read.
    pub fn expect_version(&mut self, expected: Option<i32>, now: i32) {
        if expected.is_some_and(|expected| expected != now) {
            let message = format!("it has been changed since, and is at version {now} now");
            self.add("expectedVersion", UserErrorCode::Stale, message);
        }
    }

    /// Takes note of what was found elsewhere.
    pub fn extend(&mut self, others: Vec<UserError>) {
        self.0.extend(others);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong, in the order in which it was found.
    #[must_use]
    pub fn into_vec(self) -> Vec<UserError> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_the_way_to_its_value() {
        let mut errors = UserErrors::default();
        errors.add("critic.name", UserErrorCode::Blank, "the name is blank");
        errors.add("", UserErrorCode::Blank, "there is nothing");
        let fields: Vec<_> = errors
            .into_vec()
            .into_iter()
            .map(|error| error.field.join("/"))
            .collect();
        assert_eq!(fields, ["input/critic/name", "input"]);
    }
}
