//! Inserts of the reviews of several requests by the same statements.

use std::{collections::HashSet, sync::Arc};

use entity::review;
use sea_orm::{ActiveValue::Set, DbErr};

use super::{AddReview, WrittenReview, check_new_names, forbidden_reason, insert};
use crate::{
    critic::CriticId,
    database::session::transaction::Transaction,
    mutation::store::group::GroupCommand,
    publication::PublicationId,
    review::store::references::{References, Resolved, ResolvedReferences},
};

impl GroupCommand for AddReview {
    async fn run_batch(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> Result<Vec<Option<WrittenReview>>, DbErr> {
        let references: Vec<_> = members.iter().map(|member| member.references()).collect();
        let found = References::resolve_existing(&references, transaction).await?;
        let mut taken = HashSet::new();
        let wanted = members.iter().zip(found).map(|(member, found)| {
            let row = member.groupable_row(&found?)?;
            // Only the first of several equal keys is in the group; the others run alone. If a conflicting review is
            // deleted during the statement, a later one could be inserted, and its row be mistaken for the first one's.
            let is_first = row.critic_id == Set(None) || taken.insert(unique_key(&row));
            is_first.then_some(row)
        });
        let wanted: Vec<_> = wanted.collect();
        let rows: Vec<_> = wanted.iter().flatten().cloned().collect();
        if rows.is_empty() {
            return Ok(members.iter().map(|_| None).collect());
        }
        let mut inserted = insert(rows, transaction).await?;
        // Rows are inserted and returned in the given order, without those that conflict with existing ones.
        let written = members.iter().zip(wanted).map(|(member, wanted)| {
            let wanted = unique_key(&wanted?);
            let row = inserted.pop_front_if(|row| {
                wanted == [Some(row.film_id), row.critic_id, row.publication_id]
            })?;
            Some(member.record_added(row))
        });
        Ok(written.collect())
    }
}

impl AddReview {
    /// Returns the row to insert, if the input has no errors and no critic or publication has to be inserted first.
    fn groupable_row(&self, found: &ResolvedReferences) -> Option<review::ActiveModel> {
        let mut errors = self.errors.clone();
        check_new_names(self.scope, found, &mut errors);
        if !errors.is_empty() || forbidden_reason(self.scope, found).is_some() {
            return None;
        }
        let critic = found.critic.as_ref().and_then(Resolved::key).map(CriticId);
        let publication = found
            .publication
            .as_ref()
            .and_then(Resolved::key)
            .map(PublicationId);
        self.row(found, critic, publication)
    }
}

/// Returns the film, the critic and the publication of a row, which are unique among the reviews that were not
/// imported.
fn unique_key(row: &review::ActiveModel) -> [Option<i64>; 3] {
    [
        row.film_id.try_as_ref().copied(),
        row.critic_id.try_as_ref().copied().flatten(),
        row.publication_id.try_as_ref().copied().flatten(),
    ]
}
