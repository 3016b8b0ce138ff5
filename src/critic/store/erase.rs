//! The erasure of a critic: the name leaves the database, and the reviews stay as reviews without a critic.
//!
//! All of it is done by statements in the database, so that the memory of the server doesn't depend on the number of
//! reviews.

use entity::erasure;
use sea_orm::{DbErr, EntityTrait, FromQueryResult, Value};

use crate::{
    critic::erasure::Erasure,
    database::{session::transaction::Transaction, sql},
    mutation::{Command, CommandOutcome},
    named::{
        NamedKind,
        store::{LockStrength, LockedRow, lock},
    },
    user_error::{
        UserErrorCode::{Contradiction, NotFound},
        UserErrors,
    },
};

/// The mutation that erases a critic.
#[derive(Clone, Debug)]
pub struct EraseCritic {
    /// The key of the critic; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the critic must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// Whether the excerpts and URLs of the reviews are removed as well.
    pub removes_texts: bool,
    /// The byline of the reviews instead of the name.
    pub byline: Option<String>,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

/// The texts by which the name and the slug are found.
#[derive(FromQueryResult)]
struct Needles {
    name: Option<String>,
    slug: Option<String>,
    /// The folded name, if no other critic has it. Then it is also that of reviews without a critic.
    uncredited: Option<String>,
    /// Whether the new byline is or has the name.
    is_in_byline: bool,
}

const FIND_NEEDLES: &str = "
SELECT
    needle_of($2) AS name,
    needle_of($3) AS slug,
    CASE WHEN NOT EXISTS (SELECT FROM critic WHERE id <> $1 AND name_folded = fold_text($2)) THEN fold_text($2) END AS uncredited,
    coalesce(mentions($4, needle_of($2), needle_of($3)) OR fold_text($4) = fold_text($2), false) AS is_in_byline";

/// The actors of the critic's tokens, which are deleted with the critic.
const FIND_ACTORS: &str =
    "SELECT name || ' (token ' || public_id || ')' AS actor FROM api_token WHERE critic_id = $1";

#[derive(FromQueryResult)]
struct Actor {
    actor: String,
}

/// The external id of a review without the name. Equal ids of a source remain equal.
const UNNAMED_EXTERNAL_ID: &str = "CASE WHEN mentions(external_id, $4, $5)
        THEN 'erased-' || left(encode(sha256(convert_to(source || chr(10) || external_id, 'UTF8')), 'hex'), 32)
        ELSE external_id END";

/// Returns the statement that changes the reviews. Its parameters are the critic, the new byline, whether texts are
/// removed, the needles of the name and of the slug, and the folded name of uncredited reviews.
fn update_reviews() -> String {
    format!(
        "
UPDATE review SET
    critic_id = NULL,
    byline = $2,
    excerpt = CASE WHEN NOT $3 THEN excerpt END,
    url = CASE WHEN NOT $3 AND mentions(url, $4, $5) IS NOT TRUE THEN url END,
    external_id = {UNNAMED_EXTERNAL_ID}
WHERE id IN (
    SELECT id FROM review WHERE critic_id = $1
    UNION ALL
    SELECT id FROM review WHERE critic_id IS NULL AND fold_text(byline) = $6
)"
    )
}

/// Returns the statement that changes the earlier versions of reviews, including those that the change of the reviews
/// has just added. Its parameters are those of [`update_reviews`], and the actors of the critic's tokens.
///
/// `theirs` are the reviews that were the critic's before this transaction, or when they were deleted.
fn update_revisions() -> String {
    // The critic of an earlier version may have been deleted.
    const IS_BY_CRITIC: &str = "(critic_id = $1 OR fold_text(byline) = $6
        AND NOT EXISTS (SELECT FROM critic WHERE critic.id = review_revision.critic_id))";
    // The critic was merged into this one, or was deleted.
    const IS_BY_MERGED: &str =
        "(critic_id IS NOT NULL AND review_id IN (SELECT review_id FROM theirs)
        AND NOT EXISTS (SELECT FROM critic WHERE critic.id = review_revision.critic_id))";
    const IS_THEIRS: &str = "(critic_id = $1 OR review_id IN (SELECT review_id FROM theirs))";
    format!(
        "
WITH theirs AS MATERIALIZED (
    SELECT DISTINCT review_id FROM review_revision
    WHERE {IS_BY_CRITIC} AND (replaced_at = now() OR operation = 'deleted')
), actors AS MATERIALIZED (
    SELECT DISTINCT replaced_by FROM review_revision
), named_actors AS MATERIALIZED (
    SELECT replaced_by FROM actors WHERE replaced_by = ANY ($7) OR mentions(replaced_by, $4, $5)
)
UPDATE review_revision SET
    critic_id = CASE WHEN NOT {IS_BY_MERGED} THEN nullif(critic_id, $1) END,
    byline = CASE WHEN {IS_BY_CRITIC} OR {IS_BY_MERGED} OR mentions(byline, $4, $5) THEN $2 ELSE byline END,
    excerpt = CASE WHEN NOT ($3 AND {IS_THEIRS}) THEN excerpt END,
    url = CASE WHEN NOT ($3 AND {IS_THEIRS}) AND mentions(url, $4, $5) IS NOT TRUE THEN url END,
    external_id = {UNNAMED_EXTERNAL_ID},
    replaced_by = CASE WHEN replaced_by IN (SELECT replaced_by FROM named_actors)
        THEN 'erased' || coalesce(substring(replaced_by FROM ' [(]token [0-9a-f]{{12}}[)]$'), '')
        ELSE replaced_by END
WHERE {IS_THEIRS} OR {IS_BY_CRITIC} OR replaced_by IN (SELECT replaced_by FROM named_actors)"
    )
}

/// Deletes the idempotency keys that have the name, and those of the critic's tokens.
const DELETE_KEYS: &str = "
DELETE FROM idempotency_key WHERE actor = ANY ($3) OR mentions(actor, $1, $2) OR mentions(key, $1, $2)";

/// Replaces the stored outcomes that have the name. The keys remain, so that a retry doesn't make the change again.
const REPLACE_OUTCOMES: &str =
    "UPDATE idempotency_key SET outcome = $3 WHERE mentions(outcome, $1, $2)";

const INSERT: &str = "
INSERT INTO erasure (critic_id, erased_by, review_count, revision_count, texts_removed)
SELECT
    $1,
    CASE WHEN mentions(actor, $5, $6)
        THEN 'erased' || coalesce(substring(actor FROM ' [(]token [0-9a-f]{12}[)]$'), '')
        ELSE actor END,
    $2, $3, $4
FROM (SELECT coalesce(nullif(current_setting('marquee.actor', true), ''), session_user) AS actor) AS caller
RETURNING *";

impl Command for EraseCritic {
    type Done = Erasure;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<Erasure>, DbErr> {
        let mut errors = self.errors.clone();
        let row = lock(
            (NamedKind::Critic, "id"),
            self.id,
            self.expected_version,
            LockStrength::Delete,
            (transaction, &mut errors),
        )
        .await?;
        let Some(row) = row else {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        let needles = self.find_needles(&row, transaction).await?;
        if needles.is_in_byline {
            errors.add("byline", Contradiction, "must not have the critic's name");
        }
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        let (reviews, revisions) = self.update_all(row.id, &needles, transaction).await?;
        let delete = "DELETE FROM critic WHERE id = $1";
        sql::execute(transaction, delete, [row.id.into()]).await?;
        let values = [
            row.id.into(),
            reviews.cast_signed().into(),
            revisions.cast_signed().into(),
            self.removes_texts.into(),
            needles.name.clone().into(),
            needles.slug.clone().into(),
        ];
        let erasure = erasure::Entity::find()
            .from_raw_sql(sql::statement(INSERT, values))
            .one(transaction)
            .await?;
        let erasure = erasure.ok_or(DbErr::RecordNotInserted)?;
        Ok(CommandOutcome::Done(erasure.into()))
    }
}

impl EraseCritic {
    async fn find_needles(
        &self,
        row: &LockedRow,
        transaction: &Transaction,
    ) -> Result<Needles, DbErr> {
        let values = [
            row.id.into(),
            row.name().into(),
            row.slug().into(),
            self.byline.clone().into(),
        ];
        let needles: Option<Needles> = sql::one(transaction, FIND_NEEDLES, values).await?;
        needles.ok_or_else(|| DbErr::RecordNotFound("the names of a critic".to_owned()))
    }

    /// Removes the name from all tables but that of critics. Returns the numbers of changed reviews and of changed
    /// earlier versions.
    async fn update_all(
        &self,
        critic: i64,
        needles: &Needles,
        transaction: &Transaction,
    ) -> Result<(u64, u64), DbErr> {
        let actors: Vec<Actor> = sql::all(transaction, FIND_ACTORS, [critic.into()]).await?;
        let actors: Vec<String> = actors.into_iter().map(|row| row.actor).collect();
        let names: [Value; 2] = [needles.name.clone().into(), needles.slug.clone().into()];
        let mut values = vec![
            critic.into(),
            self.byline.clone().into(),
            self.removes_texts.into(),
        ];
        values.extend(names.clone());
        values.push(needles.uncredited.clone().into());
        let reviews = sql::execute(transaction, &update_reviews(), values.clone()).await?;
        values.push(actors.clone().into());
        let revisions = sql::execute(transaction, &update_revisions(), values).await?;
        let values = names.iter().cloned().chain([actors.into()]);
        sql::execute(transaction, DELETE_KEYS, values).await?;
        let values = names.into_iter().chain([erased_outcome()?.into()]);
        sql::execute(transaction, REPLACE_OUTCOMES, values).await?;
        Ok((reviews, revisions))
    }
}

/// Returns the outcome that replaces those with the name, as JSON.
fn erased_outcome() -> Result<String, DbErr> {
    let mut errors = UserErrors::default();
    let message = "the result of this mutation had the name of a critic who was erased since; it isn't run again";
    errors.add("idempotencyKey", NotFound, message);
    let outcome = CommandOutcome::<()>::Refused(errors.into_vec());
    serde_json::to_string(&outcome).map_err(|error| DbErr::Json(error.to_string()))
}
