//! The review in the payload of a mutation.

use std::sync::Arc;

use async_graphql::{Context, Result};

use crate::{
    film::{Film, FilmId, store::FilmById},
    graphql::load,
    review::{
        Review, ReviewId,
        store::{ReviewById, versions::ReviewVersion, write::WrittenReview},
    },
    user_error::UserError,
};

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
    pub(super) fn of(result: &Result<WrittenReview, Vec<UserError>>, id: Option<i64>) -> Self {
        match (result, id) {
            (Ok(written), _) => Self::Written(*written),
            (Err(_), Some(id)) => Self::Current(ReviewId(id)),
            (Err(_), None) => Self::Absent,
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
