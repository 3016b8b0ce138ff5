//! Deleting critics and publications.

use sea_orm::{DbErr, FromQueryResult};

use super::{Lock, lock};
use crate::{
    database::{session::Transaction, sql},
    mutation::{Deleted, Mutation, Outcome},
    named::NamedKind,
    user_error::{UserErrorCode::InUse, UserErrors},
};

/// Deletes a critic or a publication. Their reviews stay: they were written, and what stands after "Reviewed by" still tells by whom.
#[derive(Clone, Debug)]
pub struct DeleteNamed {
    /// Which of the two.
    pub kind: NamedKind,
    /// Which one, if the input names one.
    pub id: Option<i64>,
    /// In which state it has to be still.
    pub expected_version: Option<i32>,
    /// Whether reviews may lose their critic or publication.
    pub detach_reviews: bool,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

impl Mutation for DeleteNamed {
    type Done = Deleted;

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<Deleted>, DbErr> {
        let mut errors = self.errors.clone();
        let found = lock(
            (self.kind, "id"),
            self.id,
            self.expected_version,
            Lock::Delete,
            (transaction, &mut errors),
        )
        .await?;
        let Some(found) = found else {
            return Ok(Outcome::Refused(errors.into_vec()));
        };
        let reviews = count_reviews(self.kind, found.id, transaction).await?;
        self.check(reviews, found.id, transaction, &mut errors)
            .await?;
        if !errors.is_empty() {
            return Ok(Outcome::Refused(errors.into_vec()));
        }
        if self.kind == NamedKind::Critic {
            keep_name(found.id, &found.name, transaction).await?;
        }
        let statement = format!("DELETE FROM {} WHERE id = $1", self.kind.word());
        sql::execute(transaction, &statement, [found.id.into()]).await?;
        Ok(Outcome::Done(Deleted {
            id: found.id,
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
        let word = self.kind.word();
        if reviews > 0 && !self.detach_reviews {
            let message = format!(
                "the {word} has {reviews} reviews; say `detachReviews: true` to keep them without it"
            );
            errors.add("detachReviews", InUse, message);
        }
        let doubled = match self.kind {
            NamedKind::Critic => 0,
            NamedKind::Publication => count_doubled(id, transaction).await?,
        };
        if doubled > 0 {
            let message = format!(
                "{doubled} of its reviews would double one that their critic wrote of the same film for no publication; delete these first"
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
    let owner = kind.word();
    let statement = format!("SELECT count(*) AS count FROM review WHERE {owner}_id = $1");
    let row: Option<Count> = sql::one(transaction, &statement, [id.into()]).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// By hand a critic reviews a film once for a publication, and once for none.
async fn count_doubled(publication: i64, transaction: &Transaction) -> Result<i64, DbErr> {
    let statement = "
        SELECT count(*) AS count
        FROM review AS ours
        JOIN review AS theirs USING (film_id, critic_id)
        WHERE ours.publication_id = $1 AND theirs.publication_id IS NULL
            AND ours.source IS NULL AND theirs.source IS NULL";
    let row: Option<Count> = sql::one(transaction, statement, [publication.into()]).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// A review by a critic whose name stood beside it alone goes on telling by whom it is.
async fn keep_name(critic: i64, name: &str, transaction: &Transaction) -> Result<(), DbErr> {
    let statement = "UPDATE review SET byline = $2 WHERE critic_id = $1 AND byline IS NULL";
    let values = [critic.into(), name.into()];
    sql::execute(transaction, statement, values).await.map(drop)
}
