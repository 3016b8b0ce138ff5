//! Tallies with their scores under the default policy.

use std::{borrow::Cow, ops::Deref, sync::OnceLock};

use super::{Basis, Distribution, Policy, Score, Tally};

/// A tally that computes its score under the default policy on first use, and caches it.
#[derive(Debug)]
pub struct ScoredTally {
    tally: Tally,
    basis: Basis,
    score: OnceLock<Score>,
    distribution: OnceLock<Distribution>,
}

impl ScoredTally {
    /// Creates a scored tally. `basis` is the noun for the reviews in the label.
    #[must_use]
    pub fn new(tally: Tally, basis: Basis) -> Self {
        Self {
            tally,
            basis,
            score: OnceLock::new(),
            distribution: OnceLock::new(),
        }
    }

    /// Returns the score under `policy`; under the default policy, from the cache, when `None`.
    #[must_use]
    pub fn score(&self, policy: Option<&Policy>) -> Cow<'_, Score> {
        let compute_score = |policy: &Policy| policy.score(&self.tally, self.basis);
        match policy {
            Some(policy) => Cow::Owned(compute_score(policy)),
            None => Cow::Borrowed(self.score.get_or_init(|| compute_score(&Policy::default()))),
        }
    }

    /// Returns the distribution under `policy`; under the default policy, from the cache, when `None`.
    #[must_use]
    pub fn distribution(&self, policy: Option<&Policy>) -> Distribution {
        let compute_distribution = |policy: &Policy| policy.distribution(&self.tally);
        match policy {
            Some(policy) => compute_distribution(policy),
            None => *self
                .distribution
                .get_or_init(|| compute_distribution(&Policy::default())),
        }
    }
}

impl Deref for ScoredTally {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}

#[cfg(test)]
mod tests;
