//! Published scores: what a source itself says of a film, beside what Marquee computes.

pub mod store;

use crate::score::{Basis, Policy, Tally};

/// What a source says of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedScore {
    /// Where it was read.
    pub source: String,
    /// What the figure measures.
    pub kind: Kind,
    /// 0 to 100.
    pub value: Option<u8>,
    /// As the source words it.
    pub label: Option<String>,
    /// How many reviews the source counts.
    pub review_count: Option<u32>,
    /// How many of them it calls positive.
    pub positive_count: Option<u32>,
    /// How many of them it calls mixed.
    pub mixed_count: Option<u32>,
    /// How many of them it calls negative.
    pub negative_count: Option<u32>,
}

/// What a published figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A mean of scores, or the label of its band.
    Score,
    /// The share of critics who say yes, in percent.
    PercentRecommended,
}

impl PublishedScore {
    /// Whether everything that the source says is what Marquee computes from the film's reviews under the default policy.
    #[must_use]
    pub fn agrees(&self, tally: &Tally) -> bool {
        let policy = Policy::default();
        let ours = policy.distribution(tally);
        let value = match self.kind {
            Kind::Score => policy.value(tally).map(u8::from),
            Kind::PercentRecommended => tally.percent_recommended(),
        };
        let summary = policy.judge(tally, Basis::Critics);
        let label = summary.label.split(" - ").next();
        same(self.value, value)
            && same(self.label.as_deref(), label)
            && same(self.review_count, Some(ours.total))
            && same(self.positive_count, Some(ours.positive.count))
            && same(self.mixed_count, Some(ours.mixed.count))
            && same(self.negative_count, Some(ours.negative.count))
    }
}

/// What isn't said can't disagree.
fn same<T: PartialEq + Copy>(theirs: Option<T>, ours: Option<T>) -> bool {
    theirs.is_none() || theirs == ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Points, Rated};

    fn published(label: &str, positive: u32) -> PublishedScore {
        PublishedScore {
            source: "page".to_owned(),
            kind: Kind::Score,
            value: None,
            label: Some(label.to_owned()),
            review_count: Some(4),
            positive_count: Some(positive),
            mixed_count: None,
            negative_count: Some(0),
        }
    }

    #[test]
    fn no_score_yet_agrees_with_no_score_yet() {
        let published = PublishedScore {
            review_count: Some(1),
            ..published("No score yet", 0)
        };
        let tally = Tally::of([Rated::default()]);
        assert!(published.agrees(&tally));
    }

    #[test]
    fn it_agrees_when_all_that_it_says_is_what_we_compute() {
        let seventy = Rated {
            points: Points::new(70),
            ..Rated::default()
        };
        let tally = Tally::of([seventy; 4]);
        assert!(published("Generally favorable reviews", 4).agrees(&tally));
        assert!(!published("Universal acclaim", 4).agrees(&tally));
        assert!(!published("Generally favorable reviews", 3).agrees(&tally));
        assert!(!published("Generally favorable reviews", 4).agrees(&Tally::of([seventy; 5])));
    }
}
