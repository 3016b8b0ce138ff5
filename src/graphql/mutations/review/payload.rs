//! The review in the payload of a mutation.

use std::sync::Arc;

use async_graphql::{Context, Result};

use crate::{
    film::{Film, FilmId, store::FilmById},
    graphql::load,
    review::{
        Review, ReviewId,
        store::{
            ReviewById,
            versions::ReviewVersion,
            write::{UpdatedReview, WrittenReview},
        },
    },
    user_error::UserError,
};

/// The payload of a mutation that updates a review.
#[derive(Debug)]
pub(super) struct UpdatePayload {
    pub(super) review: PayloadReview,
    pub(super) changed: Vec<String>,
    pub(super) previous_film: Option<FilmId>,
    pub(super) user_errors: Vec<UserError>,
}

impl UpdatePayload {
    pub(super) fn of(result: Result<UpdatedReview, Vec<UserError>>, id: Option<i64>) -> Self {
        let written = result.as_ref().ok().map(|updated| updated.written);
        let review = PayloadReview::of(written, id);
        match result {
            Ok(updated) => Self {
                review,
                changed: updated.changed,
                previous_film: updated.previous_film.map(FilmId),
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self {
                review,
                changed: Vec::new(),
                previous_film: None,
                user_errors,
            },
        }
    }
}

/// The review in a payload.
#[derive(Clone, Copy, Debug)]
pub(super) enum PayloadReview {
    /// The version that the mutation wrote, or that it deleted.
    Written(WrittenReview),
    /// The current version, because nothing was written.
    Current(ReviewId),
    /// None, because the ID in the input is invalid.
    Absent,
}

impl PayloadReview {
    pub(super) fn of(written: Option<WrittenReview>, id: Option<i64>) -> Self {
        match (written, id) {
            (Some(written), _) => Self::Written(written),
            (None, Some(id)) => Self::Current(ReviewId(id)),
            (None, None) => Self::Absent,
        }
    }

    pub(super) async fn review(self, ctx: &Context<'_>) -> Result<Option<Arc<Review>>> {
        match self {
            Self::Written(written) => load(ctx, review_version(written)).await,
            Self::Current(id) => load(ctx, ReviewById(id)).await,
            Self::Absent => Ok(None),
        }
    }

    pub(super) async fn film(self, ctx: &Context<'_>) -> Result<Option<Arc<Film>>> {
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

pub(super) fn review_version(written: WrittenReview) -> ReviewVersion {
    ReviewVersion {
        id: ReviewId(written.id),
        version: written.version,
    }
}
