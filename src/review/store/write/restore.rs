//! Restores earlier states of reviews, of deleted ones too.

use entity::{review, review_revision};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::LockType,
};

use super::{
    UpdatedReview, WrittenReview,
    by_hand::{ByHand, Comparison, duplicate_message, find_duplicate},
    byline::critic_name,
    change::{NOT_OWN_REVIEW, changed_columns, update},
};
use crate::{
    access::WriteScope,
    critic::CriticId,
    database::{session::transaction::Transaction, sql},
    film::{FilmId, reference::FilmReference},
    mutation::{Command, CommandOutcome},
    named::NamedReference,
    publication::PublicationId,
    review::{Review, draft::ReviewDraft, revision::ReviewRevision, store::references::References},
    user_error::{
        UserErrorCode::{AlreadyExists, AlreadyReviewed, NotFound},
        UserErrors,
    },
};

/// The mutation that makes an earlier state of a review the current one, as a new version.
#[derive(Clone, Debug)]
pub struct RestoreReview {
    /// The key of the review; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version of the state; `None` for the latest earlier one.
    pub version: Option<i32>,
    /// The current version that the review must have, if the input gives one; the last version of a deleted review.
    pub expected_version: Option<i32>,
    /// The reviews that the caller may write.
    pub scope: WriteScope,
    /// Whether the site allows a critic several reviews of a film, one for each publication.
    pub allows_more_reviews: bool,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

/// The last state of a review.
enum Last {
    /// The review exists. Its row is locked until the transaction ends.
    Current(Box<review::Model>),
    /// The review is deleted.
    Deleted(Box<review_revision::Model>),
}

impl Last {
    fn version(&self) -> i32 {
        match self {
            Self::Current(row) => row.version,
            Self::Deleted(revision) => revision.version,
        }
    }

    fn critic(&self) -> Option<CriticId> {
        let critic = match self {
            Self::Current(row) => row.critic_id,
            Self::Deleted(revision) => revision.critic_id,
        };
        critic.map(CriticId)
    }

    /// Returns the critic and the publication that the review has now: none if it is deleted, because the values of a
    /// revision may refer to rows that were deleted since.
    fn current_references(&self) -> (Option<CriticId>, Option<PublicationId>) {
        match self {
            Self::Current(row) => (
                row.critic_id.map(CriticId),
                row.publication_id.map(PublicationId),
            ),
            Self::Deleted(_) => (None, None),
        }
    }

    fn draft(&self) -> ReviewDraft {
        match self {
            Self::Current(row) => ReviewDraft::of(&Review::from((**row).clone())),
            Self::Deleted(revision) => draft_of(revision),
        }
    }

    fn film(&self) -> FilmId {
        FilmId(match self {
            Self::Current(row) => row.film_id,
            Self::Deleted(revision) => revision.film_id,
        })
    }

    /// Returns the source of an imported review, and the review's ID there.
    fn source(&self) -> Option<(&str, &str)> {
        let (source, id) = match self {
            Self::Current(row) => (&row.source, &row.external_id),
            Self::Deleted(revision) => (&revision.source, &revision.external_id),
        };
        source.as_deref().zip(id.as_deref())
    }
}

fn draft_of(revision: &review_revision::Model) -> ReviewDraft {
    ReviewDraft::of(&ReviewRevision::from(revision.clone()).state)
}

/// A state to restore.
struct State {
    version: i32,
    film: FilmId,
    draft: ReviewDraft,
}

impl State {
    /// Replaces a critic and a publication that were deleted since by those that the review has now, and sets a missing
    /// byline to the critic's name. Returns whether the film exists.
    async fn replace_deleted(
        &mut self,
        last: &Last,
        transaction: &Transaction,
    ) -> Result<bool, DbErr> {
        let (critic, publication) = (self.draft.critic, self.draft.publication);
        let references = References {
            film: Some(FilmReference::Key(self.film)),
            film_path: "version",
            critic: critic.map(|critic| NamedReference::Key(critic.0)),
            publication: publication.map(|publication| NamedReference::Key(publication.0)),
            byline: None,
        };
        // The input names none of these rows, so a missing one is not an error at a field of it.
        let mut errors_of_references = UserErrors::default();
        let resolved = references
            .resolve(transaction, &mut errors_of_references)
            .await?;
        let (current_critic, current_publication) = last.current_references();
        if critic.is_some() && resolved.critic.is_none() {
            self.draft.critic = current_critic;
        }
        if publication.is_some() && resolved.publication.is_none() {
            self.draft.publication = current_publication;
        }
        if self.draft.byline.is_none() {
            let critic = self.draft.critic.map(|critic| critic.0);
            self.draft.byline = critic_name(critic, transaction).await?;
        }
        Ok(resolved.film.is_some())
    }
}

impl Command for RestoreReview {
    type Done = UpdatedReview;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<UpdatedReview>, DbErr> {
        loop {
            if let Some(outcome) = self.try_run(transaction).await? {
                return Ok(outcome);
            }
        }
    }
}

impl RestoreReview {
    /// Restores the state. `None` if another transaction has just restored the deleted review, so that it exists now.
    async fn try_run(
        &self,
        transaction: &Transaction,
    ) -> Result<Option<CommandOutcome<UpdatedReview>>, DbErr> {
        let mut errors = self.errors.clone();
        let Some(id) = self.id else {
            return Ok(Some(CommandOutcome::Refused(errors.into_vec())));
        };
        let Some(last) = find_last(id, transaction).await? else {
            let message = "there is no such review, and none was deleted";
            errors.add("id", NotFound, message);
            return Ok(Some(CommandOutcome::Refused(errors.into_vec())));
        };
        if !self.scope.includes(last.critic()) {
            return Ok(Some(CommandOutcome::Forbidden(NOT_OWN_REVIEW.to_owned())));
        }
        errors.expect_version(self.expected_version, last.version());
        let Some(mut state) = self.find_state(id, &last, transaction).await? else {
            let message = "the review has no such earlier version; `revisions` lists them";
            errors.add("version", NotFound, message);
            return Ok(Some(CommandOutcome::Refused(errors.into_vec())));
        };
        let film_exists = state.replace_deleted(&last, transaction).await?;
        if let Some(reason) = self.forbidden_reason(&last, &state.draft) {
            return Ok(Some(CommandOutcome::Forbidden(reason.to_owned())));
        }
        if film_exists {
            let allows_more = self.allows_more_reviews;
            let context = (transaction, &mut errors);
            check_duplicate(id, (&last, &state), allows_more, context).await?;
        } else {
            errors.add("version", NotFound, "the film of this version was deleted");
        }
        if !errors.is_empty() {
            return Ok(Some(CommandOutcome::Refused(errors.into_vec())));
        }
        let done = match last {
            Last::Current(row) => Some(update(*row, state.film, &state.draft, transaction).await?),
            Last::Deleted(last) => insert(&last, &state, transaction).await?,
        };
        Ok(done.map(CommandOutcome::Done))
    }

    /// Returns the state to restore; `None` if the review has no such version.
    async fn find_state(
        &self,
        id: i64,
        last: &Last,
        transaction: &Transaction,
    ) -> Result<Option<State>, DbErr> {
        let is_last = match (self.version, last) {
            (Some(version), _) => version == last.version(),
            // A deleted review is restored as it was deleted.
            (None, Last::Deleted(_)) => true,
            (None, Last::Current(_)) => false,
        };
        if is_last {
            return Ok(Some(State {
                version: last.version(),
                film: last.film(),
                draft: last.draft(),
            }));
        }
        let mut select = review_revision::Entity::find()
            .filter(review_revision::COLUMN.review_id.eq(id))
            .order_by_desc(review_revision::Column::Version);
        if let Some(version) = self.version {
            select = select.filter(review_revision::COLUMN.version.eq(version));
        }
        let revision = select.one(transaction).await?;
        Ok(revision.map(|revision| State {
            version: revision.version,
            film: FilmId(revision.film_id),
            draft: draft_of(&revision),
        }))
    }

    /// Returns the reason why the caller may not restore a state, if there is one.
    fn forbidden_reason(&self, last: &Last, draft: &ReviewDraft) -> Option<&'static str> {
        if self.scope == WriteScope::All {
            return None;
        }
        if !self.scope.includes(draft.critic) {
            return Some(NOT_OWN_REVIEW);
        }
        let changes_top_critic = draft.top_critic != last.draft().top_critic;
        changes_top_critic.then_some("only an editor may set `topCritic`")
    }
}

/// Returns the last state of a review; `None` if there was never such a review.
async fn find_last(id: i64, transaction: &Transaction) -> Result<Option<Last>, DbErr> {
    let row = review::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?;
    if let Some(row) = row {
        return Ok(Some(Last::Current(Box::new(row))));
    }
    let revision = review_revision::Entity::find()
        .filter(review_revision::COLUMN.review_id.eq(id))
        .order_by_desc(review_revision::Column::Version)
        .one(transaction)
        .await?;
    Ok(revision.map(|revision| Last::Deleted(Box::new(revision))))
}

/// Adds an error if the restored review would duplicate another one.
async fn check_duplicate(
    id: i64,
    (last, state): (&Last, &State),
    allows_more_reviews: bool,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<(), DbErr> {
    match (last.source(), state.draft.critic) {
        (None, Some(critic)) => {
            let keeps_pair = matches!(last, Last::Current(_))
                && (state.film, Some(critic)) == (last.film(), last.critic());
            let comparison = Comparison::of_change(keeps_pair, allows_more_reviews);
            let review = ByHand {
                film: state.film,
                critic,
                publication: state.draft.publication,
            };
            let existing = find_duplicate(review, comparison, Some(id), transaction).await?;
            if existing.is_some() {
                errors.add(
                    "",
                    AlreadyReviewed,
                    duplicate_message(existing, allows_more_reviews),
                );
            }
        }
        (Some((source, external_id)), _) => {
            let others = review::Entity::find()
                .filter(review::Column::Source.eq(source))
                .filter(review::Column::ExternalId.eq(external_id))
                .filter(review::COLUMN.id.ne(id));
            if others.count(transaction).await? > 0 {
                let message = "the review was imported again since it was deleted; restore a version of that review";
                errors.add("", AlreadyExists, message);
            }
        }
        (None, None) => {}
    }
    Ok(())
}

/// The version of an inserted row.
#[derive(FromQueryResult)]
struct InsertedRow {
    version: i32,
}

/// Inserts a deleted review again, with its key and the next version. The source is the one that it had last.
const INSERT: &str = "
INSERT INTO review (
    id, film_id, critic_id, publication_id, score, original_score, score_rule, sentiment, recommended, top_critic,
    byline, excerpt, url, reviewed_on, source, external_id, version, created_at
) OVERRIDING SYSTEM VALUE
SELECT
    state.review_id, state.film_id, $4, $5, state.score, state.original_score, state.score_rule, state.sentiment,
    state.recommended, state.top_critic, coalesce(state.byline, $6), state.excerpt, state.url, state.reviewed_on,
    last.source, last.external_id, last.version + 1,
    (SELECT min(first.since) FROM review_revision AS first WHERE first.review_id = state.review_id)
FROM review_revision AS last JOIN review_revision AS state USING (review_id)
WHERE last.review_id = $1 AND last.version = $2 AND state.version = $3
ON CONFLICT (id) DO NOTHING RETURNING version";

/// Inserts a deleted review again; `None` if it exists.
async fn insert(
    last: &review_revision::Model,
    state: &State,
    transaction: &Transaction,
) -> Result<Option<UpdatedReview>, DbErr> {
    let values = [
        last.review_id.into(),
        last.version.into(),
        state.version.into(),
        state.draft.critic.map(|critic| critic.0).into(),
        state
            .draft
            .publication
            .map(|publication| publication.0)
            .into(),
        state.draft.byline.clone().into(),
    ];
    let inserted: Option<InsertedRow> = sql::one(transaction, INSERT, values).await?;
    let (film, previous_film) = (state.film.0, last.film_id);
    Ok(inserted.map(|row| UpdatedReview {
        written: WrittenReview {
            id: last.review_id,
            version: row.version,
            film,
        },
        changed: changed_columns(
            (&draft_of(last), FilmId(last.film_id)),
            (&state.draft, state.film),
        ),
        previous_film: (film != previous_film).then_some(previous_film),
    }))
}

#[cfg(test)]
mod tests {
    use review_revision::Column;
    use sea_orm::{IdenStatic, Iterable};

    use super::*;

    #[test]
    fn every_column_with_content_of_a_revision_is_restored() {
        let words: Vec<&str> = INSERT
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect();
        for column in Column::iter() {
            let is_of_revision = matches!(
                column,
                Column::Id
                    | Column::ReplacedAt
                    | Column::ReplacedBy
                    | Column::Changed
                    | Column::Operation
            );
            let name = column.as_str();
            assert_eq!(
                words.contains(&name),
                !is_of_revision || name == "id",
                "{name}"
            );
        }
    }
}
