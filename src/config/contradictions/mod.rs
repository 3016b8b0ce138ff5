//! Settings that contradict each other. All of them are reported together, when the server starts.
//!
//! An error is a setting with which the server would serve nothing, or a pair that can't be meant. A warning is a setting
//! without effect.

mod effects;
mod page;
mod rates;

use super::{access::AccessConfigError, database::DatabaseArgs, serve::ServeArgs};

/// The contradictions among the settings of a server, each as a sentence that names the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contradictions {
    /// Those with which the server does not start.
    pub errors: Vec<String>,
    /// Those that are only logged.
    pub warnings: Vec<String>,
}

impl Contradictions {
    /// Finds the contradictions among settings. Reads neither files nor the database.
    #[must_use]
    pub fn of(args: &ServeArgs, database: &DatabaseArgs) -> Self {
        let mut found = Self::default();
        rates::check(args, &mut found);
        page::check(args, &mut found);
        found.check_pairs(args, database);
        effects::check(args, database, &mut found);
        found
    }

    /// Checks the pairs of which only one can be meant.
    fn check_pairs(&mut self, args: &ServeArgs, database: &DatabaseArgs) {
        if args.access.is_incomplete() {
            self.errors.push(AccessConfigError::Incomplete.to_string());
        }
        if let Err(error) = args.documents.check_mode() {
            self.errors.push(error.to_string());
        }
        if database.create && !args.migrate {
            self.error(
                "--create and --migrate=false contradict each other: no tables would be created",
            );
        }
        if args.telemetry.metrics_listen.as_ref() == Some(&args.listen) && args.listen.port() != 0 {
            self.errors.push(format!(
                "--metrics-listen and --listen are both {}: without --metrics-listen, --listen serves /metrics as well",
                args.listen
            ));
        }
        if !args.access.anonymous_reads
            && args.is_given("anonymous_introspection")
            && args.access.anonymous_introspection
        {
            self.error(
                "--anonymous-introspection=true and --anonymous-reads=false contradict each other: introspection is a query",
            );
        }
    }

    fn error(&mut self, text: &str) {
        self.errors.push(text.to_owned());
    }

    /// Adds a warning if a condition holds.
    fn warn_if(&mut self, condition: bool, text: impl FnOnce() -> String) {
        if condition {
            self.warnings.push(text());
        }
    }

    /// Returns the errors as one message; `None` if there are none.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        match &self.errors[..] {
            [] => None,
            [error] => Some(error.clone()),
            errors => Some(format!(
                "{} contradictions in the settings:\n  {}",
                errors.len(),
                errors.join("\n  ")
            )),
        }
    }
}

#[cfg(test)]
mod tests;
