//! What a review is to be, put together from what an input says of it.

use chrono::NaiveDate;

use super::{
    Review, ScoreRule,
    original_score::{self, Reading, Scales, Unread},
};
use crate::{
    critic::CriticId,
    patch::{self, Patch},
    publication::PublicationId,
    score::{Points, Policy, Sentiment},
    text,
    user_error::{
        UserErrorCode::{Blank, Contradiction, Invalid},
        UserErrors,
    },
};

/// What an input says of a review, but for who wrote it and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewPatch {
    /// 0 to 100.
    pub score: Patch<i32>,
    /// The score as the critic wrote it.
    pub original_score: Patch<String>,
    /// What the review says on the whole.
    pub sentiment: Patch<Sentiment>,
    /// The critic's own yes or no.
    pub recommended: Patch<bool>,
    /// Whether the critic counts among the top ones.
    pub top_critic: Patch<bool>,
    /// What stands after "Reviewed by".
    pub byline: Patch<String>,
    /// A passage of the review.
    pub excerpt: Patch<String>,
    /// The whole review.
    pub url: Patch<String>,
    /// When it was published.
    pub reviewed_on: Patch<NaiveDate>,
}

/// What a review is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewDraft {
    /// Who wrote it.
    pub critic: Option<CriticId>,
    /// Where it was published.
    pub publication: Option<PublicationId>,
    /// The score.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// By which rule the score was read; there exactly when a score is.
    pub score_rule: Option<ScoreRule>,
    /// What the review says on the whole, as declared.
    pub sentiment: Option<Sentiment>,
    /// The critic's own yes or no.
    pub recommended: Option<bool>,
    /// Whether the critic counts among the top ones.
    pub top_critic: bool,
    /// What stands after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The whole review.
    pub url: Option<String>,
    /// When it was published.
    pub reviewed_on: Option<NaiveDate>,
}

impl ReviewDraft {
    /// The review as it is.
    #[must_use]
    pub fn of(review: &Review) -> Self {
        Self {
            critic: review.critic,
            publication: review.publication,
            score: review.score,
            original_score: review.original_score.clone(),
            score_rule: review.score_rule,
            sentiment: review.declared_sentiment,
            recommended: review.recommended,
            top_critic: review.top_critic,
            byline: review.byline.clone(),
            excerpt: review.excerpt.clone(),
            url: review.url.clone(),
            reviewed_on: review.reviewed_on,
        }
    }

    /// Makes it as the input has it, and notes what is wrong with that.
    ///
    /// A review says something of its film: a score, a sentiment or a recommendation. Who changes one that says nothing, because
    /// its source didn't, needn't add that.
    pub fn apply(&mut self, patch: ReviewPatch, is_new: bool, errors: &mut UserErrors) {
        let said_something = self.says_something();
        let is_judged =
            patch.score.is_given() || patch.original_score.is_given() || patch.sentiment.is_given();
        patch.sentiment.apply(&mut self.sentiment);
        patch.recommended.apply(&mut self.recommended);
        let score = patch::number(patch.score.clone(), "score", 0..=100, errors)
            .and_then(|score: i32| Points::new(score));
        let original = patch::line(
            patch.original_score.clone(),
            "originalScore",
            text::SHORT,
            errors,
        );
        // What could not be read was told, and is no reason to find more wrong.
        let was_read = score.is_given() == patch.score.is_given()
            && original.is_given() == patch.original_score.is_given();
        if was_read {
            self.rate(score, original, errors);
        }
        if is_judged {
            self.check_sentiment(errors);
        }
        if was_read && !self.says_something() && (is_new || said_something) {
            let message =
                "a review needs a `score`, an `originalScore`, a `sentiment` or a `recommended`";
            errors.add("", Blank, message);
        }
        patch.top_critic.apply_or_default(&mut self.top_critic);
        patch::line(patch.byline, "byline", text::NAME, errors).apply(&mut self.byline);
        patch::passage(patch.excerpt, "excerpt", errors).apply(&mut self.excerpt);
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        patch.reviewed_on.apply(&mut self.reviewed_on);
    }

    fn says_something(&self) -> bool {
        self.score.is_some()
            || self.original_score.is_some()
            || self.sentiment.is_some()
            || self.recommended.is_some()
    }

    /// Settles the score, what the critic wrote, and by which rule the one was read from the other.
    fn rate(&mut self, score: Patch<Points>, original: Patch<String>, errors: &mut UserErrors) {
        if !score.is_given() && !original.is_given() {
            return;
        }
        let is_rewritten = original.is_given();
        original.apply(&mut self.original_score);
        let reading = self
            .original_score
            .as_deref()
            .map(|text| original_score::read(text, &Scales::default()));
        match (score, reading) {
            (Patch::Keep, Some(Ok(reading))) => self.set_score(Some(reading)),
            (Patch::Set(score), Some(Ok(reading))) if score == reading.score => {
                self.set_score(Some(reading));
            }
            (Patch::Set(_) | Patch::Clear, Some(Ok(reading))) => {
                contradicted(reading, is_rewritten, errors);
            }
            (Patch::Set(score), Some(Err(_)) | None) => self.set_score(Some(given(score))),
            (Patch::Clear, Some(Err(_)) | None) => self.set_score(None),
            (Patch::Keep, Some(Err(unread))) => self.keep_unread(unread, errors),
            // What the critic wrote is taken back, and the score that was read of it stands by itself.
            (Patch::Keep, None) => self.set_score(self.score.map(given)),
        }
    }

    /// What the critic wrote fits no rule. It may stand beside what somebody has judged, not instead of that.
    fn keep_unread(&mut self, unread: Unread, errors: &mut UserErrors) {
        let is_given = self.score_rule == Some(ScoreRule::Given);
        if !is_given {
            self.set_score(None);
        }
        if !is_given && self.sentiment.is_none() && self.recommended.is_none() {
            let message = format!(
                "can't be read as a score: it is {unread}; give a `score`, a `sentiment` or a `recommended` beside it"
            );
            errors.add("originalScore", Invalid, message);
        }
    }

    fn set_score(&mut self, reading: Option<Reading>) {
        self.score = reading.map(|reading| reading.score);
        self.score_rule = reading.map(|reading| reading.rule);
    }

    fn check_sentiment(&self, errors: &mut UserErrors) {
        let (Some(score), Some(declared)) = (self.score, self.sentiment) else {
            return;
        };
        let said = Policy::default().sentiment(score);
        if said != declared {
            let (said, declared) = (word(said), word(declared));
            let message = format!("is {declared}, and a score of {score} is {said}");
            errors.add("sentiment", Contradiction, message);
        }
    }
}

/// A score that nobody had to read.
fn given(score: Points) -> Reading {
    Reading {
        score,
        rule: ScoreRule::Given,
    }
}

fn contradicted(reading: Reading, is_rewritten: bool, errors: &mut UserErrors) {
    let score = reading.score;
    let message = if is_rewritten {
        format!("contradicts `originalScore`, which reads as {score}")
    } else {
        format!(
            "contradicts the original score, which reads as {score}; change or clear `originalScore` too"
        )
    };
    errors.add("score", Contradiction, message);
}

fn word(sentiment: Sentiment) -> &'static str {
    match sentiment {
        Sentiment::Positive => "positive",
        Sentiment::Mixed => "mixed",
        Sentiment::Negative => "negative",
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*, sample::select};

    use super::*;
    use crate::user_error::UserErrorCode;

    fn set(text: &str) -> Patch<String> {
        Patch::Set(text.to_owned())
    }

    /// What becomes of a draft, or the fields and codes of what is wrong.
    fn applied(
        draft: &ReviewDraft,
        patch: ReviewPatch,
    ) -> Result<ReviewDraft, Vec<(String, UserErrorCode)>> {
        let mut draft = draft.clone();
        let mut errors = UserErrors::default();
        let is_new = draft == ReviewDraft::default();
        draft.apply(patch, is_new, &mut errors);
        if errors.is_empty() {
            return Ok(draft);
        }
        let errors = errors.into_vec().into_iter();
        Err(errors
            .map(|error| (error.field[1..].join("."), error.code))
            .collect())
    }

    fn rated(draft: &ReviewDraft) -> (Option<u8>, Option<&str>, Option<ScoreRule>) {
        let score = draft.score.map(Points::get);
        (score, draft.original_score.as_deref(), draft.score_rule)
    }

    fn add(score: Option<i32>, original: Option<&str>) -> ReviewPatch {
        ReviewPatch {
            score: score.into(),
            original_score: original.map(str::to_owned).into(),
            ..ReviewPatch::default()
        }
    }

    #[test]
    fn a_score_is_given_or_read() {
        let new = ReviewDraft::default();
        for (score, original, expected) in [
            (Some(70), None, (Some(70), None, Some(ScoreRule::Given))),
            (
                None,
                Some("3.5/5"),
                (Some(70), Some("3.5/5"), Some(ScoreRule::Fraction)),
            ),
            (
                Some(70),
                Some("3.5/5"),
                (Some(70), Some("3.5/5"), Some(ScoreRule::Fraction)),
            ),
            (
                None,
                Some(" B+ "),
                (Some(83), Some("B+"), Some(ScoreRule::Letter)),
            ),
            (
                Some(60),
                Some("worth it"),
                (Some(60), Some("worth it"), Some(ScoreRule::Given)),
            ),
        ] {
            let draft = applied(&new, add(score, original)).unwrap();
            assert_eq!(rated(&draft), expected);
        }
    }

    #[test]
    fn what_can_not_be_is_told() {
        let new = ReviewDraft::default();
        let field = |field: &str, code| vec![(field.to_owned(), code)];
        for (patch, expected) in [
            (add(Some(71), Some("3.5/5")), field("score", Contradiction)),
            (
                add(Some(101), None),
                field("score", UserErrorCode::OutOfRange),
            ),
            (add(None, Some("7")), field("originalScore", Invalid)),
            (add(None, Some("a\0")), field("originalScore", Invalid)),
            (add(None, Some(" ")), field("", Blank)),
            (ReviewPatch::default(), field("", Blank)),
        ] {
            assert_eq!(applied(&new, patch), Err(expected));
        }
        let patch = ReviewPatch {
            sentiment: Patch::Set(Sentiment::Negative),
            ..add(Some(90), None)
        };
        assert_eq!(applied(&new, patch), Err(field("sentiment", Contradiction)));
    }

    #[test]
    fn what_can_not_be_read_may_stand_beside_a_judgement() {
        let patch = ReviewPatch {
            recommended: Patch::Set(true),
            ..add(None, Some("Half Price"))
        };
        let draft = applied(&ReviewDraft::default(), patch).unwrap();
        assert_eq!(rated(&draft), (None, Some("Half Price"), None));
    }

    #[test]
    fn a_change_keeps_score_and_original_together() {
        let read = applied(&ReviewDraft::default(), add(None, Some("3.5/5"))).unwrap();
        let change = |score, original_score| {
            let patch = ReviewPatch {
                score,
                original_score,
                ..ReviewPatch::default()
            };
            applied(&read, patch).map(|draft| {
                let (score, original, rule) = rated(&draft);
                (score, original.map(str::to_owned), rule)
            })
        };
        let given = Some(ScoreRule::Given);
        assert_eq!(
            change(Patch::Keep, Patch::Clear),
            Ok((Some(70), None, given))
        );
        assert_eq!(
            change(Patch::Set(80), Patch::Clear),
            Ok((Some(80), None, given))
        );
        let fraction = Some(ScoreRule::Fraction);
        assert_eq!(
            change(Patch::Keep, set("4/5")),
            Ok((Some(80), Some("4/5".to_owned()), fraction))
        );
        for (score, original) in [(Patch::Set(80), Patch::Keep), (Patch::Clear, Patch::Keep)] {
            assert_eq!(
                change(score, original),
                Err(vec![("score".to_owned(), Contradiction)])
            );
        }
        // Nothing would be left.
        assert_eq!(
            change(Patch::Clear, Patch::Clear),
            Err(vec![(String::new(), Blank)])
        );
    }

    #[test]
    fn a_review_that_says_nothing_may_be_mended_otherwise() {
        let imported = ReviewDraft {
            byline: Some("Staff".to_owned()),
            ..ReviewDraft::default()
        };
        let patch = ReviewPatch {
            excerpt: set("A fine one."),
            ..ReviewPatch::default()
        };
        assert!(applied(&imported, patch).is_ok());
    }

    fn patches() -> impl Strategy<Value = ReviewPatch> {
        let originals = select(&["3.5/5", "B+", "***", "7", "Half Price", "5/4", " ", ""][..]);
        let sentiments = select(&[Sentiment::Positive, Sentiment::Mixed, Sentiment::Negative][..]);
        (
            patch(-1..=101_i32),
            patch(originals.prop_map(str::to_owned)),
            patch(sentiments),
            patch(any::<bool>()),
        )
            .prop_map(
                |(score, original_score, sentiment, recommended)| ReviewPatch {
                    score,
                    original_score,
                    sentiment,
                    recommended,
                    ..ReviewPatch::default()
                },
            )
    }

    fn patch<T: std::fmt::Debug + Clone>(
        values: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Patch<T>> {
        (any::<bool>(), option::of(values)).prop_map(|(kept, value)| match value {
            _ if kept => Patch::Keep,
            None => Patch::Clear,
            Some(value) => Patch::Set(value),
        })
    }

    proptest! {
        /// What the database and the importers hold to be true of every review.
        #[test]
        fn after_any_changes_score_rule_and_original_agree(history in prop::collection::vec(patches(), 1..6)) {
            let mut draft = ReviewDraft::default();
            for patch in history {
                let Ok(next) = applied(&draft, patch) else { continue };
                prop_assert_eq!(next.score.is_some(), next.score_rule.is_some());
                let reading = next
                    .original_score
                    .as_deref()
                    .map(|text| original_score::read(text, &Scales::default()));
                match reading {
                    Some(Ok(reading)) => prop_assert_eq!(Some(reading.score), next.score),
                    _ => prop_assert!(next.score_rule.is_none_or(|rule| rule == ScoreRule::Given)),
                }
                draft = next;
            }
        }
    }
}
