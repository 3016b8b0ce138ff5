//! Tallies with their scores under the site's policy.

use std::{borrow::Cow, ops::Deref, sync::OnceLock};

use super::{Basis, Distribution, Policy, Score, Tally};

/// A tally that computes its score under the site's policy on first use, and caches it with the policy. The policy of a
/// site seldom changes. Requests that began under another one compute their scores anew.
#[derive(Debug)]
pub struct ScoredTally {
    tally: Tally,
    basis: Basis,
    score: OnceLock<(Policy, Score)>,
    distribution: OnceLock<(Policy, Distribution)>,
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

    /// Returns the score under the site's policy, from the cache unless that was filled under another one.
    #[must_use]
    pub fn site_score(&self, site: &Policy) -> Cow<'_, Score> {
        let (policy, score) = self.score.get_or_init(|| (*site, self.score(site)));
        if policy == site {
            Cow::Borrowed(score)
        } else {
            Cow::Owned(self.score(site))
        }
    }

    /// Returns the score under any policy.
    #[must_use]
    pub fn score(&self, policy: &Policy) -> Score {
        policy.score(&self.tally, self.basis)
    }

    /// Returns the distribution under the site's policy, from the cache unless that was filled under another one.
    #[must_use]
    pub fn site_distribution(&self, site: &Policy) -> Distribution {
        let compute = || (*site, self.distribution(site));
        let (policy, distribution) = *self.distribution.get_or_init(compute);
        if policy == *site {
            distribution
        } else {
            self.distribution(site)
        }
    }

    /// Returns the distribution under any policy.
    #[must_use]
    pub fn distribution(&self, policy: &Policy) -> Distribution {
        policy.distribution(&self.tally)
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
