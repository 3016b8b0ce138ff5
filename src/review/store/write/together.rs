//! Inserts of the reviews of several requests by the same statements.

use std::{collections::HashSet, sync::Arc};

use entity::review;
use sea_orm::{ActiveValue::Set, DbErr};

use super::{AddReview, Written, check_new_names, forbidden, insert};
use crate::{
    critic::CriticId,
    database::session::Transaction,
    mutation::store::group::Grouped,
    publication::PublicationId,
    review::store::refs::{Found, References, Resolved},
};

impl Grouped for AddReview {
    async fn run_together(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> Result<Vec<Option<Written>>, DbErr> {
        let references: Vec<_> = members.iter().map(|member| member.references()).collect();
        let found = References::find_known(&references, transaction).await?;
        let mut taken = HashSet::new();
        let wanted = members.iter().zip(found).map(|(member, found)| {
            let row = member.simply_added(&found?)?;
            // Only the first of several equal keys is in the group; the others run alone. If a conflicting review is
            // deleted during the statement, a later one could be inserted, and its row be mistaken for the first one's.
            let is_first = row.critic_id == Set(None) || taken.insert(place(&row));
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
            let wanted = place(&wanted?);
            let row = inserted.pop_front_if(|row| {
                wanted == [Some(row.film_id), row.critic_id, row.publication_id]
            })?;
            Some(member.added(row))
        });
        Ok(written.collect())
    }
}

impl AddReview {
    /// Returns the row to insert, if the input has no errors and no critic or publication has to be inserted first.
    fn simply_added(&self, found: &Found) -> Option<review::ActiveModel> {
        let mut errors = self.errors.clone();
        check_new_names(self.reach, found, &mut errors);
        if !errors.is_empty() || forbidden(self.reach, found).is_some() {
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
fn place(row: &review::ActiveModel) -> [Option<i64>; 3] {
    [
        row.film_id.try_as_ref().copied(),
        row.critic_id.try_as_ref().copied().flatten(),
        row.publication_id.try_as_ref().copied().flatten(),
    ]
}
