//! Classes of reviews: what the filters by sentiment, score and recommendation distinguish.

use super::filter::ReviewFilter;
use crate::score::Sentiment;

/// The class of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Class(u8);

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassSet(u32);

/// The sentiments in the order of their numbers, here and in the index of ratings.
pub(super) const SENTIMENTS: [Option<Sentiment>; 4] = [
    None,
    Some(Sentiment::Negative),
    Some(Sentiment::Mixed),
    Some(Sentiment::Positive),
];

/// The recommendations in the order of their numbers, here and in the index of ratings.
pub(super) const RECOMMENDATIONS: [Option<bool>; 3] = [None, Some(false), Some(true)];

impl Class {
    /// Returns the class of the reviews with these properties. The sentiment of a score depends on the rules of the site.
    /// Where they are not known, a scored review has none.
    #[must_use]
    pub const fn new(
        sentiment: Option<Sentiment>,
        is_scored: bool,
        recommended: Option<bool>,
    ) -> Self {
        let sentiment = match sentiment {
            None => 0,
            Some(Sentiment::Negative) => 1,
            Some(Sentiment::Mixed) => 2,
            Some(Sentiment::Positive) => 3,
        };
        let recommendation = match recommended {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        };
        Self(6 * sentiment + 3 * is_scored as u8 + recommendation)
    }

    /// Returns all classes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..24).map(Self)
    }

    /// Returns the number of the class, 0 to 23.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the sentiment; `None` if unrated.
    #[must_use]
    pub fn sentiment(self) -> Option<Sentiment> {
        SENTIMENTS[usize::from(self.0 / 6) % SENTIMENTS.len()]
    }

    /// Returns whether the reviews have a score.
    #[must_use]
    pub const fn is_scored(self) -> bool {
        self.0 / 3 % 2 == 1
    }

    /// Returns whether the reviews recommend the film; `None` if unknown.
    #[must_use]
    pub fn recommended(self) -> Option<bool> {
        RECOMMENDATIONS[usize::from(self.0 % 3)]
    }
}

impl ClassSet {
    /// Returns whether the set contains a class.
    #[must_use]
    pub const fn contains(self, class: Class) -> bool {
        self.0 >> class.0 & 1 == 1
    }
}

impl FromIterator<Class> for ClassSet {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        let bits = classes.into_iter().map(|class| 1 << class.0);
        Self(bits.fold(0, |set, bit: u32| set | bit))
    }
}

impl ReviewFilter {
    /// Returns the classes of the reviews that match the filter, as far as it depends on them. Scored reviews have the
    /// sentiment of their score.
    pub fn classes(&self) -> impl Iterator<Item = Class> {
        Class::all().filter(|class| {
            self.matches_class(class.sentiment(), class.is_scored(), class.recommended())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        review::filter::SentimentFilter,
        score::{Policy, SentimentSet},
    };

    #[test]
    fn a_class_has_the_properties_that_it_was_created_from() {
        for class in Class::all() {
            let (sentiment, recommended) = (class.sentiment(), class.recommended());
            assert_eq!(Class::new(sentiment, class.is_scored(), recommended), class);
        }
    }

    #[test]
    fn a_filter_has_the_classes_of_all_matching_reviews() {
        let filter = |sentiment: Option<Sentiment>, scored, recommended| ReviewFilter {
            sentiment: sentiment.map(|sentiment| SentimentFilter {
                sentiments: SentimentSet::from_iter([sentiment]),
                bands: Policy::default().bands(),
            }),
            scored,
            recommended,
            ..ReviewFilter::default()
        };
        for (filter, expected) in [
            (
                filter(Some(Sentiment::Negative), Some(false), Some(true)),
                vec![8],
            ),
            (
                filter(Some(Sentiment::Positive), Some(true), None),
                vec![21, 22, 23],
            ),
            (filter(None, Some(false), Some(false)), vec![1, 7, 13, 19]),
            (filter(None, None, None), (0..24).collect()),
        ] {
            let numbers: Vec<u8> = filter.classes().map(Class::number).collect();
            assert_eq!(numbers, expected, "{filter:?}");
            let set: ClassSet = filter.classes().collect();
            let contained: Vec<u8> = Class::all()
                .filter(|class| set.contains(*class))
                .map(Class::number)
                .collect();
            assert_eq!(contained, expected, "{filter:?}");
        }
    }
}
