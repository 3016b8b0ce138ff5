//! Changes through the API. Each is atomic, runs once per idempotency key, and is recorded with its actor.
//!
//! A [`Command`] is a value that can be run several times: after a conflict with a concurrent write, the whole
//! transaction is retried.

pub mod key;
pub mod site_rules;
pub mod store;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{database::session::transaction::Transaction, user_error::UserError};

/// A change of the catalogue.
pub trait Command: Sync {
    /// The result of a success, by which the changed rows can be found. It is stored as JSON with the idempotency key.
    type Done: Serialize + DeserializeOwned + Send + Sync;

    /// Returns whether this is a dry run: the transaction is rolled back at the end, and no result is stored.
    fn is_dry_run(&self) -> bool {
        false
    }

    /// Returns whether [`run`](Self::run) may have changed something before it rejects the change. The transaction is then
    /// rolled back, and the outcome is stored in another one.
    fn rejects_after_changes(&self) -> bool {
        false
    }

    /// Makes the change, or rejects it without having changed anything.
    fn run(
        &self,
        transaction: &Transaction,
    ) -> impl Future<Output = Result<CommandOutcome<Self::Done>, sea_orm::DbErr>> + Send;
}

/// A dry run of a mutation.
#[derive(Clone, Copy, Debug)]
pub struct DryRun<'a, C>(pub &'a C);

impl<C: Command> Command for DryRun<'_, C> {
    type Done = C::Done;

    fn is_dry_run(&self) -> bool {
        true
    }

    fn rejects_after_changes(&self) -> bool {
        self.0.rejects_after_changes()
    }

    fn run(
        &self,
        transaction: &Transaction,
    ) -> impl Future<Output = Result<CommandOutcome<Self::Done>, sea_orm::DbErr>> + Send {
        self.0.run(transaction)
    }
}

/// The outcome of a mutation. It is stored as JSON with the idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum CommandOutcome<D> {
    /// The change was made.
    Done(D),
    /// The change was rejected, with at least one error.
    Refused(Vec<UserError>),
    /// The caller is not authorized to make the change.
    Forbidden(String),
}

/// The result of a mutation that wrote a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WrittenRow {
    /// The id of the row.
    pub id: i64,
}

/// The result of a mutation that updated a row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct UpdatedRow {
    /// The id of the row.
    pub id: i64,
    /// The names of the changed columns. Outcomes that older versions have stored have none.
    #[serde(default)]
    pub changed: Vec<String>,
}

/// The result of a mutation that deleted a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct DeletedRow {
    /// The id of the deleted row.
    pub id: i64,
    /// The number of reviews that the row had. The reviews of a film are deleted with it.
    pub reviews: i64,
}
