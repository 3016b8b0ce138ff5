//! Drafts of reviews: the values of a review after an input is applied, and their validation.

use chrono::NaiveDate;

use super::{
    Review, ScoreRule,
    original_score::{self, Reading, UnreadReason},
};
use crate::{
    critic::CriticId,
    patch::{self, Patch},
    publication::PublicationId,
    score::{Points, Sentiment},
    site_rules::SiteRules,
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

    /// Returns the names of the columns that differ in another draft.
    #[must_use]
    pub fn changed_columns(&self, other: &Self) -> Vec<String> {
        patch::changed_columns([
            ("critic_id", self.critic != other.critic),
            ("publication_id", self.publication != other.publication),
            ("score", self.score != other.score),
            (
                "original_score",
                self.original_score != other.original_score,
            ),
            ("score_rule", self.score_rule != other.score_rule),
            ("sentiment", self.sentiment != other.sentiment),
            ("recommended", self.recommended != other.recommended),
            ("top_critic", self.top_critic != other.top_critic),
            ("byline", self.byline != other.byline),
            ("excerpt", self.excerpt != other.excerpt),
            ("url", self.url != other.url),
            ("reviewed_on", self.reviewed_on != other.reviewed_on),
        ])
    }

    /// Applies the values of an input under the rules of the site, and adds the errors in them to `errors`. The score of an
    /// original score that stays unchanged remains as it was read, unless the input clears the score and gives the original
    /// score: then it is read again.
    ///
    /// A review needs a score, an original score, a sentiment or a recommendation. An imported review may lack all of
    /// them; an update of such a review needn't add one.
    pub fn apply(
        &mut self,
        patch: ReviewPatch,
        is_new: bool,
        rules: &SiteRules,
        errors: &mut UserErrors,
    ) {
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
            self.reconcile_scores(score, original, rules, errors);
        }
        if changes_rating {
            self.check_sentiment(rules, errors);
        }
        if is_valid && !self.has_rating() && (is_new || had_rating) {
            let message =
                "a review needs a `score`, an `originalScore`, a `sentiment` or a `recommended`";
            errors.add("", Blank, message);
        }
        patch.top_critic.apply_or_default(&mut self.top_critic);
        patch::optional_name(patch.byline, "byline", errors).apply(&mut self.byline);
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
        rules: &SiteRules,
        errors: &mut UserErrors,
    ) {
        if !score.is_given() && !original.is_given() {
            return;
        }
        let is_original_new = original.is_given();
        // Without a score of its own, an original score that the input names is read again.
        let is_read_again = is_original_new && matches!(score, Patch::Clear);
        let stored = self.original_score.clone();
        original.apply(&mut self.original_score);
        let is_unchanged = stored.is_some() && stored == self.original_score;
        let stored_reading = self
            .stored_reading()
            .filter(|_| is_unchanged && !is_read_again);
        let reading = self.original_score.as_deref().map(|text| {
            stored_reading.map_or_else(|| original_score::read(text, &rules.reading.into()), Ok)
        });
        match (score, reading) {
            (Patch::Keep, Some(Ok(reading))) => self.set_score(Some(reading)),
            (Patch::Clear, Some(Ok(reading))) if is_read_again => self.set_score(Some(reading)),
            (Patch::Set(score), Some(Ok(reading))) if score == reading.score => {
                self.set_score(Some(reading));
            }
            (Patch::Set(_) | Patch::Clear, Some(Ok(reading))) => {
                add_contradiction(reading, is_original_new, errors);
            }
            (Patch::Set(score), Some(Err(_)) | None) => self.set_score(Some(given_reading(score))),
            (Patch::Clear, Some(Err(_)) | None) => self.set_score(None),
            (Patch::Keep, Some(Err(reason))) => self.apply_unreadable(reason, errors),
            // Without its original score, the score that was read from it becomes a given one.
            (Patch::Keep, None) => self.set_score(self.score.map(given_reading)),
        }
    }

    /// Returns the score that was read from the original score, by the rules of that time.
    fn stored_reading(&self) -> Option<Reading> {
        let rule = self.score_rule.filter(|rule| *rule != ScoreRule::Given)?;
        let score = self.score?;
        Some(Reading { score, rule })
    }

    /// Applies an original score that fits no rule. It is allowed only with a given score, a sentiment or a
    /// recommendation.
    fn apply_unreadable(&mut self, reason: UnreadReason, errors: &mut UserErrors) {
        let is_given = self.score_rule == Some(ScoreRule::Given);
        if !is_given {
            self.set_score(None);
        }
        if !is_given && self.sentiment.is_none() && self.recommended.is_none() {
            let rule = reason.site_rule();
            let rule = rule.map_or_else(String::new, |rule| {
                format!("; the site rule `{}` sets the maximum", rule.field)
            });
            let message = format!(
                "can't be read as a score: it is {reason}{rule}; give a `score`, a `sentiment` or a `recommended` as well"
            );
            errors.add("originalScore", Invalid, message);
        }
    }

    fn set_score(&mut self, reading: Option<Reading>) {
        self.score = reading.map(|reading| reading.score);
        self.score_rule = reading.map(|reading| reading.rule);
    }

    fn check_sentiment(&self, rules: &SiteRules, errors: &mut UserErrors) {
        let (Some(score), Some(declared)) = (self.score, self.sentiment) else {
            return;
        };
        let implied = rules.policy.sentiment(score);
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

fn add_contradiction(reading: Reading, is_original_new: bool, errors: &mut UserErrors) {
    let score = reading.score;
    let message = if is_original_new {
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
mod tests;
