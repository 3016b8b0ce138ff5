//! The stored outcomes of mutations with an idempotency key.

use std::collections::HashSet;

use sea_orm::{DbErr, FromQueryResult};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    database::{session::transaction::Transaction, sql},
    json,
    mutation::{CommandOutcome, key::IdempotencyKey},
    user_error::{UserErrorCode, UserErrors},
};

/// Inserts keys. A concurrent transaction with one of the keys waits here until the first one ends. Keys expire after
/// 24 hours. Each insert deletes up to two expired keys for each new one, which bounds the table to the keys of about a
/// day. All transactions insert keys in the same order, so that they can't deadlock.
const CLAIM: &str = "
WITH old AS (
    SELECT actor, key FROM idempotency_key
    WHERE created_at < now() - interval '24 hours' AND (actor, key) NOT IN (SELECT $1::text, unnest($2::text[]))
    ORDER BY created_at LIMIT 2 * cardinality($2::text[]) FOR UPDATE SKIP LOCKED
), deleted AS (
    DELETE FROM idempotency_key USING old WHERE idempotency_key.actor = old.actor AND idempotency_key.key = old.key
)
INSERT INTO idempotency_key AS stored (actor, key, fingerprint)
SELECT $1, key, fingerprint FROM unnest($2::text[], $3::bytea[]) AS given (key, fingerprint) ORDER BY key
ON CONFLICT (actor, key) DO UPDATE SET fingerprint = excluded.fingerprint, outcome = NULL, created_at = now()
    WHERE stored.created_at < now() - interval '24 hours'
RETURNING key";

const STORE: &str = "
UPDATE idempotency_key AS stored SET outcome = given.outcome FROM unnest($2::text[], $3::text[]) AS given (key, outcome)
WHERE stored.actor = $1 AND stored.key = given.key";

const LOOK_UP: &str =
    "SELECT fingerprint, outcome FROM idempotency_key WHERE actor = $1 AND key = $2";

const RELEASE: &str = "DELETE FROM idempotency_key WHERE actor = $1 AND key = ANY($2)";

#[derive(FromQueryResult)]
struct ClaimedKey {
    key: String,
}

#[derive(FromQueryResult)]
struct StoredOutcome {
    fingerprint: Vec<u8>,
    outcome: Option<String>,
}

/// Claims keys, which must be distinct, for this transaction. Returns those that were free; the others were used
/// before.
///
/// # Errors
///
/// Fails when the statement fails.
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
    let claimed: Vec<ClaimedKey> = sql::all(transaction, CLAIM, values).await?;
    Ok(claimed.into_iter().map(|claimed| claimed.key).collect())
}

/// Returns the stored outcome of a key that was used before. The outcome is an error if the fingerprint differs.
///
/// # Errors
///
/// Fails when the statement fails, or when the stored outcome can't be parsed.
pub(super) async fn replay<D: DeserializeOwned>(
    actor: &str,
    key: &IdempotencyKey,
    transaction: &Transaction,
) -> Result<CommandOutcome<D>, DbErr> {
    let values = [actor.into(), key.key.as_str().into()];
    let stored: Option<StoredOutcome> = sql::one(transaction, LOOK_UP, values).await?;
    let stored = stored.ok_or_else(|| {
        DbErr::RecordNotFound("the idempotency key was deleted meanwhile".to_owned())
    })?;
    if stored.fingerprint != key.fingerprint {
        let mut errors = UserErrors::default();
        let message = "was used with another mutation or input in the last 24 hours";
        errors.add("idempotencyKey", UserErrorCode::KeyReused, message);
        return Ok(CommandOutcome::Refused(errors.into_vec()));
    }
    let outcome = stored.outcome.unwrap_or_default();
    json::from_str(&outcome).map_err(|error| {
        DbErr::Custom(format!(
            "the stored outcome of a mutation can't be parsed: {error}"
        ))
    })
}

/// Stores the outcomes of mutations whose keys this transaction has claimed.
///
/// # Errors
///
/// Fails when the statement fails, or when an outcome can't be serialized.
pub(super) async fn store<D: Serialize>(
    actor: &str,
    outcomes: &[(&IdempotencyKey, &CommandOutcome<D>)],
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
            DbErr::Custom(format!(
                "the outcome of a mutation can't be stored: {error}"
            ))
        })?);
    }
    let values = [actor.into(), names.into(), texts.into()];
    sql::execute(transaction, STORE, values).await.map(drop)
}

/// Deletes keys that this transaction has claimed, so that other transactions can claim them.
///
/// # Errors
///
/// Fails when the statement fails.
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
