//! The filter of a list of reviews.

use chrono::NaiveDate;

use super::owner::Owner;
use crate::{
    critic::CriticId,
    publication::PublicationId,
    score::{Points, Sentiment, SentimentBands, SentimentSet, Tally},
};

/// Sentiments, with the bands of scores that have them. So a filter by sentiment is complete: it gives the same reviews
/// whatever the rules of the site become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SentimentFilter {
    /// The sentiments.
    pub sentiments: SentimentSet,
    /// The bands of scores.
    pub bands: SentimentBands,
}

impl SentimentFilter {
    /// Returns whether the filter matches reviews with this score.
    #[must_use]
    pub fn contains_score(&self, points: Points) -> bool {
        self.sentiments.contains(self.bands.sentiment(points))
    }
}

/// A filter of a list of reviews. A review must match all fields that are `Some`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReviewFilter {
    /// The reviews with one of these sentiments.
    pub sentiment: Option<SentimentFilter>,
    /// The reviews by this critic.
    pub critic: Option<CriticId>,
    /// The reviews in this publication.
    pub publication: Option<PublicationId>,
    /// The reviews with a score if true, without one if false.
    pub scored: Option<bool>,
    /// The reviews that recommend the film if true, that advise against it if false.
    pub recommended: Option<bool>,
    /// The reviews published on this day or later.
    pub since: Option<NaiveDate>,
    /// The reviews published on this day or earlier.
    pub until: Option<NaiveDate>,
    /// What neither the index in memory nor the statistics know of reviews.
    pub rest: UnindexedFilter,
}

/// The part of a filter of reviews that only the database can compare.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UnindexedFilter {
    /// The reviews by top critics if true, by others if false.
    pub top_critic: Option<bool>,
    /// The reviews with an excerpt if true, without one if false.
    pub has_excerpt: Option<bool>,
    /// The reviews of films of this genre, in the same spelling and case.
    pub film_genre: Option<String>,
}

impl UnindexedFilter {
    /// Returns whether this part of the filter has a field.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

impl ReviewFilter {
    /// Returns whether the filter matches every review.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the critic or the publication that the filter requires, and the filter without it. If it requires both, the
    /// critic, who has fewer reviews than a publication.
    #[must_use]
    pub fn author(&self) -> Option<(Owner, Self)> {
        let mut rest = self.clone();
        let critic = rest.critic.take().map(Owner::Critic);
        let author = critic.or_else(|| rest.publication.take().map(Owner::Publication));
        Some((author?, rest))
    }

    /// Returns whether reviews with these properties match the filter, as far as it depends on them.
    #[must_use]
    pub fn matches_class(
        &self,
        sentiment: Option<Sentiment>,
        is_scored: bool,
        recommended: Option<bool>,
    ) -> bool {
        let has_sentiment = self.sentiment.is_none_or(|filter| {
            sentiment.is_some_and(|sentiment| filter.sentiments.contains(sentiment))
        });
        has_sentiment
            && self.scored.is_none_or(|scored| scored == is_scored)
            && (self.recommended.is_none() || self.recommended == recommended)
    }

    /// Returns whether reviews with this score match the filter, as far as it depends on that.
    #[must_use]
    pub fn matches_score(&self, points: Points) -> bool {
        self.scored != Some(false)
            && self
                .sentiment
                .is_none_or(|filter| filter.contains_score(points))
    }

    /// Returns whether the filter can't match any review, so that no statement is needed.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        let no_sentiment = self
            .sentiment
            .is_some_and(|filter| filter.sentiments.is_empty());
        let no_day =
            matches!((self.since, self.until), (Some(since), Some(until)) if since > until);
        // The keys of rows are positive.
        let no_critic = self.critic.is_some_and(|critic| critic.0 < 1);
        let no_publication = self
            .publication
            .is_some_and(|publication| publication.0 < 1);
        // No stored genre has a control character.
        let genre = self.rest.film_genre.as_ref();
        let no_genre = genre.is_some_and(|genre| genre.contains(char::is_control));
        no_sentiment || no_day || no_critic || no_publication || no_genre
    }

    /// Returns the number of the matching reviews among those of a tally. `None` if the tally doesn't have that number:
    /// it knows neither dates nor authors nor texts, and no recommendations by sentiment.
    #[must_use]
    pub fn count_in(&self, tally: &Tally) -> Option<u64> {
        let Self {
            sentiment,
            critic,
            publication,
            scored,
            recommended,
            since,
            until,
            ref rest,
        } = *self;
        let has_author = critic.is_some() || publication.is_some();
        if has_author || since.is_some() || until.is_some() || rest.is_given() {
            return None;
        }
        if let Some(recommended) = recommended {
            let is_alone = sentiment.is_none() && scored.is_none();
            let count = if recommended {
                tally.recommended()
            } else {
                tally.not_recommended()
            };
            return is_alone.then_some(count.into());
        }
        let has_sentiment =
            |of: Sentiment| sentiment.is_none_or(|filter| filter.sentiments.contains(of));
        let counts = tally.counts();
        let matching = counts.filter(|(points, _)| self.matches_score(*points));
        let mut count: u64 = matching.map(|(_, reviews)| u64::from(reviews)).sum();
        if scored != Some(true) {
            let matching = Sentiment::ALL.into_iter().filter(|of| has_sentiment(*of));
            let unscored = matching.map(|of| u64::from(tally.unscored().of(of).count));
            count += unscored.sum::<u64>();
            if sentiment.is_none() {
                count += u64::from(tally.unrated());
            }
        }
        Some(count)
    }
}
