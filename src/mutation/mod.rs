//! Changes that the API makes: each as a whole or not at all, once however often it is sent, with who made it beside it.
//!
//! A [`Mutation`] is a value that can be run several times: when others write the same at the same time, all of it is done again.

pub mod key;
pub mod store;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{database::session::Transaction, user_error::UserError};

/// A change of the catalogue.
pub trait Mutation: Sync {
    /// What came of it: enough to find again what it changed, in the state in which it left that.
    type Done: Serialize + DeserializeOwned + Send + Sync;

    /// Whether it is only to be tried: all that it did is taken back in the end, and nothing is kept of it.
    fn is_trial(&self) -> bool {
        false
    }

    /// Makes the change, or refuses it; whoever refuses has changed nothing.
    fn run(
        &self,
        transaction: &Transaction,
    ) -> impl Future<Output = Result<Outcome<Self::Done>, sea_orm::DbErr>> + Send;
}

/// A mutation that is only tried, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a, M>(pub &'a M);

impl<M: Mutation> Mutation for Trial<'_, M> {
    type Done = M::Done;

    fn is_trial(&self) -> bool {
        true
    }

    fn run(
        &self,
        transaction: &Transaction,
    ) -> impl Future<Output = Result<Outcome<Self::Done>, sea_orm::DbErr>> + Send {
        self.0.run(transaction)
    }
}

/// What came of a mutation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Outcome<D> {
    /// It was done.
    Done(D),
    /// It was not done, for these reasons; never none.
    Refused(Vec<UserError>),
    /// It was not done, as who asked for it may not.
    Forbidden(String),
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Written {
    /// Its key.
    pub id: i64,
}

/// What was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Deleted {
    /// The key that it had.
    pub id: i64,
    /// How many reviews it had; a film's are deleted along with it.
    pub reviews: i64,
}
