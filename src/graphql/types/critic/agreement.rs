//! How far two critics agree, and the critics who are closest to one or furthest from one.

use std::{ops::RangeInclusive, sync::Arc};

use async_graphql::{Context, Result};
use futures_util::future::try_join_all;
use macros::object;

use super::reference::CriticBy;
use crate::{
    critic::{Critic, CriticId, store::CriticById},
    error::{code, error_with_code},
    global_id::Kind,
    graphql::{
        decode_id, int, list_length, load,
        selection::{Inlined, InlinedList},
        site_rules,
    },
    pagination::DEFAULT_PAGE_SIZE,
    review::store::agreement::{AgreementOf, ComparedCritics, CriticsByDistance, Distance},
    score::{Agreement, MIN_FILMS},
};

/// The minimum number of films if none is given.
const DEFAULT_MINIMUM_FILMS: i32 = 5;

/// The allowed minimums. With fewer than [`MIN_FILMS`] films, there is no agreement.
const MINIMUM_FILMS_RANGE: RangeInclusive<u64> = MIN_FILMS..=1_000;

/// How far two critics agree about the films that both have reviewed. Several reviews of a film by one critic count as one:
/// its score is the mean of their scores, rounded half up, and its sentiment that of this score; without a score, that of
/// the review that was added last. Each number is null if it is of fewer than 3 films.
#[object]
impl Agreement {
    /// The number of films that both have reviewed, with or without a score: at least 3.
    fn films_in_common(&self) -> i32 {
        int(self.films_in_common)
    }

    /// The number of those that both gave a score.
    fn scored_in_common(&self) -> i32 {
        int(self.scored_in_common)
    }

    /// Pearson's correlation of their scores, from -1 to 1; null if fewer than 3 films have a score by both, or if all of
    /// these scores by one of the two are equal.
    fn correlation(&self) -> Option<f64> {
        self.correlation
    }

    /// The mean of the absolute differences of their scores, 0 to 100 points; null if fewer than 3 films have a score by
    /// both.
    fn mean_absolute_difference(&self) -> Option<f64> {
        self.mean_absolute_difference
    }

    /// The share of the films about which both have the same sentiment, 0 to 1, of those about which both have one; null if
    /// these are fewer than 3.
    fn same_sentiment_share(&self) -> Option<f64> {
        self.same_sentiment_share
    }
}

/// A critic, and how far another one agrees.
#[derive(Debug)]
pub struct CriticAgreement {
    critic: Arc<Critic>,
    agreement: Agreement,
}

/// A critic, and how far another one agrees.
#[object]
impl CriticAgreement {
    /// The critic.
    fn critic(&self) -> Inlined<Arc<Critic>> {
        Inlined(Arc::clone(&self.critic))
    }

    /// How far the two agree.
    fn agreement(&self) -> Inlined<Agreement> {
        Inlined(self.agreement)
    }
}

/// Loads how far a critic agrees with another one; `None` if they have too few films in common, or the other one doesn't
/// exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a critic; `AMBIGUOUS` if several have the name; `UNAVAILABLE` or `INTERNAL` if a
/// statement fails.
pub async fn agreement(
    ctx: &Context<'_>,
    critic: CriticId,
    with: CriticBy,
) -> Result<Option<Agreement>> {
    let with = match with {
        // A critic who doesn't exist has no reviews.
        CriticBy::Id(id) => Some(CriticId(decode_id(&id, Kind::Critic)?)),
        by => super::critic(ctx, by).await?.map(|critic| critic.id),
    };
    let Some(with) = with else { return Ok(None) };
    let bands = site_rules(ctx).await?.policy.bands();
    let key = AgreementOf {
        critic,
        with,
        bands,
    };
    let sums = load(ctx, key).await?.unwrap_or_default();
    Ok(sums.agreement())
}

/// Loads the critics who are closest to a critic, or furthest from one.
///
/// # Errors
///
/// `INVALID_PAGE` if the number of critics is out of range; `OUT_OF_RANGE` if that of films is; `UNAVAILABLE` or `INTERNAL`
/// if a statement fails.
pub async fn by_distance(
    ctx: &Context<'_>,
    critic: CriticId,
    distance: Distance,
    (first, minimum_films): (Option<i32>, Option<i32>),
) -> Result<InlinedList<CriticAgreement>> {
    let first = list_length(first, DEFAULT_PAGE_SIZE)?;
    let given = minimum_films.unwrap_or(DEFAULT_MINIMUM_FILMS);
    let minimum_films = u64::try_from(given)
        .ok()
        .filter(|films| MINIMUM_FILMS_RANGE.contains(films));
    let minimum_films = minimum_films.ok_or_else(|| {
        let (from, to) = (MINIMUM_FILMS_RANGE.start(), MINIMUM_FILMS_RANGE.end());
        let message = format!("`minimumFilms` must be {from} to {to}, not {given}");
        error_with_code(code::OUT_OF_RANGE, message)
    })?;
    let compared = ComparedCritics {
        distance,
        minimum_films,
        first,
        bands: site_rules(ctx).await?.policy.bands(),
    };
    let critics = load(ctx, CriticsByDistance { critic, compared }).await?;
    let critics = critics.iter().flat_map(|critics| critics.iter().copied());
    let critics = critics.filter_map(|(critic, sums)| Some((critic, sums.agreement()?)));
    let critics = critics.map(async |(critic, agreement)| {
        let critic = load(ctx, CriticById(critic)).await;
        // A critic may have been deleted since the reviews were read.
        critic.map(|critic| critic.map(|critic| CriticAgreement { critic, agreement }))
    });
    let critics = try_join_all(critics).await?;
    Ok(critics.into_iter().flatten().collect())
}
