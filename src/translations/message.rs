//! The messages of a language, and the variables of each.

use crate::score::{Sentiment, Verdict};

/// A message of a language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MessageId {
    /// [`Verdict::UniversalAcclaim`].
    VerdictUniversalAcclaim,
    /// [`Verdict::GenerallyFavorable`].
    VerdictGenerallyFavorable,
    /// [`Verdict::MixedOrAverage`].
    VerdictMixedOrAverage,
    /// [`Verdict::GenerallyUnfavorable`].
    VerdictGenerallyUnfavorable,
    /// [`Verdict::OverwhelmingDislike`].
    VerdictOverwhelmingDislike,
    /// The label of a film's score.
    FilmScore,
    /// The label of the score of a critic or a publication.
    ReviewerScore,
    /// The label for too few reviews.
    NoScore,
    /// A share of the reviews: how many of how many.
    Share,
    /// The name of the positive share.
    SharePositive,
    /// The name of the mixed share.
    ShareMixed,
    /// The name of the negative share.
    ShareNegative,
    /// The name of the share without a sentiment.
    ShareUnrated,
    /// [`Sentiment::Positive`] of one review.
    SentimentPositive,
    /// [`Sentiment::Mixed`] of one review.
    SentimentMixed,
    /// [`Sentiment::Negative`] of one review.
    SentimentNegative,
}

/// A variable of a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Variable {
    /// The text of the verdict.
    Verdict,
    /// A number of reviews.
    Count,
    /// The number of all reviews.
    Total,
    /// The number of reviews that count towards a score.
    Counted,
    /// The number of reviews that a score needs.
    Wanted,
}

impl MessageId {
    /// All messages, in the order of [`MessageId`].
    pub const ALL: [Self; 16] = [
        Self::VerdictUniversalAcclaim,
        Self::VerdictGenerallyFavorable,
        Self::VerdictMixedOrAverage,
        Self::VerdictGenerallyUnfavorable,
        Self::VerdictOverwhelmingDislike,
        Self::FilmScore,
        Self::ReviewerScore,
        Self::NoScore,
        Self::Share,
        Self::SharePositive,
        Self::ShareMixed,
        Self::ShareNegative,
        Self::ShareUnrated,
        Self::SentimentPositive,
        Self::SentimentMixed,
        Self::SentimentNegative,
    ];

    /// Returns the name of the message in a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerdictUniversalAcclaim => "verdict-universal-acclaim",
            Self::VerdictGenerallyFavorable => "verdict-generally-favorable",
            Self::VerdictMixedOrAverage => "verdict-mixed-or-average",
            Self::VerdictGenerallyUnfavorable => "verdict-generally-unfavorable",
            Self::VerdictOverwhelmingDislike => "verdict-overwhelming-dislike",
            Self::FilmScore => "film-score",
            Self::ReviewerScore => "reviewer-score",
            Self::NoScore => "no-score",
            Self::Share => "share",
            Self::SharePositive => "share-positive",
            Self::ShareMixed => "share-mixed",
            Self::ShareNegative => "share-negative",
            Self::ShareUnrated => "share-unrated",
            Self::SentimentPositive => "sentiment-positive",
            Self::SentimentMixed => "sentiment-mixed",
            Self::SentimentNegative => "sentiment-negative",
        }
    }

    /// Returns the variables of the message, each of which it has to use.
    #[must_use]
    pub const fn variables(self) -> &'static [Variable] {
        match self {
            Self::FilmScore | Self::ReviewerScore => &[Variable::Verdict, Variable::Count],
            Self::NoScore => &[Variable::Counted, Variable::Wanted],
            Self::Share => &[Variable::Count, Variable::Total],
            _ => &[],
        }
    }

    /// Returns the message with a name in a file.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.name() == name)
    }

    /// Returns the message of a verdict.
    pub(super) const fn of_verdict(verdict: Verdict) -> Self {
        match verdict {
            Verdict::UniversalAcclaim => Self::VerdictUniversalAcclaim,
            Verdict::GenerallyFavorable => Self::VerdictGenerallyFavorable,
            Verdict::MixedOrAverage => Self::VerdictMixedOrAverage,
            Verdict::GenerallyUnfavorable => Self::VerdictGenerallyUnfavorable,
            Verdict::OverwhelmingDislike => Self::VerdictOverwhelmingDislike,
        }
    }

    /// Returns the message of the sentiment of one review.
    pub(super) const fn of_sentiment(sentiment: Sentiment) -> Self {
        match sentiment {
            Sentiment::Positive => Self::SentimentPositive,
            Sentiment::Mixed => Self::SentimentMixed,
            Sentiment::Negative => Self::SentimentNegative,
        }
    }

    /// Returns the message of the name of a share; `None` is the share without a sentiment.
    pub(super) const fn of_share(sentiment: Option<Sentiment>) -> Self {
        match sentiment {
            Some(Sentiment::Positive) => Self::SharePositive,
            Some(Sentiment::Mixed) => Self::ShareMixed,
            Some(Sentiment::Negative) => Self::ShareNegative,
            None => Self::ShareUnrated,
        }
    }
}

impl Variable {
    /// The number of variables.
    pub(super) const COUNT: usize = 5;

    const ALL: [Self; Self::COUNT] = [
        Self::Verdict,
        Self::Count,
        Self::Total,
        Self::Counted,
        Self::Wanted,
    ];

    /// Returns the name of the variable, without the `$`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Count => "count",
            Self::Total => "total",
            Self::Counted => "counted",
            Self::Wanted => "wanted",
        }
    }

    /// Returns the variable with a name.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|variable| variable.name() == name)
    }
}
