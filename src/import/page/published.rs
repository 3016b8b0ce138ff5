//! What a page says of its film, beside the reviews.

use crate::score::Sentiment;

/// The label and the counts as a page states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The label, such as "Mixed or average reviews"; never empty, case as on the page, blanks
    /// single.
    pub label: String,
    /// How many reviews the page says that it rests on.
    pub critics: u32,
    /// How many of them it says are positive, at most `critics`; `None` if it does not say. So for
    /// the next two, and the three together are at most `critics`, and exactly that if all are
    /// stated.
    pub positive: Option<u32>,
    /// How many of them it says are mixed.
    pub mixed: Option<u32>,
    /// How many of them it says are negative.
    pub negative: Option<u32>,
}

impl Published {
    /// How many reviews the page says are of a sentiment; `None` if it does not say.
    #[must_use]
    pub fn stated(&self, sentiment: Sentiment) -> Option<u32> {
        match sentiment {
            Sentiment::Positive => self.positive,
            Sentiment::Mixed => self.mixed,
            Sentiment::Negative => self.negative,
        }
    }

    /// How many reviews can be of a sentiment at most, given what is stated.
    pub(super) fn most(&self, sentiment: Sentiment) -> u32 {
        self.stated(sentiment).unwrap_or_else(|| self.unstated())
    }

    /// Whether [`Self::most`] is how many there are, not only a limit: what is stated leaves no
    /// choice.
    pub(super) fn is_settled(&self) -> bool {
        self.unstated() == 0 || self.counts().iter().filter(|count| count.is_none()).count() <= 1
    }

    /// Whether the page states no count of any sentiment.
    pub(super) fn has_no_distribution(&self) -> bool {
        self.counts().iter().all(Option::is_none)
    }

    /// Whether the counts add up to `critics`, or can still do so with those that are not stated.
    pub(super) fn adds_up(&self) -> bool {
        let is_complete = self.counts().iter().all(Option::is_some);
        let (sum, critics) = (self.sum(), u64::from(self.critics));
        if is_complete {
            sum == critics
        } else {
            sum <= critics
        }
    }

    /// The stated counts' sum, which three counts of 32 bits can't overflow.
    pub(super) fn sum(&self) -> u64 {
        self.counts().into_iter().flatten().map(u64::from).sum()
    }

    /// How many reviews the stated counts leave over.
    fn unstated(&self) -> u32 {
        let stated = u32::try_from(self.sum()).unwrap_or(u32::MAX);
        self.critics.saturating_sub(stated)
    }

    fn counts(&self) -> [Option<u32>; 3] {
        [self.positive, self.mixed, self.negative]
    }
}
