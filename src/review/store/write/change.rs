//! Changing and deleting reviews.

use entity::review;
use sea_orm::{
    ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect, sea_query::LockType,
};

use super::{
    super::refs::{Found, References, Resolved, critic_key, publication_key},
    DOUBLED, Written, check_new_names, fill, forbidden, is_doubled,
};
use crate::{
    access::Reach,
    critic::CriticId,
    database::session::Transaction,
    film::FilmId,
    mutation::{Mutation, Outcome},
    named::NamedBy,
    patch::Patch,
    publication::PublicationId,
    review::{
        Review,
        draft::{ReviewDraft, ReviewPatch},
    },
    user_error::{
        UserErrorCode::{AlreadyReviewed, NotFound},
        UserErrors,
    },
};

/// What somebody is told who may not write a review.
const NOT_THEIRS: &str = "a critic changes their own reviews only";

/// A review that is locked until the transaction ends, or why it can't be written.
enum Locked {
    Found(Box<review::Model>),
    Missing,
    Forbidden,
}

/// Locks what an input names, and notes if it isn't there or has changed since it was read.
async fn lock(
    id: Option<i64>,
    expected_version: Option<i32>,
    reach: Reach,
    lock: LockType,
    (transaction, errors): (&Transaction, &mut UserErrors),
) -> Result<Locked, DbErr> {
    let Some(id) = id else {
        return Ok(Locked::Missing);
    };
    let found = review::Entity::find_by_id(id)
        .lock(lock)
        .one(transaction)
        .await?;
    let Some(row) = found else {
        errors.add("id", NotFound, "there is no such review (any more)");
        return Ok(Locked::Missing);
    };
    if !reach.includes(row.critic_id.map(CriticId)) {
        return Ok(Locked::Forbidden);
    }
    errors.expect_version(expected_version, row.version);
    Ok(Locked::Found(Box::new(row)))
}

/// Changes a review.
#[derive(Clone, Debug)]
pub struct UpdateReview {
    /// Which one, if the input names one.
    pub id: Option<i64>,
    /// In which state it has to be still.
    pub expected_version: Option<i32>,
    /// By whom it is to be.
    pub critic: Patch<NamedBy>,
    /// Where it is to have been published.
    pub publication: Patch<NamedBy>,
    /// What else is to change.
    pub patch: ReviewPatch,
    /// Which reviews who asks may write.
    pub reach: Reach,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

impl Mutation for UpdateReview {
    type Done = Written;

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<Written>, DbErr> {
        let mut errors = self.errors.clone();
        if matches!(self.reach, Reach::Of(_)) && self.patch.top_critic.is_given() {
            let message = "who counts among the top critics is for the editors to say";
            return Ok(Outcome::Forbidden(message.to_owned()));
        }
        let references = References {
            film: None,
            critic: self.critic.value().cloned(),
            publication: self.publication.value().cloned(),
        };
        let found = references.find(transaction, &mut errors).await?;
        let is_given_away = matches!(self.reach, Reach::Of(_)) && self.critic == Patch::Clear;
        if let Some(message) =
            forbidden(self.reach, &found).or_else(|| is_given_away.then(|| NOT_THEIRS.to_owned()))
        {
            return Ok(Outcome::Forbidden(message));
        }
        check_new_names(self.reach, &found, &mut errors);
        let locked = lock(
            self.id,
            self.expected_version,
            self.reach,
            LockType::NoKeyUpdate,
            (transaction, &mut errors),
        )
        .await?;
        match locked {
            Locked::Forbidden => Ok(Outcome::Forbidden(NOT_THEIRS.to_owned())),
            Locked::Missing => {
                self.judge(&ReviewDraft::default(), &mut errors);
                Ok(Outcome::Refused(errors.into_vec()))
            }
            Locked::Found(row) => self.update(*row, &found, errors, transaction).await,
        }
    }
}

impl UpdateReview {
    /// What the review is to be, but for the names, which may have to be added first.
    fn judge(&self, before: &ReviewDraft, errors: &mut UserErrors) -> ReviewDraft {
        let mut draft = before.clone();
        draft.apply(self.patch.clone(), false, errors);
        draft
    }

    async fn update(
        &self,
        row: review::Model,
        found: &Found,
        mut errors: UserErrors,
        transaction: &Transaction,
    ) -> Result<Outcome<Written>, DbErr> {
        let before = ReviewDraft::of(&Review::from(row.clone()));
        let mut draft = self.judge(&before, &mut errors);
        self.check_doubled(&row, found, transaction, &mut errors)
            .await?;
        if !errors.is_empty() {
            return Ok(Outcome::Refused(errors.into_vec()));
        }
        self.name(&mut draft, found, transaction).await?;
        let (id, film) = (row.id, row.film_id);
        let version = if draft == before {
            row.version
        } else {
            let mut row = row.into_active_model();
            fill(&mut row, &draft);
            row.update(transaction).await?.version
        };
        Ok(Outcome::Done(Written { id, version, film }))
    }

    async fn name(
        &self,
        draft: &mut ReviewDraft,
        found: &Found,
        transaction: &Transaction,
    ) -> Result<(), DbErr> {
        if self.critic.is_given() {
            draft.critic = critic_key(found.critic.as_ref(), transaction).await?;
        }
        if self.publication.is_given() {
            draft.publication = publication_key(found.publication.as_ref(), transaction).await?;
        }
        Ok(())
    }

    /// A name that is new has no review yet, and one that can't be told may have any.
    async fn check_doubled(
        &self,
        row: &review::Model,
        found: &Found,
        transaction: &Transaction,
        errors: &mut UserErrors,
    ) -> Result<(), DbErr> {
        let critic = place(&self.critic, found.critic.as_ref(), row.critic_id);
        let publication = place(
            &self.publication,
            found.publication.as_ref(),
            row.publication_id,
        );
        let (Ok(Some(critic)), Ok(publication)) = (critic, publication) else {
            return Ok(());
        };
        let has_moved = (Some(critic), publication) != (row.critic_id, row.publication_id);
        let place = (
            FilmId(row.film_id),
            CriticId(critic),
            publication.map(PublicationId),
        );
        if has_moved && row.source.is_none() && is_doubled(place, Some(row.id), transaction).await?
        {
            errors.add("", AlreadyReviewed, DOUBLED);
        }
        Ok(())
    }
}

/// Which critic or publication it will be, nobody can tell before anything is written.
struct NotTold;

/// The key that a review is to have of a critic or a publication, if it is to have one.
fn place(
    patch: &Patch<NamedBy>,
    found: Option<&Resolved>,
    now: Option<i64>,
) -> Result<Option<i64>, NotTold> {
    match patch {
        Patch::Keep => Ok(now),
        Patch::Clear => Ok(None),
        Patch::Set(_) => found.and_then(Resolved::key).map(Some).ok_or(NotTold),
    }
}

/// Deletes a review.
#[derive(Clone, Debug)]
pub struct DeleteReview {
    /// Which one, if the input names one.
    pub id: Option<i64>,
    /// In which state it has to be still.
    pub expected_version: Option<i32>,
    /// Which reviews who asks may write.
    pub reach: Reach,
    /// What is wrong with the input already.
    pub errors: UserErrors,
}

impl Mutation for DeleteReview {
    type Done = Written;

    async fn run(&self, transaction: &Transaction) -> Result<Outcome<Written>, DbErr> {
        let mut errors = self.errors.clone();
        let locked = lock(
            self.id,
            self.expected_version,
            self.reach,
            LockType::Update,
            (transaction, &mut errors),
        )
        .await?;
        let row = match locked {
            Locked::Forbidden => return Ok(Outcome::Forbidden(NOT_THEIRS.to_owned())),
            Locked::Found(row) if errors.is_empty() => row,
            Locked::Found(_) | Locked::Missing => {
                return Ok(Outcome::Refused(errors.into_vec()));
            }
        };
        review::Entity::delete_by_id(row.id)
            .exec(transaction)
            .await?;
        Ok(Outcome::Done(Written {
            id: row.id,
            version: row.version,
            film: row.film_id,
        }))
    }
}
