//! The row of the rules in the database, and its changes.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::{Deserialize, Serialize};

use super::{
    DateOrder, SiteRules,
    draft::{RulesDraft, RulesPatch},
};
use crate::{
    database::sql,
    json,
    score::{PolicyDraft, Weighting},
    user_error::{UserError, UserErrorCode, UserErrors},
};

const READ: &str = "
SELECT
    generation, minimum_reviews, acclaim_from, positive_from, mixed_from, dislike_below, estimate, weighting,
    stars_out_of, bare_scores_out_of, date_order, more_reviews_per_critic, messages::text AS messages
FROM site_rules";

/// Changes the row, if nothing else has changed it since it was read. Triggers count the generation, compute all scores
/// again, and notify the servers.
const UPDATE: &str = "
UPDATE site_rules SET
    minimum_reviews = $2, acclaim_from = $3, positive_from = $4, mixed_from = $5, dislike_below = $6, estimate = $7,
    weighting = $8, stars_out_of = $9, bare_scores_out_of = $10, date_order = $11, more_reviews_per_critic = $12,
    messages = $13::text::jsonb
WHERE generation = $1";

/// The expression for the generation of the rules under which a statement reads the scores of films.
pub const GENERATION: &str = "(SELECT generation FROM site_rules)";

#[derive(FromQueryResult)]
struct Row {
    generation: i64,
    minimum_reviews: i32,
    acclaim_from: i16,
    positive_from: i16,
    mixed_from: i16,
    dislike_below: i16,
    estimate: bool,
    weighting: String,
    stars_out_of: i32,
    bare_scores_out_of: Option<i32>,
    date_order: Option<String>,
    more_reviews_per_critic: bool,
    messages: String,
}

/// Reads the rules.
///
/// # Errors
///
/// Fails when the statement fails, or when the row is missing or invalid.
pub async fn read(connection: &impl ConnectionTrait) -> Result<SiteRules, DbErr> {
    let row: Option<Row> = sql::one(connection, READ, []).await?;
    let row = row.ok_or_else(|| {
        DbErr::RecordNotFound(
            "the table site_rules has no row; insert one by INSERT INTO site_rules DEFAULT VALUES"
                .to_owned(),
        )
    })?;
    row.rules()
}

/// Reads the generation of the rules.
///
/// # Errors
///
/// Fails when the statement fails, or when the row is missing.
pub async fn read_generation(connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Generation {
        generation: Option<i64>,
    }

    let sql = format!("SELECT {GENERATION} AS generation");
    let row: Option<Generation> = sql::one(connection, &sql, []).await?;
    row.and_then(|row| row.generation)
        .ok_or_else(|| DbErr::RecordNotFound("the table site_rules has no row".to_owned()))
}

impl Row {
    fn rules(self) -> Result<SiteRules, DbErr> {
        let invalid = |what: &str| DbErr::Type(format!("the row of site_rules is invalid: {what}"));
        let weighting =
            Weighting::of_name(&self.weighting).ok_or_else(|| invalid(&self.weighting))?;
        let date_order = match &self.date_order {
            Some(name) => Some(DateOrder::of_name(name).ok_or_else(|| invalid(name))?),
            None => None,
        };
        let messages: BTreeMap<String, String> =
            json::from_str(&self.messages).map_err(|error| invalid(&error.to_string()))?;
        let draft = RulesDraft {
            policy: PolicyDraft {
                minimum_reviews: self.minimum_reviews.into(),
                acclaim_from: self.acclaim_from.into(),
                positive_from: self.positive_from.into(),
                mixed_from: self.mixed_from.into(),
                dislike_below: self.dislike_below.into(),
                estimate: self.estimate,
                weighting,
            },
            stars_out_of: self.stars_out_of.into(),
            bare_scores_out_of: self.bare_scores_out_of.map(i64::from),
            date_order,
            more_reviews_per_critic: self.more_reviews_per_critic,
            messages,
        };
        let rules = draft.validate().map_err(|errors| {
            let first = errors.into_vec().into_iter().next();
            invalid(&first.map(|error| error.message).unwrap_or_default())
        })?;
        Ok(SiteRules {
            generation: self.generation,
            ..rules
        })
    }
}

/// The result of a change of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ChangedRules {
    /// The generation after the change.
    pub generation: i64,
    /// Whether anything was changed.
    pub is_changed: bool,
}

/// Changes the rules, or returns all errors without having changed anything. Writers of reviews wait for the end of the
/// transaction, unless nothing changes.
///
/// # Errors
///
/// Fails when a statement fails.
pub async fn change(
    patch: &RulesPatch,
    expected_generation: Option<i64>,
    connection: &impl ConnectionTrait,
) -> Result<Result<ChangedRules, Vec<UserError>>, DbErr> {
    loop {
        let current = read(connection).await?;
        let mut errors = UserErrors::default();
        if expected_generation.is_some_and(|expected| expected != current.generation) {
            let message = format!(
                "isn't the current generation, {}; read the rules again, then retry",
                current.generation
            );
            errors.add("expectedGeneration", UserErrorCode::Stale, message);
        }
        let mut draft = RulesDraft::of(&current);
        draft.apply(patch.clone());
        let rules = match draft.validate() {
            Ok(rules) => rules,
            Err(others) => {
                errors.extend(others.into_vec());
                return Ok(Err(errors.into_vec()));
            }
        };
        if !errors.is_empty() {
            return Ok(Err(errors.into_vec()));
        }
        let rules = SiteRules {
            generation: current.generation,
            ..rules
        };
        if rules == current {
            return Ok(Ok(ChangedRules {
                generation: current.generation,
                is_changed: false,
            }));
        }
        // Another transaction may have changed the rules while this one waited for it.
        if update(&rules, connection).await? > 0 {
            return Ok(Ok(ChangedRules {
                generation: current.generation + 1,
                is_changed: true,
            }));
        }
    }
}

async fn update(rules: &SiteRules, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let policy = rules.policy.draft();
    let threshold = |value: i64| i16::try_from(value).unwrap_or_default();
    let messages = serde_json::to_string(&rules.messages)
        .map_err(|error| DbErr::Custom(format!("the messages can't be stored: {error}")))?;
    let reading = &rules.reading;
    let values: [Value; 13] = [
        rules.generation.into(),
        i32::try_from(policy.minimum_reviews)
            .unwrap_or_default()
            .into(),
        threshold(policy.acclaim_from).into(),
        threshold(policy.positive_from).into(),
        threshold(policy.mixed_from).into(),
        threshold(policy.dislike_below).into(),
        policy.estimate.into(),
        policy.weighting.name().into(),
        i32::from(reading.stars_out_of.get()).into(),
        reading
            .bare_scores_out_of
            .map(|maximum| i32::from(maximum.get()))
            .into(),
        reading.date_order.map(DateOrder::name).into(),
        rules.more_reviews_per_critic.into(),
        messages.into(),
    ];
    sql::execute(connection, UPDATE, values).await
}
