//! Drafts of reviews: the values of a review after an input is applied, and their validation.

use chrono::NaiveDate;

use super::{
    Review, ScoreRule,
    original_score::{self, DefaultScales, Reading, UnreadReason},
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

/// An input's values for a review, except its critic and its publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewPatch {
    /// The score, 0 to 100.
    pub score: Patch<i32>,
    /// The score as the critic wrote it.
    pub original_score: Patch<String>,
    /// The declared sentiment.
    pub sentiment: Patch<Sentiment>,
    /// Whether the critic recommends the film.
    pub recommended: Patch<bool>,
    /// Whether the critic is a top critic.
    pub top_critic: Patch<bool>,
    /// The text after "Reviewed by".
    pub byline: Patch<String>,
    /// A passage of the review.
    pub excerpt: Patch<String>,
    /// The address of the whole review.
    pub url: Patch<String>,
    /// The date of publication.
    pub reviewed_on: Patch<NaiveDate>,
}

/// The values of a review that is to be inserted or updated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewDraft {
    /// The critic.
    pub critic: Option<CriticId>,
    /// The publication.
    pub publication: Option<PublicationId>,
    /// The score.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// The rule that the score was read by; `Some` exactly when `score` is.
    pub score_rule: Option<ScoreRule>,
    /// The declared sentiment.
    pub sentiment: Option<Sentiment>,
    /// Whether the critic recommends the film.
    pub recommended: Option<bool>,
    /// Whether the critic is a top critic.
    pub top_critic: bool,
    /// The text after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The address of the whole review.
    pub url: Option<String>,
    /// The date of publication.
    pub reviewed_on: Option<NaiveDate>,
}

impl ReviewDraft {
    /// Returns a draft with the values of a review.
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

    /// Applies the values of an input, and adds the errors in them to `errors`.
    ///
    /// A review needs a score, an original score, a sentiment or a recommendation. An imported review may lack all of
    /// them; an update of such a review needn't add one.
    pub fn apply(&mut self, patch: ReviewPatch, is_new: bool, errors: &mut UserErrors) {
        let had_rating = self.has_rating();
        let changes_rating =
            patch.score.is_given() || patch.original_score.is_given() || patch.sentiment.is_given();
        patch.sentiment.apply(&mut self.sentiment);
        patch.recommended.apply(&mut self.recommended);
        let score = patch::number(patch.score.clone(), "score", 0..=100, errors)
            .and_then(|score: i32| Points::new(score));
        let original = patch::line(
            patch.original_score.clone(),
            "originalScore",
            text::MAX_SHORT_LENGTH,
            errors,
        );
        // An invalid score or original score has its error already. Further checks would only add errors that follow
        // from it.
        let is_valid = score.is_given() == patch.score.is_given()
            && original.is_given() == patch.original_score.is_given();
        if is_valid {
            self.reconcile_scores(score, original, errors);
        }
        if changes_rating {
            self.check_sentiment(errors);
        }
        if is_valid && !self.has_rating() && (is_new || had_rating) {
            let message =
                "a review needs a `score`, an `originalScore`, a `sentiment` or a `recommended`";
            errors.add("", Blank, message);
        }
        patch.top_critic.apply_or_default(&mut self.top_critic);
        patch::line(patch.byline, "byline", text::MAX_NAME_LENGTH, errors).apply(&mut self.byline);
        patch::passage(patch.excerpt, "excerpt", errors).apply(&mut self.excerpt);
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        patch.reviewed_on.apply(&mut self.reviewed_on);
    }

    fn has_rating(&self) -> bool {
        self.score.is_some()
            || self.original_score.is_some()
            || self.sentiment.is_some()
            || self.recommended.is_some()
    }

    /// Sets the score, the original score and the score rule so that they agree, or adds an error.
    fn reconcile_scores(
        &mut self,
        score: Patch<Points>,
        original: Patch<String>,
        errors: &mut UserErrors,
    ) {
        if !score.is_given() && !original.is_given() {
            return;
        }
        let is_rewritten = original.is_given();
        original.apply(&mut self.original_score);
        let reading = self
            .original_score
            .as_deref()
            .map(|text| original_score::read(text, &DefaultScales::default()));
        match (score, reading) {
            (Patch::Keep, Some(Ok(reading))) => self.set_score(Some(reading)),
            (Patch::Set(score), Some(Ok(reading))) if score == reading.score => {
                self.set_score(Some(reading));
            }
            (Patch::Set(_) | Patch::Clear, Some(Ok(reading))) => {
                add_contradiction(reading, is_rewritten, errors);
            }
            (Patch::Set(score), Some(Err(_)) | None) => self.set_score(Some(given_reading(score))),
            (Patch::Clear, Some(Err(_)) | None) => self.set_score(None),
            (Patch::Keep, Some(Err(unread))) => self.apply_unreadable(unread, errors),
            // Without its original score, the score that was read from it becomes a given one.
            (Patch::Keep, None) => self.set_score(self.score.map(given_reading)),
        }
    }

    /// Keeps an original score that fits no rule. It is allowed only with a given score, a sentiment or a
    /// recommendation.
    fn apply_unreadable(&mut self, unread: UnreadReason, errors: &mut UserErrors) {
        let is_given = self.score_rule == Some(ScoreRule::Given);
        if !is_given {
            self.set_score(None);
        }
        if !is_given && self.sentiment.is_none() && self.recommended.is_none() {
            let message = format!(
                "can't be read as a score: it is {unread}; give a `score`, a `sentiment` or a `recommended` as well"
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
        let implied = Policy::default().sentiment(score);
        if implied != declared {
            let (implied, declared) = (sentiment_name(implied), sentiment_name(declared));
            let message =
                format!("is {declared}, but a score of {score} is {implied}; change one of them");
            errors.add("sentiment", Contradiction, message);
        }
    }
}

/// Returns a score that was given as a number from 0 to 100.
fn given_reading(score: Points) -> Reading {
    Reading {
        score,
        rule: ScoreRule::Given,
    }
}

fn add_contradiction(reading: Reading, is_rewritten: bool, errors: &mut UserErrors) {
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

fn sentiment_name(sentiment: Sentiment) -> &'static str {
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

    /// Returns the draft after `patch`, or the fields and codes of the errors.
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
    fn a_score_is_given_or_read_from_the_original_score() {
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
    fn contradictory_and_invalid_values_are_rejected_with_their_field() {
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
    fn an_unreadable_original_score_is_allowed_with_a_recommendation() {
        let patch = ReviewPatch {
            recommended: Patch::Set(true),
            ..add(None, Some("Half Price"))
        };
        let draft = applied(&ReviewDraft::default(), patch).unwrap();
        assert_eq!(rated(&draft), (None, Some("Half Price"), None));
    }

    #[test]
    fn an_update_leaves_score_and_original_score_in_agreement() {
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
        // The review would have no rating left.
        assert_eq!(
            change(Patch::Clear, Patch::Clear),
            Err(vec![(String::new(), Blank)])
        );
    }

    #[test]
    fn an_imported_review_without_a_rating_may_change_in_other_fields() {
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
        (any::<bool>(), option::of(values)).prop_map(|(is_absent, value)| match value {
            _ if is_absent => Patch::Keep,
            None => Patch::Clear,
            Some(value) => Patch::Set(value),
        })
    }

    proptest! {
        /// The database and the importers rely on this for every review.
        #[test]
        fn after_any_changes_score_rule_and_original_agree(history in prop::collection::vec(patches(), 1..6)) {
            let mut draft = ReviewDraft::default();
            for patch in history {
                let Ok(next) = applied(&draft, patch) else { continue };
                prop_assert_eq!(next.score.is_some(), next.score_rule.is_some());
                let reading = next
                    .original_score
                    .as_deref()
                    .map(|text| original_score::read(text, &DefaultScales::default()));
                match reading {
                    Some(Ok(reading)) => prop_assert_eq!(Some(reading.score), next.score),
                    _ => prop_assert!(next.score_rule.is_none_or(|rule| rule == ScoreRule::Given)),
                }
                draft = next;
            }
        }
    }
}
