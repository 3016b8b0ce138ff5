//! The mutation `addReview`.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};
use parking_lot::Mutex;

use super::{payload::review_version, read_film};
use crate::review::store::versions::ReviewVersion;
use crate::{
    access::{Role, WriteScope},
    film::{FilmId, reference::FilmReference, store::FilmById},
    graphql::{
        constraint::{NAME, NOT_A_LIST, PASSAGE, SHORT, URL, constraint},
        loader,
        mutations::{commit::commit_grouped, idempotency::Idempotency},
        scalar::Date,
        selection::Linked,
        site_rules,
        types::{
            critic::reference::CriticRef, film::reference::FilmBy,
            publication::reference::PublicationRef, score::Sentiment, viewer::require_role,
        },
    },
    review::{
        draft::{ReviewDraft, ReviewPatch},
        store::{
            References,
            write::{AddReview, WrittenReview},
        },
    },
    user_error::{UserError, UserErrorCode::Blank, UserErrors},
};

/// The input of `addReview`. A review needs a score, an original score, a sentiment or a recommendation.
#[derive(Debug, InputObject)]
pub struct AddReviewInput {
    /// The global ID of the film. Exactly one of `film` and `filmBy` is required.
    film: Option<ID>,
    /// The film.
    film_by: Option<FilmBy>,
    /// The critic who wrote the review. When null, it is the caller if the caller has the role CRITIC; otherwise the
    /// review is uncredited.
    critic: Option<CriticRef>,
    /// The publication; unknown when null.
    publication: Option<PublicationRef>,
    /// The score, 0 to 100; derived from `originalScore` when null.
    score: Option<i32>,
    /// The score as the critic wrote it, at most 200 characters, such as "3.5/5", "B+", "85%" or "★★★"; none when null.
    /// The rules of the site have the number that stars are out of.
    #[graphql(directive = constraint::apply(SHORT, NOT_A_LIST))]
    original_score: Option<String>,
    /// The declared sentiment; derived from the score when null. It must not contradict the score.
    sentiment: Option<Sentiment>,
    /// Whether the critic recommends the film; unknown when null.
    recommended: Option<bool>,
    /// Whether the critic is a top critic; false when null. True requires the role EDITOR.
    top_critic: Option<bool>,
    /// The byline, at most 300 characters; the critic's name when null. It must not be the name of another critic.
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

pub(super) async fn add(ctx: &Context<'_>, input: AddReviewInput) -> Result<AddReviewPayload> {
    let principal = require_role(ctx, Role::Critic)?;
    let scope = WriteScope::of(principal);
    if scope != WriteScope::All && input.top_critic == Some(true) {
        let message = "only an editor may set `topCritic`";
        return Err(crate::graphql::types::viewer::forbidden(message));
    }
    let mut errors = UserErrors::default();
    let (film, film_path) = required_film(input.film, input.film_by, &mut errors);
    let references = References {
        film,
        film_path,
        critic: input.critic.and_then(|by| by.read("critic", &mut errors)),
        publication: input
            .publication
            .and_then(|by| by.read("publication", &mut errors)),
        byline: None,
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
    let rules = site_rules(ctx).await?;
    draft.apply(patch, true, &rules, &mut errors);
    let mutation = Arc::new(AddReview {
        references,
        draft,
        scope,
        allows_more_reviews: rules.more_reviews_per_critic,
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

/// Parses the two forms of the reference to the film; adds an error if none is given. Also returns the path of the value.
fn required_film(
    id: Option<ID>,
    by: Option<FilmBy>,
    errors: &mut UserErrors,
) -> (Option<FilmReference>, &'static str) {
    if id.is_none() && by.is_none() {
        errors.add("film", Blank, "give `film` or `filmBy`");
    }
    read_film(id, by, errors)
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
    fn review(&self) -> Linked<ReviewVersion> {
        Linked(self.written.map(review_version))
    }

    /// The film with its new score; null if the review was not added, or if the film has been deleted since.
    fn film(&self) -> Linked<FilmById> {
        Linked(self.written.map(|row| FilmById(FilmId(row.film))))
    }

    /// All errors in the input; empty if the review was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
