//! The change of the rules of the site.

use sea_orm::DbErr;

use super::{Command, CommandOutcome};
use crate::{
    database::session::transaction::Transaction,
    site_rules::{
        draft::RulesPatch,
        store::{ChangedRules, change},
    },
};

/// Changes the rules of the site. All scores are computed again in the same transaction.
#[derive(Clone, Debug)]
pub struct UpdateSiteRules {
    /// The change.
    pub patch: RulesPatch,
    /// The generation that the caller has read; not checked if `None`.
    pub expected_generation: Option<i64>,
}

impl Command for UpdateSiteRules {
    type Done = ChangedRules;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<Self::Done>, DbErr> {
        let changed = change(&self.patch, self.expected_generation, transaction).await?;
        Ok(changed.map_or_else(CommandOutcome::Refused, CommandOutcome::Done))
    }
}
