//! The mutation `updateReview`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};

use super::{payload::UpdatePayload, read_film};
use crate::graphql::types::changed_field::ChangedField;
use crate::{
    access::{Role, WriteScope},
    film::{Film, store::FilmById},
    global_id::Kind,
    graphql::{
        constraint::{NAME, NOT_A_LIST, PASSAGE, SHORT, URL, constraint},
        mutations::{commit::commit, idempotency::Idempotency},
        scalar::Date,
        selection::{Inlined, Linked},
        site_rules, to_nullable_field,
        types::{
            critic::reference::CriticRef, film::reference::FilmBy,
            publication::reference::PublicationRef, revision::ReviewField, score::Sentiment,
            viewer::require_role,
        },
    },
    named::decode_key,
    patch::Patch,
    review::{Review, draft::ReviewPatch, store::write::UpdateReview},
    user_error::{UserError, UserErrors},
};

/// The input of `updateReview`. Omitted fields stay unchanged; null clears a field.
#[derive(Debug, InputObject)]
pub struct UpdateReviewInput {
    /// The global ID of the review.
    id: ID,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// The global ID of the film that the review is moved to. It stays the same when `film` and `filmBy` are null, since
    /// a review needs a film.
    film: Option<ID>,
    /// The film that the review is moved to. It can't be combined with `film`.
    film_by: Option<FilmBy>,
    /// The critic who wrote the review; null for none. Only an editor can change it.
    critic: MaybeUndefined<CriticRef>,
    /// The publication; null for unknown.
    publication: MaybeUndefined<PublicationRef>,
    /// The score, 0 to 100; null for none, unless the original score can be converted. When omitted, it is derived from a
    /// new `originalScore`.
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
    /// The byline, at most 300 characters; null for the critic's name, or for none without a critic. It must not be the
    /// name of another critic. When omitted, a byline that is the name of the previous critic becomes that of a new one.
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

pub(super) async fn update(
    ctx: &Context<'_>,
    input: UpdateReviewInput,
) -> Result<UpdateReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let mut errors = UserErrors::default();
    let id = decode_key(&input.id, Kind::Review, "id", &mut errors);
    let (film, film_path) = read_film(input.film, input.film_by, &mut errors);
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
        film,
        film_path,
        critic,
        publication,
        patch,
        rules: site_rules(ctx).await?,
        scope: WriteScope::of(principal),
        errors,
    };
    let key = input.idempotency;
    let result = commit(ctx, principal, key, &mutation).await?;
    Ok(UpdateReviewPayload(UpdatePayload::of(result, id)))
}

/// The result of `updateReview`.
#[derive(Debug)]
pub struct UpdateReviewPayload(UpdatePayload);

/// The result of `updateReview`.
#[Object]
impl UpdateReviewPayload {
    /// The review as the update left it, or in its current state if it was not updated; null if it doesn't exist.
    async fn review(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Review>>>> {
        to_nullable_field(self.0.review.review(ctx).await)
    }

    /// The film in its current state, with its new score; null if the review or the film doesn't exist.
    async fn film(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Arc<Film>>>> {
        to_nullable_field(self.0.review.film(ctx).await)
    }

    /// The film that the review was moved from, in its current state, with its new score; null if the review was not
    /// moved, or if that film has been deleted since.
    fn previous_film(&self) -> Linked<FilmById> {
        Linked(self.0.previous_film.map(FilmById))
    }

    /// The fields that the update changed, also those that follow from others; empty if it changed nothing. It shows
    /// whether a null in the input has removed a value. `restoreReview` brings it back.
    fn changed(&self) -> Vec<ReviewField> {
        ReviewField::of(&self.0.changed)
    }

    /// All errors in the input; empty if the review was updated.
    fn user_errors(&self) -> &[UserError] {
        &self.0.user_errors
    }
}
