//! Rules before validation, and changes to them.

use std::{collections::BTreeMap, num::NonZeroU16, ops::RangeInclusive, sync::Arc};

use super::{DateOrder, ReadingRules, SiteRules};
use crate::{
    patch::Patch,
    score::{Policy, PolicyDraft, Weighting},
    translations::Translations,
    user_error::{
        UserErrorCode::{Invalid, OutOfRange},
        UserErrors,
    },
};

/// The allowed maximum numbers of stars.
pub const STARS: RangeInclusive<i64> = 1..=100;

/// The allowed maximums of bare numbers.
pub const BARE_SCORES: RangeInclusive<i64> = 1..=1_000;

/// Rules before validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesDraft {
    /// The policy of scores.
    pub policy: PolicyDraft,
    /// The maximum number of stars: 1 to 100.
    pub stars_out_of: i64,
    /// The maximum of bare numbers: 1 to 1,000; `None` if they are not read.
    pub bare_scores_out_of: Option<i64>,
    /// The order in dates of digits; `None` if they are not read.
    pub date_order: Option<DateOrder>,
    /// Whether a critic may have a review of a film for each publication, not only one.
    pub more_reviews_per_critic: bool,
    /// The texts of labels, by locale.
    pub messages: BTreeMap<String, String>,
}

/// A change of the rules. [`Patch::Clear`] sets the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesPatch {
    /// See [`PolicyDraft::minimum_reviews`].
    pub minimum_reviews: Patch<i64>,
    /// See [`PolicyDraft::acclaim_from`].
    pub acclaim_from: Patch<i64>,
    /// See [`PolicyDraft::positive_from`].
    pub positive_from: Patch<i64>,
    /// See [`PolicyDraft::mixed_from`].
    pub mixed_from: Patch<i64>,
    /// See [`PolicyDraft::dislike_below`].
    pub dislike_below: Patch<i64>,
    /// See [`PolicyDraft::estimate`].
    pub estimate: Patch<bool>,
    /// See [`PolicyDraft::weighting`].
    pub weighting: Patch<Weighting>,
    /// See [`RulesDraft::stars_out_of`].
    pub stars_out_of: Patch<i64>,
    /// See [`RulesDraft::bare_scores_out_of`].
    pub bare_scores_out_of: Patch<i64>,
    /// See [`RulesDraft::date_order`].
    pub date_order: Patch<DateOrder>,
    /// See [`RulesDraft::more_reviews_per_critic`].
    pub more_reviews_per_critic: Patch<bool>,
    /// See [`RulesDraft::messages`]. It replaces the texts of all locales.
    pub messages: Patch<BTreeMap<String, String>>,
}

impl From<RulesDraft> for RulesPatch {
    /// Returns the change that replaces all rules by those of a draft.
    fn from(draft: RulesDraft) -> Self {
        let policy = draft.policy;
        Self {
            minimum_reviews: Patch::Set(policy.minimum_reviews),
            acclaim_from: Patch::Set(policy.acclaim_from),
            positive_from: Patch::Set(policy.positive_from),
            mixed_from: Patch::Set(policy.mixed_from),
            dislike_below: Patch::Set(policy.dislike_below),
            estimate: Patch::Set(policy.estimate),
            weighting: Patch::Set(policy.weighting),
            stars_out_of: Patch::Set(draft.stars_out_of),
            bare_scores_out_of: draft.bare_scores_out_of.map_or(Patch::Clear, Patch::Set),
            date_order: draft.date_order.map_or(Patch::Clear, Patch::Set),
            more_reviews_per_critic: Patch::Set(draft.more_reviews_per_critic),
            messages: Patch::Set(draft.messages),
        }
    }
}

impl Default for RulesDraft {
    fn default() -> Self {
        Self::of(&SiteRules::default())
    }
}

impl RulesDraft {
    /// Returns the draft that gives these rules.
    #[must_use]
    pub fn of(rules: &SiteRules) -> Self {
        Self {
            policy: rules.policy.draft(),
            stars_out_of: rules.reading.stars_out_of.get().into(),
            bare_scores_out_of: rules
                .reading
                .bare_scores_out_of
                .map(|maximum| maximum.get().into()),
            date_order: rules.reading.date_order,
            more_reviews_per_critic: rules.more_reviews_per_critic,
            messages: rules.messages.clone(),
        }
    }

    /// Applies a change.
    pub fn apply(&mut self, patch: RulesPatch) {
        let default = Self::default();
        let policy = &mut self.policy;
        set(
            &mut policy.minimum_reviews,
            patch.minimum_reviews,
            default.policy.minimum_reviews,
        );
        set(
            &mut policy.acclaim_from,
            patch.acclaim_from,
            default.policy.acclaim_from,
        );
        set(
            &mut policy.positive_from,
            patch.positive_from,
            default.policy.positive_from,
        );
        set(
            &mut policy.mixed_from,
            patch.mixed_from,
            default.policy.mixed_from,
        );
        set(
            &mut policy.dislike_below,
            patch.dislike_below,
            default.policy.dislike_below,
        );
        set(
            &mut policy.estimate,
            patch.estimate,
            default.policy.estimate,
        );
        patch.weighting.apply_or_default(&mut policy.weighting);
        set(
            &mut self.stars_out_of,
            patch.stars_out_of,
            default.stars_out_of,
        );
        patch.bare_scores_out_of.apply(&mut self.bare_scores_out_of);
        patch.date_order.apply(&mut self.date_order);
        patch
            .more_reviews_per_critic
            .apply_or_default(&mut self.more_reviews_per_critic);
        patch.messages.apply_or_default(&mut self.messages);
    }

    /// Validates the draft. The errors name the fields as the API does.
    ///
    /// # Errors
    ///
    /// Returns all errors.
    pub fn validate(self) -> Result<SiteRules, UserErrors> {
        let mut errors = UserErrors::default();
        let policy = Policy::validate(self.policy, |error| {
            let allowed = error.allowed;
            let message = format!(
                "must be from {} to {}, not {}",
                allowed.start(),
                allowed.end(),
                error.value
            );
            errors.add(error.field.name(), OutOfRange, message);
        });
        let default = ReadingRules::default();
        let stars = in_range(self.stars_out_of, "starsOutOf", STARS, &mut errors);
        let bare = self
            .bare_scores_out_of
            .and_then(|value| in_range(value, "bareScoresOutOf", BARE_SCORES, &mut errors));
        let translations = check_messages(&self.messages, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(SiteRules {
            generation: SiteRules::default().generation,
            policy,
            reading: ReadingRules {
                stars_out_of: stars.unwrap_or(default.stars_out_of),
                bare_scores_out_of: bare,
                date_order: self.date_order,
            },
            more_reviews_per_critic: self.more_reviews_per_critic,
            messages: self.messages,
            translations: translations.into(),
        })
    }
}

/// Applies a change to a required value.
fn set<T>(value: &mut T, patch: Patch<T>, default: T) {
    match patch {
        Patch::Keep => {}
        Patch::Clear => *value = default,
        Patch::Set(new) => *value = new,
    }
}

fn in_range(
    value: i64,
    field: &str,
    range: RangeInclusive<i64>,
    errors: &mut UserErrors,
) -> Option<NonZeroU16> {
    let read = u16::try_from(value)
        .ok()
        .and_then(NonZeroU16::new)
        .filter(|_| range.contains(&value));
    if read.is_none() {
        let message = format!(
            "must be from {} to {}, not {value}",
            range.start(),
            range.end()
        );
        errors.add(field, OutOfRange, message);
    }
    read
}

/// Compiles the texts of labels to languages, and adds all that is wrong with them to the errors.
fn check_messages(
    messages: &BTreeMap<String, String>,
    errors: &mut UserErrors,
) -> Arc<Translations> {
    Translations::of_site(messages).unwrap_or_else(|problems| {
        for problem in problems {
            errors.add("messages", Invalid, problem.to_string());
        }
        Translations::builtin()
    })
}

#[cfg(test)]
mod tests;
