//! Inserts of the reviews of several requests by the same statements.

use std::{collections::HashSet, sync::Arc};

use entity::review;
use sea_orm::{ActiveValue::Set, DbErr};

use super::{
    AddReview, WrittenReview,
    by_hand::{Comparison, lock_and_find},
    check_new_names, forbidden_reason, insert,
};
use crate::{
    critic::CriticId,
    database::session::transaction::Transaction,
    film::FilmId,
    mutation::store::group::GroupCommand,
    publication::PublicationId,
    review::store::references::{References, ResolvedReferences, resolution::Resolved},
};

impl GroupCommand for AddReview {
    async fn run_batch(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> Result<Vec<Option<WrittenReview>>, DbErr> {
        // A change of the rules may come between two members. What the stricter rule leaves out runs alone, by its own.
        let allows_more_reviews = members.iter().all(|member| member.allows_more_reviews);
        let comparison = Comparison::of_change(false, allows_more_reviews);
        let references: Vec<_> = members.iter().map(|member| member.references()).collect();
        let resolved = References::resolve_existing(&references, transaction).await?;
        let mut keys = HashSet::new();
        let rows = members.iter().zip(resolved).map(|(member, resolved)| {
            let row = member.groupable_row(&resolved?)?;
            // Only the first of several equal keys is in the group; the others run alone. If a conflicting review is
            // deleted during the statement, a later one could be inserted, and its row be mistaken for the first one's.
            let is_first =
                row.critic_id == Set(None) || keys.insert(compared_key(&row, comparison));
            is_first.then_some(row)
        });
        let mut rows: Vec<_> = rows.collect();
        remove_duplicates(&mut rows, comparison, transaction).await?;
        let rows_to_insert: Vec<_> = rows.iter().flatten().cloned().collect();
        if rows_to_insert.is_empty() {
            return Ok(members.iter().map(|_| None).collect());
        }
        let mut inserted = insert(rows_to_insert, transaction).await?;
        // The rows are inserted and returned in this order, without those that conflict with existing ones.
        let written = members.iter().zip(rows).map(|(member, row)| {
            let key = unique_key(&row?);
            let row = inserted.pop_front_if(|row| {
                key == [Some(row.film_id), row.critic_id, row.publication_id]
            })?;
            Some(member.record_added(row))
        });
        Ok(written.collect())
    }
}

impl AddReview {
    /// Returns the row to insert, if the input has no errors and no critic or publication has to be inserted first.
    fn groupable_row(&self, resolved: &ResolvedReferences) -> Option<review::ActiveModel> {
        let mut errors = self.errors.clone();
        check_new_names(self.scope, resolved, &mut errors);
        if !errors.is_empty() || forbidden_reason(self.scope, resolved).is_some() {
            return None;
        }
        let critic = resolved
            .critic
            .as_ref()
            .and_then(Resolved::key)
            .map(CriticId);
        let publication = resolved
            .publication
            .as_ref()
            .and_then(Resolved::key)
            .map(PublicationId);
        self.row(resolved, critic, publication)
    }
}

/// Removes the rows that would duplicate an existing review. They are refused when they run alone.
async fn remove_duplicates(
    rows: &mut [Option<review::ActiveModel>],
    comparison: Comparison,
    transaction: &Transaction,
) -> Result<(), DbErr> {
    if comparison == Comparison::Publication {
        // The index finds these.
        return Ok(());
    }
    let (indexes, pairs): (Vec<usize>, Vec<_>) = rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| {
            let [film, critic, _] = unique_key(row.as_ref()?);
            Some((index, (FilmId(film?), CriticId(critic?))))
        })
        .unzip();
    let existing = lock_and_find(&pairs, None, transaction).await?;
    for (index, existing) in indexes.into_iter().zip(existing) {
        if let Some(row) = rows.get_mut(index).filter(|_| existing.is_some()) {
            *row = None;
        }
    }
    Ok(())
}

/// Returns the part of the unique key in which the rows of a group differ.
fn compared_key(row: &review::ActiveModel, comparison: Comparison) -> [Option<i64>; 3] {
    let [film, critic, publication] = unique_key(row);
    match comparison {
        Comparison::Film => [film, critic, None],
        Comparison::Publication => [film, critic, publication],
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
