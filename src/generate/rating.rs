//! What a critic makes of a film: the score, how it is written, and the yes or no.

use super::{random::Random, scales};
use crate::{
    review::ScoreRule,
    score::{Points, Sentiment},
};

/// A score and how it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rating {
    pub(super) score: Option<Points>,
    pub(super) original: Option<String>,
    pub(super) rule: Option<ScoreRule>,
}

/// How a score is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// There is no score.
    Absent,
    /// There is one that no rule reads.
    Unreadable,
    /// Whole points, which nobody had to read.
    Given,
    /// So many out of so many, in steps of so many tenths.
    Fraction { of: u32, step: u32 },
    /// A school grade.
    Letter,
    /// Stars out of four.
    Stars,
    /// Percent.
    Percent,
}

/// How many reviews of a thousand have which form: as in critics' own lists, where a third has no
/// score that anybody could read. Percent and bare scores are rarer there.
const FORMS: &[(u32, Form)] = &[
    (319, Form::Absent),
    (14, Form::Unreadable),
    (15, Form::Given),
    (262, Form::Fraction { of: 5, step: 10 }),
    (80, Form::Fraction { of: 5, step: 5 }),
    (40, Form::Fraction { of: 4, step: 10 }),
    (110, Form::Fraction { of: 4, step: 5 }),
    (52, Form::Fraction { of: 10, step: 10 }),
    (10, Form::Fraction { of: 10, step: 5 }),
    (6, Form::Fraction { of: 100, step: 10 }),
    (84, Form::Letter),
    (5, Form::Stars),
    (3, Form::Percent),
];

/// What no rule reads: words, slips, and a number that doesn't say what it is out of.
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
    /// A critic's rating who thinks so much of the film, of 100.
    pub(super) fn draw(opinion: u32, random: &mut Random) -> Self {
        match random.weighted(FORMS) {
            Form::Absent => Self::unread(None),
            Form::Unreadable => Self::unread(Some(random.pick(UNREADABLE).to_owned())),
            Form::Given => Self::read(opinion, None, ScoreRule::Given),
            Form::Fraction { of, step } => {
                let (points, text) = scales::fraction(opinion, of, step, random);
                Self::read(points, Some(text), ScoreRule::Fraction)
            }
            Form::Letter => {
                let (points, text) = scales::letter(opinion, random);
                Self::read(points, Some(text), ScoreRule::Letter)
            }
            Form::Stars => {
                let (points, text) = scales::stars(opinion, random);
                Self::read(points, Some(text), ScoreRule::Stars)
            }
            Form::Percent => Self::read(opinion, Some(format!("{opinion}%")), ScoreRule::Percent),
        }
    }

    fn unread(original: Option<String>) -> Self {
        Self {
            score: None,
            original,
            rule: None,
        }
    }

    fn read(points: u32, original: Option<String>, rule: ScoreRule) -> Self {
        let score = Points::new(points);
        Self {
            score,
            original,
            rule: score.map(|_| rule),
        }
    }
}

/// The critic's own yes or no, if the source has it. It comes of the opinion rather than of the
/// score: between 48 and 70 it can be either, so that a 2.5 out of 4 is a yes about half of the
/// time, and now and then a critic's mind is their own.
pub(super) fn recommended(opinion: u32, random: &mut Random) -> Option<bool> {
    let likes = opinion > 47 + random.below(24);
    let contrary = random.percent(2);
    random.percent(93).then_some(likes != contrary)
}

/// What a source declares of a review without a score, if it does.
pub(super) fn declared(opinion: u32, random: &mut Random) -> Option<Sentiment> {
    let sentiment = match opinion {
        61.. => Sentiment::Positive,
        40.. => Sentiment::Mixed,
        _ => Sentiment::Negative,
    };
    random.percent(35).then_some(sentiment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::random::Purpose;

    #[test]
    fn the_forms_are_counted_in_thousandths() {
        assert_eq!(FORMS.iter().map(|(share, _)| share).sum::<u32>(), 1_000);
    }

    #[test]
    fn a_critic_of_two_minds_says_yes_about_half_of_the_time() {
        let mut random = Random::new(1, Purpose::Reviews, 0);
        let mut yes_at = |opinion| {
            (0..2_000)
                .filter_map(|_| recommended(opinion, &mut random))
                .filter(|likes| *likes)
                .count()
        };
        assert!((750..1_150).contains(&yes_at(60)));
        assert!(yes_at(30) < 100);
        assert!(yes_at(90) > 1_750);
    }
}
