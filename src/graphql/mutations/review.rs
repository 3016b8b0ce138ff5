//! The mutations of reviews: add, update and delete.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use parking_lot::Mutex;

use crate::{
    access::{Role, WriteScope},
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, PASSAGE, SHORT, URL, constraint},
        encode_id, load, loader,
        mutations::{
            commit::{commit, commit_grouped},
            idempotency::Idempotency,
        },
        scalar::Date,
        selection::Inlined,
        to_nullable_field,
        types::{
            critic::CriticRef, publication::PublicationRef, score::Sentiment, token::require_role,
        },
    },
    named::decode_key,
    patch::Patch,
    review::{
        Review, ReviewId,
        draft::{ReviewDraft, ReviewPatch},
        store::{
            References, ReviewById,
            versions::ReviewVersion,
            write::{AddReview, DeleteReview, UpdateReview, WrittenReview},
        },
    },
    user_error::{UserError, UserErrors},
};

/// The input of `addReview`. A review needs a score, an original score, a sentiment or a recommendation.
#[derive(Debug, InputObject)]
pub struct AddReviewInput {
    /// The global ID of the film.
    film: ID,
    /// The critic who wrote the review. When null, it is the caller if the caller has the role CRITIC; otherwise the
    /// review is uncredited.
    critic: Option<CriticRef>,
    /// The publication; unknown when null.
    publication: Option<PublicationRef>,
    /// The score, 0 to 100; derived from `originalScore` when null.
    score: Option<i32>,
    /// The score as the critic wrote it, at most 200 characters, such as "3.5/5", "B+", "85%" or "★★★" (of four); none
    /// when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    original_score: Option<String>,
    /// The declared sentiment; derived from the score when null. It must not contradict the score.
    sentiment: Option<Sentiment>,
    /// Whether the critic recommends the film; unknown when null.
    recommended: Option<bool>,
    /// Whether the critic is a top critic; false when null. True requires the role EDITOR.
    top_critic: Option<bool>,
    /// The byline, at most 300 characters; the critic's name when null.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    byline: Option<String>,
    /// An excerpt of the review, at most 10,000 characters; none when null.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    excerpt: Option<String>,
    /// The URL of the full review, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The date of publication; unknown when null.
    reviewed_on: Option<Date>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `updateReview`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateReviewInput {
    /// The global ID of the review.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The critic who wrote the review; null for none. Only an editor can change it.
    critic: MaybeUndefined<CriticRef>,
    /// The publication; null for unknown.
    publication: MaybeUndefined<PublicationRef>,
    /// The score, 0 to 100; null for none. When omitted, it is derived from a new `originalScore`.
    score: MaybeUndefined<i32>,
    /// The score as the critic wrote it, at most 200 characters; null for none.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    original_score: MaybeUndefined<String>,
    /// The declared sentiment; null to derive it from the score. It must not contradict the score.
    sentiment: MaybeUndefined<Sentiment>,
    /// Whether the critic recommends the film; null for unknown.
    recommended: MaybeUndefined<bool>,
    /// Whether the critic is a top critic; null for false. Requires the role EDITOR.
    top_critic: MaybeUndefined<bool>,
    /// The byline, at most 300 characters; null for none.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    byline: MaybeUndefined<String>,
    /// An excerpt of the review, at most 10,000 characters; null for none.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    excerpt: MaybeUndefined<String>,
    /// The URL of the full review, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The date of publication; null for unknown.
    reviewed_on: MaybeUndefined<Date>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The input of `deleteReview`.
#[derive(Debug, InputObject)]
pub struct DeleteReviewInput {
    /// The global ID of the review.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The mutations of reviews.
#[derive(Debug, Default)]
pub struct ReviewMutation;

/// The mutations of reviews.
#[Object]
impl ReviewMutation {
    /// Adds a review. A critic can have one review of a film for each publication, not counting imported reviews.
    /// Requires the role CRITIC for the caller's own reviews in existing publications, otherwise EDITOR. Null on a
    /// top-level error.
    async fn add_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to add.")] input: AddReviewInput,
    ) -> Option<Result<AddReviewPayload>> {
        Some(add(ctx, input).await)
    }

    /// Updates a review. The previous version is added to its `revisions`. Requires the role CRITIC for the caller's
    /// own reviews, otherwise EDITOR. Null on a top-level error.
    async fn update_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review and its new values.")] input: UpdateReviewInput,
    ) -> Option<Result<UpdateReviewPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a review. Requires the role CRITIC for the caller's own reviews, otherwise EDITOR. Null on a top-level
    /// error.
    async fn delete_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review to delete.")] input: DeleteReviewInput,
    ) -> Option<Result<DeleteReviewPayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddReviewInput) -> Result<AddReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let reach = WriteScope::of(principal);
    if reach != WriteScope::All && input.top_critic == Some(true) {
        let message = "only an editor may set `topCritic`";
        return Err(crate::graphql::types::token::forbidden(message));
    }
    let mut errors = UserErrors::default();
    let references = References {
        film: decode_key(&input.film, Kind::Film, "film", &mut errors).map(FilmId),
        critic: input.critic.and_then(|by| by.read("critic", &mut errors)),
        publication: input
            .publication
            .and_then(|by| by.read("publication", &mut errors)),
    };
    let mut draft = ReviewDraft::default();
    let patch = ReviewPatch {
        score: input.score.into(),
        original_score: input.original_score.into(),
        sentiment: input.sentiment.map(Into::into).into(),
        recommended: input.recommended.into(),
        top_critic: input.top_critic.into(),
        byline: input.byline.into(),
        excerpt: input.excerpt.into(),
        url: input.url.into(),
        reviewed_on: input.reviewed_on.map(|day| day.0).into(),
    };
    draft.apply(patch, true, &mut errors);
    let mutation = Arc::new(AddReview {
        references,
        draft,
        scope: reach,
        errors,
        added: Mutex::default(),
    });
    let key = input.idempotency;
    Ok(
        match commit_grouped(ctx, principal, key, &mutation).await? {
            Ok(written) => {
                if let Some(review) = mutation.take_added(written) {
                    loader(ctx)?.prime(review_version(written), review);
                }
                AddReviewPayload {
                    written: Some(written),
                    user_errors: Vec::new(),
                }
            }
            Err(user_errors) => AddReviewPayload {
                written: None,
                user_errors,
            },
        },
    )
}

async fn update(ctx: &Context<'_>, input: UpdateReviewInput) -> Result<UpdateReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Review, "id", &mut errors);
    let critic = Patch::from(input.critic).and_then(|by| by.read("critic", &mut errors));
    let publication =
        Patch::from(input.publication).and_then(|by| by.read("publication", &mut errors));
    let patch = ReviewPatch {
        score: input.score.into(),
        original_score: input.original_score.into(),
        sentiment: Patch::from(input.sentiment).map(Into::into),
        recommended: input.recommended.into(),
        top_critic: input.top_critic.into(),
        byline: input.byline.into(),
        excerpt: input.excerpt.into(),
        url: input.url.into(),
        reviewed_on: Patch::from(input.reviewed_on).map(|day| day.0),
    };
    let mutation = UpdateReview {
        id,
        expected_version: input.expected_version,
        critic,
        publication,
        patch,
        scope: WriteScope::of(principal),
        errors,
    };
    let key = input.idempotency;
    let done = commit(ctx, principal, key, &mutation).await?;
    Ok(UpdateReviewPayload {
        payload_review: PayloadReview::of(&done, id),
        user_errors: done.err().unwrap_or_default(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteReviewInput) -> Result<DeleteReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Review, "id", &mut errors);
    let mutation = DeleteReview {
        id,
        expected_version: input.expected_version,
        scope: WriteScope::of(principal),
        errors,
    };
    let key = input.idempotency;
    let done = commit(ctx, principal, key, &mutation).await?;
    Ok(DeleteReviewPayload {
        payload_review: PayloadReview::of(&done, id),
        user_errors: done.err().unwrap_or_default(),
    })
}

/// The review in a payload.
#[derive(Clone, Copy, Debug)]
enum PayloadReview {
    /// The version that the mutation wrote, or that it deleted.
    Written(WrittenReview),
    /// The current version, because nothing was written.
    Current(ReviewId),
    /// None, because the ID in the input is invalid.
    Absent,
}

impl PayloadReview {
    fn of(done: &Result<WrittenReview, Vec<UserError>>, id: Option<i64>) -> Self {
        match (done, id) {
            (Ok(written), _) => Self::Written(*written),
            (Err(_), Some(id)) => Self::Current(ReviewId(id)),
            (Err(_), None) => Self::Absent,
        }
    }

    async fn review(self, ctx: &Context<'_>) -> Result<Option<Arc<Review>>> {
        match self {
            Self::Written(written) => load(ctx, review_version(written)).await,
            Self::Current(id) => load(ctx, ReviewById(id)).await,
            Self::Absent => Ok(None),
        }
    }

    async fn film(self, ctx: &Context<'_>) -> Result<Option<Arc<Film>>> {
        let film = match self {
            Self::Written(written) => Some(FilmId(written.film)),
            Self::Current(_) | Self::Absent => self.review(ctx).await?.map(|review| review.film),
        };
        match film {
            Some(film) => load(ctx, FilmById(film)).await,
            None => Ok(None),
        }
    }
}

fn review_version(written: WrittenReview) -> ReviewVersion {
    ReviewVersion {
        id: ReviewId(written.id),
        version: written.version,
    }
}

/// The result of `addReview`.
#[derive(Debug)]
pub struct AddReviewPayload {
    written: Option<WrittenReview>,
    user_errors: Vec<UserError>,
}

/// The result of `addReview`.
#[Object]
impl AddReviewPayload {
    /// The review as it was added; null if it was not added.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        to_nullable_field(load(ctx, review_version(self.written?)).await)
    }

    /// The film with its new score; null if the review was not added, or if the film has been deleted since.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let film = FilmId(self.written?.film);
        to_nullable_field(load(ctx, FilmById(film)).await)
    }

    /// All errors in the input; empty if the review was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `updateReview`.
#[derive(Debug)]
pub struct UpdateReviewPayload {
    payload_review: PayloadReview,
    user_errors: Vec<UserError>,
}

/// The result of `updateReview`.
#[Object]
impl UpdateReviewPayload {
    /// The review as the update left it, or in its current state if it was not updated; null if it doesn't exist.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        to_nullable_field(self.payload_review.review(ctx).await)
    }

    /// The film in its current state, with its new score; null if the review or the film doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(self.payload_review.film(ctx).await)
    }

    /// All errors in the input; empty if the review was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// The result of `deleteReview`.
#[derive(Debug)]
pub struct DeleteReviewPayload {
    payload_review: PayloadReview,
    user_errors: Vec<UserError>,
}

/// The result of `deleteReview`.
#[Object]
impl DeleteReviewPayload {
    /// The global ID of the deleted review; null if it was not deleted.
    fn deleted_review_id(&self) -> Option<ID> {
        match self.payload_review {
            PayloadReview::Written(written) => Some(encode_id(Kind::Review, written.id)),
            PayloadReview::Current(_) | PayloadReview::Absent => None,
        }
    }

    /// The review in its current state; null if it was deleted or doesn't exist.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        match self.payload_review {
            PayloadReview::Written(_) => None,
            shown => to_nullable_field(shown.review(ctx).await),
        }
    }

    /// The film in its current state, with its new score; null if the review or the film doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(self.payload_review.film(ctx).await)
    }

    /// All errors in the input; empty if the review was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
