//! Deletions of critics and publications.

use sea_orm::{DbErr, FromQueryResult};

use super::{LockStrength, lock};
use crate::{
    database::{session::transaction::Transaction, sql},
    mutation::{Command, CommandOutcome, DeletedRow},
    named::NamedKind,
    user_error::{UserErrorCode::InUse, UserErrors},
};

/// The mutation that deletes a critic or a publication. The reviews are not deleted; their byline still names the
/// critic.
#[derive(Clone, Debug)]
pub struct DeleteNamed {
    /// The kind of the row.
    pub kind: NamedKind,
    /// The key of the row; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the row must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// Whether its reviews may lose their critic or publication.
    pub detach_reviews: bool,
    /// The errors that parsing the input has row.
    pub errors: UserErrors,
}

impl Command for DeleteNamed {
    type Done = DeletedRow;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<DeletedRow>, DbErr> {
        let mut errors = self.errors.clone();
        let row = lock(
            (self.kind, "id"),
            self.id,
            self.expected_version,
            LockStrength::Delete,
            (transaction, &mut errors),
        )
        .await?;
        let Some(row) = row else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let reviews = count_reviews(self.kind, row.id, transaction).await?;
        self.check(reviews, row.id, transaction, &mut errors)
            .await?;
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        if self.kind == NamedKind::Critic {
            fill_missing_bylines(row.id, &row.name, transaction).await?;
        }
        let statement = format!("DELETE FROM {} WHERE id = $1", self.kind.noun());
        sql::execute(transaction, &statement, [row.id.into()]).await?;
        Ok(CommandOutcome::Done(DeletedRow {
            id: row.id,
            reviews,
        }))
    }
}

impl DeleteNamed {
    async fn check(
        &self,
        reviews: i64,
        id: i64,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let noun = self.kind.noun();
        if reviews > 0 && !self.detach_reviews {
            let message = format!(
                "the {noun} has {reviews} reviews; set `detachReviews: true` to keep them without a {noun}"
            );
            errors.add("detachReviews", InUse, message);
        }
        let duplicates = match self.kind {
            NamedKind::Critic => 0,
            NamedKind::Publication => count_duplicates(id, transaction).await?,
        };
        if duplicates > 0 {
            let message = format!(
                "without it, {duplicates} of its reviews would duplicate the critic's review of the film that has no publication; delete one of each pair first"
            );
            errors.add("id", InUse, message);
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

async fn count_reviews(kind: NamedKind, id: i64, transaction: &Transaction) -> Result<i64, DbErr> {
    let owner = kind.noun();
    let statement = format!("SELECT count(*) AS count FROM review WHERE {owner}_id = $1");
    let row: Option<Count> = sql::one(transaction, &statement, [id.into()]).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// Counts the reviews that would become duplicates without their publication. Among the reviews that were not imported,
/// a critic has at most one of a film for each publication, and one without a publication.
async fn count_duplicates(publication: i64, transaction: &Transaction) -> Result<i64, DbErr> {
    let statement = "
        SELECT count(*) AS count
        FROM review AS detached
        JOIN review AS existing USING (film_id, critic_id)
        WHERE detached.publication_id = $1 AND existing.publication_id IS NULL
            AND detached.source IS NULL AND existing.source IS NULL";
    let row: Option<Count> = sql::one(transaction, statement, [publication.into()]).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// Writes the critic's name into the bylines that are missing, before the critic is deleted. A deletion removes an
/// entry, not the credits of its reviews; an erasure removes these as well.
async fn fill_missing_bylines(
    critic: i64,
    name: &str,
    transaction: &Transaction,
) -> Result<(), DbErr> {
    let statement = "UPDATE review SET byline = $2 WHERE critic_id = $1 AND byline IS NULL";
    let values = [critic.into(), name.into()];
    sql::execute(transaction, statement, values).await.map(drop)
}
