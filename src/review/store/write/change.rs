//! Updates and deletions of reviews.

use std::sync::Arc;

use entity::review;
use sea_orm::{
    ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect, sea_query::LockType,
};

use super::{
    super::references::{References, ResolvedReferences},
    UpdatedReview, WrittenReview,
    by_hand::{ByHand, Comparison, duplicate_message, find_duplicate},
    byline::{check as check_byline, critic_name},
    check_new_names, fill, forbidden_reason,
};
use crate::review::store::references::{
    lookup::{critic_key, publication_key},
    resolution::Resolved,
};
use crate::{
    access::WriteScope,
    critic::CriticId,
    database::session::transaction::Transaction,
    film::{FilmId, reference::FilmReference},
    mutation::{Command, CommandOutcome},
    named::NamedReference,
    patch::{self, Patch},
    publication::PublicationId,
    review::{
        Review,
        draft::{ReviewDraft, ReviewPatch},
    },
    site_rules::SiteRules,
    text,
    user_error::{
        UserErrorCode::{AlreadyReviewed, NotFound},
        UserErrors,
    },
};

/// The message for a critic who changes another critic's review.
pub(super) const NOT_OWN_REVIEW: &str = "a critic may change only their own reviews";

/// A review that is locked until the transaction ends, or the reason why it can't be written.
enum LockedReview {
    Found(Box<review::Model>),
    Missing,
    Forbidden,
}

/// Locks the review that an input names. Adds an error if it doesn't exist or has another version than the expected
/// one.
async fn lock(
    id: Option<i64>,
    expected_version: Option<i32>,
    scope: WriteScope,
    lock: LockType,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<LockedReview, DbErr> {
    let Some(id) = id else {
        return Ok(LockedReview::Missing);
    };
    let row = review::Entity::find_by_id(id)
        .lock(lock)
        .one(transaction)
        .await?;
    let Some(row) = row else {
        let message = "this review does not exist; it may have been deleted";
        errors.add("id", NotFound, message);
        return Ok(LockedReview::Missing);
    };
    if !scope.includes(row.critic_id.map(CriticId)) {
        return Ok(LockedReview::Forbidden);
    }
    errors.expect_version(expected_version, row.version);
    Ok(LockedReview::Found(Box::new(row)))
}

/// The mutation that updates a review.
#[derive(Clone, Debug)]
pub struct UpdateReview {
    /// The key of the review; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the review must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// The film that the review is moved to, if the input gives one.
    pub film: Option<FilmReference>,
    /// The path of the film in the input, for errors.
    pub film_path: &'static str,
    /// The new critic.
    pub critic: Patch<NamedReference>,
    /// The new publication.
    pub publication: Patch<NamedReference>,
    /// The new values of the other fields.
    pub patch: ReviewPatch,
    /// The rules of the site, by which they are read.
    pub rules: Arc<SiteRules>,
    /// The reviews that the caller may write.
    pub scope: WriteScope,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for UpdateReview {
    type Done = UpdatedReview;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<UpdatedReview>, DbErr> {
        let mut errors = self.errors.clone();
        if matches!(self.scope, WriteScope::Critic(_)) && self.patch.top_critic.is_given() {
            let message = "only an editor may set `topCritic`";
            return Ok(CommandOutcome::Forbidden(message.to_owned()));
        }
        let references = References {
            film: self.film.clone(),
            film_path: self.film_path,
            critic: self.critic.value().cloned(),
            publication: self.publication.value().cloned(),
            byline: None,
        };
        let resolved = references.resolve(transaction, &mut errors).await?;
        let removes_critic =
            matches!(self.scope, WriteScope::Critic(_)) && self.critic == Patch::Clear;
        if let Some(message) = forbidden_reason(self.scope, &resolved)
            .or_else(|| removes_critic.then(|| NOT_OWN_REVIEW.to_owned()))
        {
            return Ok(CommandOutcome::Forbidden(message));
        }
        check_new_names(self.scope, &resolved, &mut errors);
        let locked = lock(
            self.id,
            self.expected_version,
            self.scope,
            LockType::NoKeyUpdate,
            (transaction, &mut errors),
        )
        .await?;
        match locked {
            LockedReview::Forbidden => Ok(CommandOutcome::Forbidden(NOT_OWN_REVIEW.to_owned())),
            LockedReview::Missing => {
                self.patched_draft(&ReviewDraft::default(), &mut errors);
                Ok(CommandOutcome::Refused(errors.into_vec()))
            }
            LockedReview::Found(row) => self.update(*row, &resolved, errors, transaction).await,
        }
    }
}

impl UpdateReview {
    /// Returns the draft after the patch, without the critic and the publication, which may have to be inserted first.
    fn patched_draft(&self, before: &ReviewDraft, errors: &mut UserErrors) -> ReviewDraft {
        let mut draft = before.clone();
        draft.apply(self.patch.clone(), false, &self.rules, errors);
        draft
    }

    async fn update(
        &self,
        row: review::Model,
        resolved: &ResolvedReferences,
        mut errors: UserErrors,
        transaction: &Transaction,
    ) -> Result<CommandOutcome<UpdatedReview>, DbErr> {
        let before = ReviewDraft::of(&Review::from(row.clone()));
        let mut draft = self.patched_draft(&before, &mut errors);
        self.apply_byline(&row, resolved, &mut draft, (transaction, &mut errors))
            .await?;
        self.check_duplicate(&row, resolved, transaction, &mut errors)
            .await?;
        if !errors.is_empty() {
            return Ok(CommandOutcome::Refused(errors.into_vec()));
        }
        self.resolve_names(&mut draft, resolved, transaction)
            .await?;
        let film = resolved.film.unwrap_or(FilmId(row.film_id));
        let updated = update(row, film, &draft, transaction).await?;
        Ok(CommandOutcome::Done(updated))
    }

    /// Sets a missing byline to the critic's name, and that of a new critic to its name if the byline was the name of the
    /// previous one. Adds an error if it is the name of another critic.
    async fn apply_byline(
        &self,
        row: &review::Model,
        resolved: &ResolvedReferences,
        draft: &mut ReviewDraft,
        (transaction, errors): (&Transaction, &mut UserErrors),
    ) -> Result<(), DbErr> {
        let gives_byline = self.patch.byline.is_given();
        if !gives_byline && !self.critic.is_given() {
            return Ok(());
        }
        let name = match &self.critic {
            Patch::Set(_) => resolved.critic.as_ref().map(|new| new.name().to_owned()),
            Patch::Clear => None,
            Patch::Keep => critic_name(row.critic_id, transaction).await?,
        };
        let Some(name) = name else {
            return Ok(());
        };
        if let Some(byline) = draft.byline.as_ref().filter(|_| !gives_byline) {
            let previous = critic_name(row.critic_id, transaction).await?;
            if previous.is_some_and(|previous| text::is_same_folded(byline, &previous)) {
                draft.byline = None;
            }
        }
        if let Some(byline) = &draft.byline {
            return check_byline(byline, &name, (transaction, errors)).await;
        }
        draft.byline = Some(name);
        Ok(())
    }

    async fn resolve_names(
        &self,
        draft: &mut ReviewDraft,
        resolved: &ResolvedReferences,
        transaction: &Transaction,
    ) -> Result<(), DbErr> {
        if self.critic.is_given() {
            draft.critic = critic_key(resolved.critic.as_ref(), transaction).await?;
        }
        if self.publication.is_given() {
            draft.publication = publication_key(resolved.publication.as_ref(), transaction).await?;
        }
        Ok(())
    }

    /// Adds an error if the critic would have another review of the film. A new critic or publication has no reviews
    /// yet, and one that could not be resolved has an error already.
    async fn check_duplicate(
        &self,
        row: &review::Model,
        resolved: &ResolvedReferences,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let critic = resulting_key(&self.critic, resolved.critic.as_ref(), row.critic_id);
        let publication = resulting_key(
            &self.publication,
            resolved.publication.as_ref(),
            row.publication_id,
        );
        let film = resolved.film.unwrap_or(FilmId(row.film_id));
        let keeps_pair =
            matches!(critic, Ok(critic) if (film.0, critic) == (row.film_id, row.critic_id));
        let comparison = Comparison::of_change(keeps_pair, self.rules.more_reviews_per_critic);
        let publication = match comparison {
            Comparison::Film => Ok(None),
            Comparison::Publication => publication,
        };
        let (Ok(Some(critic)), Ok(publication), None) = (critic, publication, &row.source) else {
            return Ok(());
        };
        if keeps_pair && publication == row.publication_id {
            return Ok(());
        }
        let review = ByHand {
            film,
            critic: CriticId(critic),
            publication: publication.map(PublicationId),
        };
        let existing = find_duplicate(review, comparison, Some(row.id), transaction).await?;
        if existing.is_some() {
            errors.add(
                "",
                AlreadyReviewed,
                duplicate_message(existing, self.rules.more_reviews_per_critic),
            );
        }
        Ok(())
    }
}

/// Writes the values of a draft to a locked row, unless it has them already.
pub(super) async fn update(
    row: review::Model,
    film: FilmId,
    draft: &ReviewDraft,
    transaction: &Transaction,
) -> Result<UpdatedReview, DbErr> {
    let before = ReviewDraft::of(&Review::from(row.clone()));
    let previous_film = (film.0 != row.film_id).then_some(row.film_id);
    let changed = changed_columns((&before, FilmId(row.film_id)), (draft, film));
    let (id, mut version) = (row.id, row.version);
    if !changed.is_empty() {
        let mut row = row.into_active_model();
        row.film_id.set_if_not_equals(film.0);
        fill(&mut row, draft);
        version = row.update(transaction).await?.version;
    }
    Ok(UpdatedReview {
        written: WrittenReview {
            id,
            version,
            film: film.0,
        },
        changed,
        previous_film,
    })
}

/// Returns the names of the columns in which two states differ.
pub(super) fn changed_columns(
    (before, film_before): (&ReviewDraft, FilmId),
    (after, film_after): (&ReviewDraft, FilmId),
) -> Vec<String> {
    let mut changed = patch::changed_columns([("film_id", film_before != film_after)]);
    changed.extend(after.changed_columns(before));
    changed
}

/// The critic or the publication has no key: it is new, or it could not be resolved.
struct UnresolvedKey;

/// Returns the key of the critic or the publication after the update; `None` if the review will have none.
fn resulting_key(
    patch: &Patch<NamedReference>,
    resolved: Option<&Resolved>,
    current: Option<i64>,
) -> Result<Option<i64>, UnresolvedKey> {
    match patch {
        Patch::Keep => Ok(current),
        Patch::Clear => Ok(None),
        Patch::Set(_) => resolved
            .and_then(Resolved::key)
            .map(Some)
            .ok_or(UnresolvedKey),
    }
}

/// The mutation that deletes a review.
#[derive(Clone, Debug)]
pub struct DeleteReview {
    /// The key of the review; `None` if the input's id is invalid.
    pub id: Option<i64>,
    /// The version that the review must have, if the input gives one.
    pub expected_version: Option<i32>,
    /// The reviews that the caller may write.
    pub scope: WriteScope,
    /// The errors that parsing the input has found.
    pub errors: UserErrors,
}

impl Command for DeleteReview {
    type Done = WrittenReview;

    async fn run(&self, transaction: &Transaction) -> Result<CommandOutcome<WrittenReview>, DbErr> {
        let mut errors = self.errors.clone();
        let locked = lock(
            self.id,
            self.expected_version,
            self.scope,
            LockType::Update,
            (transaction, &mut errors),
        )
        .await?;
        let row = match locked {
            LockedReview::Forbidden => {
                return Ok(CommandOutcome::Forbidden(NOT_OWN_REVIEW.to_owned()));
            }
            LockedReview::Found(row) if errors.is_empty() => row,
            LockedReview::Found(_) | LockedReview::Missing => {
                return Ok(CommandOutcome::Refused(errors.into_vec()));
            }
        };
        review::Entity::delete_by_id(row.id)
            .exec(transaction)
            .await?;
        Ok(CommandOutcome::Done(WrittenReview {
            id: row.id,
            version: row.version,
            film: row.film_id,
        }))
    }
}
