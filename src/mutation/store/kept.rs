//! What is kept of mutations that have a key, for who sends them again.

use std::collections::HashSet;

use sea_orm::{DbErr, FromQueryResult};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    database::{session::Transaction, sql},
    mutation::{Outcome, key::IdempotencyKey},
    user_error::{UserErrorCode, UserErrors},
};

/// Whoever uses one of the keys at the same time waits here until the first has ended. Keys live for 24 hours; each new one takes two old
/// ones along, so that no more are there than were used in a day or so. They are taken in one order, so that nobody waits in a circle.
const CLAIM: &str = "
WITH old AS (
    SELECT actor, key FROM idempotency_key
    WHERE created_at < now() - interval '24 hours' AND (actor, key) NOT IN (SELECT $1::text, unnest($2::text[]))
    ORDER BY created_at LIMIT 2 * cardinality($2::text[]) FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM idempotency_key USING old WHERE idempotency_key.actor = old.actor AND idempotency_key.key = old.key
)
INSERT INTO idempotency_key AS kept (actor, key, fingerprint)
SELECT $1, key, fingerprint FROM unnest($2::text[], $3::bytea[]) AS given (key, fingerprint) ORDER BY key
ON CONFLICT (actor, key) DO UPDATE SET fingerprint = excluded.fingerprint, outcome = NULL, created_at = now()
    WHERE kept.created_at < now() - interval '24 hours'
RETURNING key";

const KEEP: &str = "
UPDATE idempotency_key AS kept SET outcome = given.outcome FROM unnest($2::text[], $3::text[]) AS given (key, outcome)
WHERE kept.actor = $1 AND kept.key = given.key";

const LOOK_UP: &str =
    "SELECT fingerprint, outcome FROM idempotency_key WHERE actor = $1 AND key = $2";

const RELEASE: &str = "DELETE FROM idempotency_key WHERE actor = $1 AND key = ANY($2)";

#[derive(FromQueryResult)]
struct Claimed {
    key: String,
}

#[derive(FromQueryResult)]
struct Kept {
    fingerprint: Vec<u8>,
    outcome: Option<String>,
}

/// Takes keys, which are all different, for this transaction. Those that are not returned were used before.
///
/// # Errors
///
/// When the statement fails.
pub(super) async fn claim(
    actor: &str,
    keys: &[&IdempotencyKey],
    transaction: &Transaction,
) -> Result<HashSet<String>, DbErr> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let names: Vec<String> = keys.iter().map(|key| key.key.clone()).collect();
    let fingerprints: Vec<Vec<u8>> = keys.iter().map(|key| key.fingerprint.to_vec()).collect();
    let values = [actor.into(), names.into(), fingerprints.into()];
    let claimed: Vec<Claimed> = sql::all(transaction, CLAIM, values).await?;
    Ok(claimed.into_iter().map(|claimed| claimed.key).collect())
}

/// What came of the mutation for which a key was used before, as long as this one is the same.
///
/// # Errors
///
/// When the statement fails, or what was kept can't be read.
pub(super) async fn replay<D: DeserializeOwned>(
    actor: &str,
    key: &IdempotencyKey,
    transaction: &Transaction,
) -> Result<Outcome<D>, DbErr> {
    let values = [actor.into(), key.key.as_str().into()];
    let kept: Option<Kept> = sql::one(transaction, LOOK_UP, values).await?;
    let kept = kept.ok_or_else(|| DbErr::RecordNotFound("a key went in between".to_owned()))?;
    if kept.fingerprint != key.fingerprint {
        let mut errors = UserErrors::default();
        let message = "was used with another mutation or input in the last 24 hours";
        errors.add("idempotencyKey", UserErrorCode::KeyReused, message);
        return Ok(Outcome::Refused(errors.into_vec()));
    }
    let outcome = kept.outcome.unwrap_or_default();
    serde_json::from_str(&outcome).map_err(|error| {
        DbErr::Custom(format!(
            "what was kept of a mutation can't be read: {error}"
        ))
    })
}

/// Keeps what came of mutations whose keys were taken for this transaction.
///
/// # Errors
///
/// When the statement fails, or an outcome can't be written.
pub(super) async fn keep<D: Serialize>(
    actor: &str,
    outcomes: &[(&IdempotencyKey, &Outcome<D>)],
    transaction: &Transaction,
) -> Result<(), DbErr> {
    if outcomes.is_empty() {
        return Ok(());
    }
    let mut names = Vec::with_capacity(outcomes.len());
    let mut texts = Vec::with_capacity(outcomes.len());
    for (key, outcome) in outcomes {
        names.push(key.key.clone());
        texts.push(serde_json::to_string(outcome).map_err(|error| {
            DbErr::Custom(format!("what came of a mutation can't be kept: {error}"))
        })?);
    }
    let values = [actor.into(), names.into(), texts.into()];
    sql::execute(transaction, KEEP, values).await.map(drop)
}

/// Gives keys back that were taken for this transaction, so that another can take them.
///
/// # Errors
///
/// When the statement fails.
pub(super) async fn release(
    actor: &str,
    keys: HashSet<String>,
    transaction: &Transaction,
) -> Result<(), DbErr> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = keys.into_iter().collect();
    sql::execute(transaction, RELEASE, [actor.into(), keys.into()])
        .await
        .map(drop)
}
