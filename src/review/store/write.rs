//! Inserts of reviews, and the checks that they share with updates.

mod by_hand;
mod byline;
mod change;
mod grouped;
mod restore;

use std::{collections::VecDeque, sync::Arc};

use entity::review;
use parking_lot::Mutex;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use self::by_hand::{ByHand, Comparison, duplicate_message, find_duplicate};
pub use self::{
    change::{DeleteReview, UpdateReview},
    restore::RestoreReview,
};
use super::references::{
    References, ResolvedReferences,
    lookup::{critic_key, publication_key},
    resolution::Resolved,
};
use crate::{
    access::WriteScope,
    critic::CriticId,
    database::session::transaction::Transaction,
    mutation::{Command, CommandOutcome},
    named::NamedReference,
    publication::PublicationId,
    review::{Review, draft::ReviewDraft},
    user_error::{
        UserErrorCode::{AlreadyReviewed, NotFound},
        UserErrors,
    },
};

/// The key and the version of a review after a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct WrittenReview {
    /// The review's key.
    pub id: i64,
    /// The version after the mutation; the last version, if the review was deleted.
    pub version: i32,
    /// The film's key.
    pub film: i64,
}

/// The result of an update of a review.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct UpdatedReview {
    /// The review after the update.
    #[serde(flatten)]
    pub written: WrittenReview,
    /// The names of the changed columns. Outcomes that older versions have stored have none.
    #[serde(default)]
    pub changed: Vec<String>,
    /// The key of the film that the review was moved from, if it was moved.
    #[serde(default)]
    pub previous_film: Option<i64>,
}

/// The mutation that adds a review.
#[derive(Debug)]
pub struct AddReview {
    /// The film, the critic and the publication.
    pub references: References,
    /// The other values of the review.
    pub draft: ReviewDraft,
    /// The reviews that the caller may write.
    pub scope: WriteScope,
    /// Whether the site allows a critic several reviews of a film, one for each publication.
    pub allows_more_reviews: bool,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
    /// The review that the last attempt has inserted, so that the response needs no further read.
    pub added: Mutex<Option<Arc<Review>>>,
}

impl Command for AddReview {
    type Done = WrittenReview;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<WrittenReview>, DbErr> {
        let mut errors = self.errors.clone();
        let references = self.references();
        let resolved = references.resolve(transaction, &mut errors).await?;
        if let Some(reason) = forbidden_reason(self.scope, &resolved) {
            return Ok(CommandOutcome::Forbidden(reason));
        }
        check_new_names(self.scope, &resolved, &mut errors);
        // The client gets all errors in one response.
        self.check_duplicate(&resolved, transaction, &mut errors)
            .await?;
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        let Some(row) = self.insert(&resolved, transaction).await? else {
            errors.add(
                "",
                AlreadyReviewed,
                duplicate_message(None, self.allows_more_reviews),
            );
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        };
        Ok(CommandOutcome::Done(self.record_added(row)))
    }
}

/// Returns the reason why the caller may not write a review by the resolved critic, if there is one.
fn forbidden_reason(scope: WriteScope, resolved: &ResolvedReferences) -> Option<String> {
    let critic = resolved.critic.as_ref()?;
    let is_allowed = scope == WriteScope::All || scope.includes(critic.key().map(CriticId));
    (!is_allowed).then(|| "a critic may write only their own reviews".to_owned())
}

/// Adds an error if the caller has the role of a critic and names a publication that doesn't exist: only editors may
/// add publications.
fn check_new_names(scope: WriteScope, resolved: &ResolvedReferences, errors: &mut UserErrors) {
    if let (WriteScope::Critic(_), Some(Resolved::New(_))) = (scope, &resolved.publication) {
        let message =
            "only an editor may add a publication, and none has this name, or `create` is true";
        errors.add("publication", NotFound, message);
    }
}

impl AddReview {
    /// Takes the inserted review, if `written` is its key and version. `None` if an earlier request with the same
    /// idempotency key has inserted it.
    #[must_use]
    pub fn take_added(&self, written: WrittenReview) -> Option<Arc<Review>> {
        let mut added = self.added.lock();
        let added = added.take()?;
        (added.id.0 == written.id && added.version == written.version).then_some(added)
    }

    /// Stores the inserted review in `added`, and returns its key and version.
    fn record_added(&self, row: review::Model) -> WrittenReview {
        let written = WrittenReview {
            id: row.id,
            version: row.version,
            film: row.film_id,
        };
        let mut added = self.added.lock();
        *added = Some(Arc::new(row.into()));
        written
    }

    /// Returns the references of the input. The critic is the caller, if the caller has the role of a critic and the
    /// input names none.
    fn references(&self) -> References {
        let mut references = self.references.clone();
        references.byline.clone_from(&self.draft.byline);
        if let (WriteScope::Critic(caller), None) = (self.scope, &references.critic) {
            references.critic = Some(NamedReference::Key(caller.0));
        }
        references
    }

    /// Returns the row to insert; `None` without a film.
    fn row(
        &self,
        resolved: &ResolvedReferences,
        critic: Option<CriticId>,
        publication: Option<PublicationId>,
    ) -> Option<review::ActiveModel> {
        let mut draft = self.draft.clone();
        draft.critic = critic;
        draft.publication = publication;
        if draft.byline.is_none() {
            draft.byline = resolved
                .critic
                .as_ref()
                .map(|critic| critic.name().to_owned());
        }
        let mut row = review::ActiveModel {
            film_id: Set(resolved.film?.0),
            ..Default::default()
        };
        fill(&mut row, &draft);
        Some(row)
    }

    /// Inserts the review; `None` if the critic has already reviewed the film for the publication.
    async fn insert(
        &self,
        resolved: &ResolvedReferences,
        transaction: &Transaction,
    ) -> Result<Option<review::Model>, DbErr> {
        let critic = critic_key(resolved.critic.as_ref(), transaction).await?;
        let publication = publication_key(resolved.publication.as_ref(), transaction).await?;
        let Some(row) = self.row(resolved, critic, publication) else {
            return Err(DbErr::Custom("the review has no film".to_owned()));
        };
        let mut inserted = insert(vec![row], transaction).await?;
        Ok(inserted.pop_front())
    }

    async fn check_duplicate(
        &self,
        resolved: &ResolvedReferences,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let critic = resolved.critic.as_ref().and_then(Resolved::key);
        // `None` for a publication that could not be resolved: then a duplicate can't be detected.
        let publication = match (&self.references.publication, &resolved.publication) {
            (None, _) => Some(None),
            (Some(_), Some(publication)) => publication.key().map(Some),
            (Some(_), None) => None,
        };
        let comparison = Comparison::of_change(false, self.allows_more_reviews);
        let publication = match comparison {
            Comparison::Film => Some(None),
            Comparison::Publication => publication,
        };
        // A new critic has no review yet.
        let (Some(film), Some(critic), Some(publication)) = (resolved.film, critic, publication)
        else {
            return Ok(());
        };
        let review = ByHand {
            film,
            critic: CriticId(critic),
            publication: publication.map(PublicationId),
        };
        let existing = find_duplicate(review, comparison, None, transaction).await?;
        if existing.is_some() {
            errors.add(
                "",
                AlreadyReviewed,
                duplicate_message(existing, self.allows_more_reviews),
            );
        }
        Ok(())
    }
}

/// Inserts the reviews that don't exist yet, and returns them in the order of `rows`.
async fn insert(
    rows: Vec<review::ActiveModel>,
    transaction: &Transaction,
) -> Result<VecDeque<review::Model>, DbErr> {
    let mut inserted = review::Entity::insert_many(rows)
        .on_conflict(by_hand_conflict())
        .exec_with_returning(transaction)
        .await?;
    // PostgreSQL assigns the keys in the order of the rows.
    inserted.sort_unstable_by_key(|row| row.id);
    Ok(inserted.into())
}

/// Skips rows that violate `review_by_hand_unique`, whose columns and condition these are. Any other violation is an
/// error.
fn by_hand_conflict() -> OnConflict {
    let columns = [
        review::Column::FilmId,
        review::Column::CriticId,
        review::Column::PublicationId,
    ];
    OnConflict::columns(columns)
        .target_and_where(review::Column::Source.is_null())
        .target_and_where(review::Column::CriticId.is_not_null())
        .do_nothing()
        .to_owned()
}

/// Sets the columns of a row that differ from the draft.
fn fill(row: &mut review::ActiveModel, draft: &ReviewDraft) {
    let ReviewDraft {
        critic,
        publication,
        score,
        original_score,
        score_rule,
        sentiment,
        recommended,
        top_critic,
        byline,
        excerpt,
        url,
        reviewed_on,
    } = draft.clone();
    row.critic_id.set_if_not_equals(critic.map(|id| id.0));
    row.publication_id
        .set_if_not_equals(publication.map(|id| id.0));
    row.score.set_if_not_equals(score.map(i16::from));
    row.original_score.set_if_not_equals(original_score);
    row.score_rule.set_if_not_equals(score_rule.map(Into::into));
    row.sentiment.set_if_not_equals(sentiment.map(Into::into));
    row.recommended.set_if_not_equals(recommended);
    row.top_critic.set_if_not_equals(top_critic);
    row.byline.set_if_not_equals(byline);
    row.excerpt.set_if_not_equals(excerpt);
    row.url.set_if_not_equals(url);
    row.reviewed_on.set_if_not_equals(reviewed_on);
}
