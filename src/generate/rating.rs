//! Ratings: the score, its notation, the recommendation and the declared sentiment.

use super::{random::Random, scales};
use crate::{
    review::ScoreRule,
    score::{Points, Sentiment},
};

/// A score, the original score and the rule by which it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rating {
    pub(super) score: Option<Points>,
    pub(super) original: Option<String>,
    pub(super) rule: Option<ScoreRule>,
}

/// The notation of a score.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// No score.
    Absent,
    /// An original score that no rule reads.
    Unreadable,
    /// A score from 0 to 100 without an original score.
    Given,
    /// A fraction such as 3.5/5. `step` is in tenths.
    Fraction { scale: u32, step: u32 },
    /// A school grade.
    Letter,
    /// Stars out of four.
    Stars,
    /// A percentage.
    Percent,
}

/// The forms, each with its number of reviews in a thousand. The numbers follow real catalogues, where
/// a third of the reviews has no readable score. Percentages and bare scores are rarer there.
const FORMS: &[(u32, Form)] = &[
    (319, Form::Absent),
    (14, Form::Unreadable),
    (15, Form::Given),
    (262, Form::Fraction { scale: 5, step: 10 }),
    (80, Form::Fraction { scale: 5, step: 5 }),
    (40, Form::Fraction { scale: 4, step: 10 }),
    (110, Form::Fraction { scale: 4, step: 5 }),
    (
        52,
        Form::Fraction {
            scale: 10,
            step: 10,
        },
    ),
    (10, Form::Fraction { scale: 10, step: 5 }),
    (
        6,
        Form::Fraction {
            scale: 100,
            step: 10,
        },
    ),
    (84, Form::Letter),
    (5, Form::Stars),
    (3, Form::Percent),
];

/// Original scores that no rule reads: words, typing errors, and numbers without a scale.
const UNREADABLE: &[&str] = &[
    "Recommended",
    "Worth a look",
    "Wait for it",
    "3.5.5",
    "5/4",
    "C=",
    "1-5",
    "7",
    "3.5",
];

impl Rating {
    /// Draws the rating of a critic with an opinion from 0 to 100.
    pub(super) fn draw(opinion: u32, random: &mut Random) -> Self {
        match random.weighted(FORMS) {
            Form::Absent => Self::without_score(None),
            Form::Unreadable => Self::without_score(Some(random.pick(UNREADABLE).to_owned())),
            Form::Given => Self::with_score(opinion, None, ScoreRule::Given),
            Form::Fraction { scale, step } => {
                let (points, text) = scales::fraction(opinion, scale, step, random);
                Self::with_score(points, Some(text), ScoreRule::Fraction)
            }
            Form::Letter => {
                let (points, text) = scales::letter(opinion, random);
                Self::with_score(points, Some(text), ScoreRule::Letter)
            }
            Form::Stars => {
                let (points, text) = scales::stars(opinion, random);
                Self::with_score(points, Some(text), ScoreRule::Stars)
            }
            Form::Percent => {
                Self::with_score(opinion, Some(format!("{opinion}%")), ScoreRule::Percent)
            }
        }
    }

    fn without_score(original: Option<String>) -> Self {
        Self {
            score: None,
            original,
            rule: None,
        }
    }

    fn with_score(points: u32, original: Option<String>, rule: ScoreRule) -> Self {
        let score = Points::new(points);
        Self {
            score,
            original,
            rule: score.map(|_| rule),
        }
    }
}

/// Draws the critic's recommendation. `None` for some reviews. It depends on the opinion rather than on
/// the score: between 48 and 70 it can be either, so that a 2.5 out of 4 is a recommendation about
/// half of the time. Two percent of the recommendations contradict the opinion.
pub(super) fn draw_recommendation(opinion: u32, random: &mut Random) -> Option<bool> {
    let is_positive = opinion > 47 + random.below(24);
    let is_contradictory = random.percent(2);
    random
        .percent(93)
        .then_some(is_positive != is_contradictory)
}

/// Draws the sentiment that a source declares for a review without a score. `None` for most reviews.
pub(super) fn draw_sentiment(opinion: u32, random: &mut Random) -> Option<Sentiment> {
    let sentiment = match opinion {
        61.. => Sentiment::Positive,
        40.. => Sentiment::Mixed,
        _ => Sentiment::Negative,
    };
    random.percent(35).then_some(sentiment)
}

#[cfg(test)]
mod tests;
