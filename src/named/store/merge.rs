//! Merges of two rows of the same critic or publication.

use sea_orm::{DbErr, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

use super::{LockStrength, LockedRow, lock};
use crate::{
    database::{session::transaction::Transaction, sql},
    mutation::{Command, CommandOutcome},
    named::NamedKind,
    user_error::{
        UserErrorCode::{AlreadyReviewed, Contradiction},
        UserErrors,
    },
};

/// The mutation that merges one row into another one: it moves the reviews, the external ids and the API tokens, and
/// deletes the first row.
#[derive(Clone, Debug)]
pub struct MergeNamed {
    /// The kind of the rows.
    pub kind: NamedKind,
    /// The key of the row to delete; `None` if the input's id is invalid.
    pub from: Option<i64>,
    /// The key of the row that remains; `None` if the input's id is invalid.
    pub into: Option<i64>,
    /// Whether the site allows a critic several reviews of a film, one for each publication.
    pub allows_more_reviews: bool,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

/// The result of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Merged {
    /// The key of the deleted row.
    pub from: i64,
    /// The key of the row that remains.
    pub into: i64,
    /// The number of moved reviews.
    pub reviews: u64,
}

/// The maximum number of films in the error message about films with a review of both rows.
const MAX_NAMED_FILMS: usize = 5;

impl Command for MergeNamed {
    type Done = Merged;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<Merged>, DbErr> {
        let mut errors = self.errors.clone();
        let is_same = self.from.is_some() && self.from == self.into;
        if is_same {
            errors.add("into", Contradiction, "must not be the same as `from`");
        }
        let (from, into) = self.lock_both(transaction, &mut errors).await?;
        if let (Some(from), Some(into), false) = (&from, &into, is_same) {
            self.check(from.id, into.id, transaction, &mut errors)
                .await?;
        }
        let (Some(from), Some(into), true) = (from, into, errors.is_empty()) else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let reviews = self.move_all(&from, into.id, transaction).await?;
        Ok(CommandOutcome::Done(Merged {
            from: from.id,
            into: into.id,
            reviews,
        }))
    }
}

impl MergeNamed {
    /// Locks both rows in the order of their keys, so that two merges of the same pair don't deadlock.
    async fn lock_both(
        &self,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(Option<LockedRow>, Option<LockedRow>), DbErr> {
        let mut from = (self.from, "from", None);
        let mut into = (self.into, "into", None);
        let mut both = [&mut from, &mut into];
        both.sort_by_key(|(id, _, _)| *id);
        for (id, path, row) in both {
            *row = lock(
                (self.kind, path),
                *id,
                None,
                LockStrength::Delete,
                (transaction, errors),
            )
            .await?;
        }
        Ok((from.2, into.2))
    }

    /// Adds an error if the merge would leave two reviews of a film by one critic that were not imported. Merged
    /// publications only bring together reviews that a critic had for both.
    async fn check(
        &self,
        from: i64,
        into: i64,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        #[derive(FromQueryResult)]
        struct Title {
            title: String,
        }
        let (owner, same) = match self.kind {
            NamedKind::Critic if self.allows_more_reviews => (
                "critic_id",
                "existing.publication_id IS NOT DISTINCT FROM moved.publication_id",
            ),
            NamedKind::Critic => ("critic_id", "true"),
            NamedKind::Publication => ("publication_id", "existing.critic_id = moved.critic_id"),
        };
        let statement = format!(
            "SELECT DISTINCT film.id, film.title
            FROM review AS moved
            JOIN review AS existing ON existing.film_id = moved.film_id AND {same}
            JOIN film ON film.id = moved.film_id
            WHERE moved.{owner} = $1 AND existing.{owner} = $2 AND moved.source IS NULL AND existing.source IS NULL
            ORDER BY film.title, film.id"
        );
        let values = [from.into(), into.into()];
        let titles: Vec<Title> = sql::all(transaction, &statement, values).await?;
        if titles.is_empty() {
            return Ok(());
        }
        let quoted_titles: Vec<String> = titles
            .iter()
            .take(MAX_NAMED_FILMS)
            .map(|row| format!("\"{}\"", row.title))
            .collect();
        let suffix = match titles.len().saturating_sub(MAX_NAMED_FILMS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let quoted_titles = quoted_titles.join(", ");
        let message =
            format!("both have a review of {quoted_titles}{suffix}; delete one of each pair first");
        errors.add("from", AlreadyReviewed, message);
        Ok(())
    }

    async fn move_all(
        &self,
        from: &LockedRow,
        into: i64,
        transaction: &Transaction,
    ) -> Result<u64, DbErr> {
        let owner = self.kind.noun();
        let ids = || [from.id.into(), into.into()];
        let reviews = format!("UPDATE review SET {owner}_id = $2 WHERE {owner}_id = $1");
        let moved = sql::execute(transaction, &reviews, ids()).await?;
        if self.kind == NamedKind::Critic {
            move_rows("api_token", ids(), transaction).await?;
            if move_rows("critic_external_id", ids(), transaction).await? > 0 {
                // They are a part of the critic that remains.
                let update = "UPDATE critic SET version = version + 1 WHERE id = $1";
                sql::execute(transaction, update, [into.into()]).await?;
            }
        }
        let delete = format!("DELETE FROM {owner} WHERE id = $1");
        sql::execute(transaction, &delete, [from.id.into()]).await?;
        Ok(moved)
    }
}

/// Moves the rows of a table to another critic, and returns their number.
async fn move_rows(
    table: &str,
    critics: [Value; 2],
    transaction: &Transaction,
) -> Result<u64, DbErr> {
    let statement = format!("UPDATE {table} SET critic_id = $2 WHERE critic_id = $1");
    sql::execute(transaction, &statement, critics).await
}
