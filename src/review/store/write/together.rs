//! Adding reviews of several requests by the same statements.

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
            // Of two by one critic of one film for one publication, which of them is added is not for the order here to say: another may go
            // in the middle of the statement whose review was in the way.
            let is_first = row.critic_id == Set(None) || taken.insert(place(&row));
            is_first.then_some(row)
        });
        let wanted: Vec<_> = wanted.collect();
        let rows: Vec<_> = wanted.iter().flatten().cloned().collect();
        if rows.is_empty() {
            return Ok(members.iter().map(|_| None).collect());
        }
        let mut inserted = insert(rows, transaction).await?;
        // Rows are inserted, and so returned, in the order in which they were given, but for those that were there already.
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
    /// The review as it is to be, if nothing speaks against it and nothing has to be added beside it.
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

/// Of which film, by whom and for which publication it is: what a critic can review once by hand.
fn place(row: &review::ActiveModel) -> [Option<i64>; 3] {
    [
        row.film_id.try_as_ref().copied(),
        row.critic_id.try_as_ref().copied().flatten(),
        row.publication_id.try_as_ref().copied().flatten(),
    ]
}
