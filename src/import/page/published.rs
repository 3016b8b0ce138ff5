//! The label and the counts of a page.

use crate::score::Sentiment;

/// The label and the counts, as stated on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The label, such as "Mixed or average reviews": never empty, in the case of the page, with
    /// single spaces.
    pub label: String,
    /// The number of reviews.
    pub critics: u32,
    /// The number of positive reviews, at most `critics`; `None` if it isn't stated. The sum of the
    /// three counts is at most `critics`, and exactly `critics` if all are stated.
    pub positive: Option<u32>,
    /// The number of mixed reviews; `None` if it isn't stated.
    pub mixed: Option<u32>,
    /// The number of negative reviews; `None` if it isn't stated.
    pub negative: Option<u32>,
}

impl Published {
    /// Returns the stated number of reviews of a sentiment; `None` if it isn't stated.
    #[must_use]
    pub fn stated_count(&self, sentiment: Sentiment) -> Option<u32> {
        match sentiment {
            Sentiment::Positive => self.positive,
            Sentiment::Mixed => self.mixed,
            Sentiment::Negative => self.negative,
        }
    }

    /// Returns the maximum number of reviews of a sentiment that the stated counts allow.
    pub(super) fn max_count(&self, sentiment: Sentiment) -> u32 {
        self.stated_count(sentiment)
            .unwrap_or_else(|| self.unstated_count())
    }

    /// Returns whether the stated counts determine all counts, so that [`Self::max_count`] is exact.
    pub(super) fn is_determined(&self) -> bool {
        self.unstated_count() == 0
            || self.counts().iter().filter(|count| count.is_none()).count() <= 1
    }

    /// Returns whether the page states no count of any sentiment.
    pub(super) fn has_no_distribution(&self) -> bool {
        self.counts().iter().all(Option::is_none)
    }

    /// Returns whether the counts add up to `critics`, or can with the counts that aren't stated.
    pub(super) fn adds_up(&self) -> bool {
        let is_complete = self.counts().iter().all(Option::is_some);
        let (sum, critics) = (self.sum(), u64::from(self.critics));
        if is_complete {
            sum == critics
        } else {
            sum <= critics
        }
    }

    /// Returns the sum of the stated counts. Three counts of 32 bits can't overflow it.
    pub(super) fn sum(&self) -> u64 {
        self.counts().into_iter().flatten().map(u64::from).sum()
    }

    /// Returns the number of reviews that the stated counts don't include.
    fn unstated_count(&self) -> u32 {
        let stated = u32::try_from(self.sum()).unwrap_or(u32::MAX);
        self.critics.saturating_sub(stated)
    }

    fn counts(&self) -> [Option<u32>; 3] {
        [self.positive, self.mixed, self.negative]
    }
}
