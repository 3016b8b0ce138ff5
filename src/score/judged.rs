//! A tally with what it comes to under the house's rules.

use std::{borrow::Cow, ops::Deref, sync::OnceLock};

use super::{Basis, Distribution, Policy, Summary, Tally};

/// A tally that is judged once by the house's rules, by whoever asks first, however often it is shown.
#[derive(Debug)]
pub struct Judged {
    tally: Tally,
    basis: Basis,
    summary: OnceLock<Summary>,
    distribution: OnceLock<Distribution>,
}

impl Judged {
    /// A tally, and what its number of reviews is a number of.
    #[must_use]
    pub fn new(tally: Tally, basis: Basis) -> Self {
        Self {
            tally,
            basis,
            summary: OnceLock::new(),
            distribution: OnceLock::new(),
        }
    }

    /// What it comes to; under other rules than the house's, if there are some.
    #[must_use]
    pub fn summary(&self, policy: Option<&Policy>) -> Cow<'_, Summary> {
        let judge = |policy: &Policy| policy.judge(&self.tally, self.basis);
        match policy {
            Some(policy) => Cow::Owned(judge(policy)),
            None => Cow::Borrowed(self.summary.get_or_init(|| judge(&Policy::default()))),
        }
    }

    /// How it spreads; under other rules than the house's, if there are some.
    #[must_use]
    pub fn distribution(&self, policy: Option<&Policy>) -> Distribution {
        let spread = |policy: &Policy| policy.distribution(&self.tally);
        match policy {
            Some(policy) => spread(policy),
            None => *self.distribution.get_or_init(|| spread(&Policy::default())),
        }
    }
}

impl Deref for Judged {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Points, PolicyDraft, Rated, Weight};

    #[test]
    fn each_policy_gets_its_own_judgement_and_the_house_the_same_one() {
        let review = Rated {
            points: Points::new(50),
            declared: None,
            recommended: None,
            weight: Weight::default(),
        };
        let judged = Judged::new(Tally::of([review; 5]), Basis::Critics);
        let kind = Policy::new(PolicyDraft {
            positive_from: 45,
            ..PolicyDraft::default()
        });
        let kind = kind.unwrap();
        for _ in 0..2 {
            assert_eq!(judged.distribution(None).mixed.count, 5);
            assert_eq!(judged.distribution(Some(&kind)).positive.count, 5);
            let house = Policy::default().judge(&judged, Basis::Critics);
            assert_eq!(*judged.summary(None), house);
            assert_ne!(*judged.summary(Some(&kind)), house);
        }
    }
}
