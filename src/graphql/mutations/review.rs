//! Adding, changing and deleting reviews.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use parking_lot::Mutex;

use crate::{
    access::{Reach, Role},
    film::{Film, FilmId, store::FilmById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, PASSAGE, SHORT, URL, constraint},
        found, id, load, loader,
        mutations::{
            commit::{commit, commit_grouped},
            idempotency::Idempotency,
        },
        scalar::Date,
        selection::Inlined,
        types::{critic::CriticRef, publication::PublicationRef, score::Sentiment, token::require},
    },
    named::key,
    patch::Patch,
    review::{
        Review, ReviewId,
        draft::{ReviewDraft, ReviewPatch},
        store::{
            References, ReviewById,
            states::ReviewState,
            write::{AddReview, DeleteReview, UpdateReview, Written},
        },
    },
    user_error::{UserError, UserErrors},
};

/// A review to be added. It needs a score, an original score, a sentiment or a recommendation.
#[derive(Debug, InputObject)]
pub struct AddReviewInput {
    /// The global id of the film.
    film: ID,
    /// Who wrote it; nobody who is named when null, and who asks when that is a critic.
    critic: Option<CriticRef>,
    /// Where it was published; not known when null.
    publication: Option<PublicationRef>,
    /// The score, 0 to 100. Read from `originalScore` when null.
    score: Option<i32>,
    /// The score as the critic wrote it, at most 200 characters: "3.5/5", "B+", "85%", "★★★" (of four). None when null.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    original_score: Option<String>,
    /// What the review says on the whole; its score tells when null.
    sentiment: Option<Sentiment>,
    /// The critic's own yes or no; neither when null.
    recommended: Option<bool>,
    /// Whether the critic counts among the top ones, which editors say; no when null.
    top_critic: Option<bool>,
    /// What stands after "Reviewed by", at most 300 characters; the critic's name when null.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    byline: Option<String>,
    /// A passage of the review, at most 10,000 characters; none when null.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    excerpt: Option<String>,
    /// The address of the whole review, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The day of publication; not known when null.
    reviewed_on: Option<Date>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A change of a review. What is left out stays as it is; null takes it away.
#[derive(Debug, InputObject)]
pub struct UpdateReviewInput {
    /// The global id of the review.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
    expected_version: Option<i32>,
    /// Who wrote it; null for nobody who is named. For editors.
    critic: MaybeUndefined<CriticRef>,
    /// Where it was published; null when it isn't known.
    publication: MaybeUndefined<PublicationRef>,
    /// The score, 0 to 100; null for none. Left out it follows `originalScore`.
    score: MaybeUndefined<i32>,
    /// The score as the critic wrote it, at most 200 characters; null for none.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    original_score: MaybeUndefined<String>,
    /// What the review says on the whole; null to let its score tell.
    sentiment: MaybeUndefined<Sentiment>,
    /// The critic's own yes or no; null for neither.
    recommended: MaybeUndefined<bool>,
    /// Whether the critic counts among the top ones; null for no. For editors.
    top_critic: MaybeUndefined<bool>,
    /// What stands after "Reviewed by", at most 300 characters; null for nothing.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    byline: MaybeUndefined<String>,
    /// A passage of the review, at most 10,000 characters; null for none.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    excerpt: MaybeUndefined<String>,
    /// The address of the whole review, at most 2,000 characters; null for none.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: MaybeUndefined<String>,
    /// The day of publication; null when it isn't known.
    reviewed_on: MaybeUndefined<Date>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// A review to be deleted.
#[derive(Debug, InputObject)]
pub struct DeleteReviewInput {
    /// The global id of the review.
    id: ID,
    /// The `version` that was read; whatever it is now when null.
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
    /// Adds a review. By hand a critic reviews a film once for a publication. Null when it could not be run. Needs the role CRITIC,
    /// who adds their own reviews for publications that are require_page, or EDITOR.
    async fn add_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review.")] input: AddReviewInput,
    ) -> Option<Result<AddReviewPayload>> {
        Some(add(ctx, input).await)
    }

    /// Changes a review. What it said is kept among its `revisions`. Null when it could not be run. Needs the role CRITIC, who changes
    /// their own reviews, or EDITOR.
    async fn update_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review, and what is to change.")] input: UpdateReviewInput,
    ) -> Option<Result<UpdateReviewPayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a review. Null when it could not be run. Needs the role CRITIC, who deletes their own reviews, or EDITOR.
    async fn delete_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The review.")] input: DeleteReviewInput,
    ) -> Option<Result<DeleteReviewPayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn add(ctx: &Context<'_>, input: AddReviewInput) -> Result<AddReviewPayload> {
    let principal = require(ctx, Role::Critic)?;
    let reach = Reach::of(principal);
    if reach != Reach::All && input.top_critic == Some(true) {
        let message = "who counts among the top critics is for the editors to say";
        return Err(crate::graphql::types::token::forbidden(message));
    }
    let mut errors = UserErrors::default();
    let references = References {
        film: key(&input.film, Kind::Film, "film", &mut errors).map(FilmId),
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
        reach,
        errors,
        added: Mutex::default(),
    });
    let key = input.idempotency;
    Ok(
        match commit_grouped(ctx, principal, key, &mutation).await? {
            Ok(written) => {
                if let Some(review) = mutation.take_added(written) {
                    loader(ctx)?.prime(state(written), review);
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
    let principal = require(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = key(&input.id, Kind::Review, "id", &mut errors);
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
        reach: Reach::of(principal),
        errors,
    };
    let key = input.idempotency;
    let done = commit(ctx, principal, key, &mutation).await?;
    Ok(UpdateReviewPayload {
        shown: Shown::of(&done, id),
        user_errors: done.err().unwrap_or_default(),
    })
}

async fn delete(ctx: &Context<'_>, input: DeleteReviewInput) -> Result<DeleteReviewPayload> {
    let principal = require(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = key(&input.id, Kind::Review, "id", &mut errors);
    let mutation = DeleteReview {
        id,
        expected_version: input.expected_version,
        reach: Reach::of(principal),
        errors,
    };
    let key = input.idempotency;
    let done = commit(ctx, principal, key, &mutation).await?;
    Ok(DeleteReviewPayload {
        shown: Shown::of(&done, id),
        user_errors: done.err().unwrap_or_default(),
    })
}

/// Which review a payload shows.
#[derive(Clone, Copy, Debug)]
enum Shown {
    /// In the state in which the mutation left it.
    Written(Written),
    /// As it is, for it was not written.
    Present(ReviewId),
    /// None: what was named is none.
    Nothing,
}

impl Shown {
    fn of(done: &Result<Written, Vec<UserError>>, id: Option<i64>) -> Self {
        match (done, id) {
            (Ok(written), _) => Self::Written(*written),
            (Err(_), Some(id)) => Self::Present(ReviewId(id)),
            (Err(_), None) => Self::Nothing,
        }
    }

    async fn review(self, ctx: &Context<'_>) -> Result<Option<Arc<Review>>> {
        match self {
            Self::Written(written) => load(ctx, state(written)).await,
            Self::Present(id) => load(ctx, ReviewById(id)).await,
            Self::Nothing => Ok(None),
        }
    }

    async fn film(self, ctx: &Context<'_>) -> Result<Option<Arc<Film>>> {
        let film = match self {
            Self::Written(written) => Some(FilmId(written.film)),
            Self::Present(_) | Self::Nothing => self.review(ctx).await?.map(|review| review.film),
        };
        match film {
            Some(film) => load(ctx, FilmById(film)).await,
            None => Ok(None),
        }
    }
}

fn state(written: Written) -> ReviewState {
    ReviewState {
        id: ReviewId(written.id),
        version: written.version,
    }
}

/// What came of adding a review.
#[derive(Debug)]
pub struct AddReviewPayload {
    written: Option<Written>,
    user_errors: Vec<UserError>,
}

/// What came of adding a review.
#[Object]
impl AddReviewPayload {
    /// The review as it was added; null when it was not.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        found(load(ctx, state(self.written?)).await)
    }

    /// The film with its new score; null when the review was not added, or the film is gone again.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        let film = FilmId(self.written?.film);
        found(load(ctx, FilmById(film)).await)
    }

    /// What is wrong with the input: all of it. Empty when the review was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of changing a review.
#[derive(Debug)]
pub struct UpdateReviewPayload {
    shown: Shown,
    user_errors: Vec<UserError>,
}

/// What came of changing a review.
#[Object]
impl UpdateReviewPayload {
    /// The review as the change left it; as it is now when it was not changed. Null when it isn't there.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        found(self.shown.review(ctx).await)
    }

    /// The film with its new score; null when the review or the film isn't there.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        found(self.shown.film(ctx).await)
    }

    /// What is wrong with the input: all of it. Empty when the review was changed.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// What came of deleting a review.
#[derive(Debug)]
pub struct DeleteReviewPayload {
    shown: Shown,
    user_errors: Vec<UserError>,
}

/// What came of deleting a review.
#[Object]
impl DeleteReviewPayload {
    /// The global id that the review had; null when it was not deleted.
    fn deleted_review_id(&self) -> Option<ID> {
        match self.shown {
            Shown::Written(written) => Some(id(Kind::Review, written.id)),
            Shown::Present(_) | Shown::Nothing => None,
        }
    }

    /// The review as it is now when it was not deleted; null when it was, or isn't there.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        match self.shown {
            Shown::Written(_) => None,
            shown => found(shown.review(ctx).await),
        }
    }

    /// The film with its new score; null when the review or the film isn't there.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        found(self.shown.film(ctx).await)
    }

    /// What is wrong with the input: all of it. Empty when the review was deleted.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
