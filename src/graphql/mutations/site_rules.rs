//! The mutation `updateSiteRules`.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result};

use crate::{
    access::Role,
    graphql::{
        constraint::{LOCALE, LOCALES, NOT_A_LIST, PASSAGE, constraint},
        mutations::{commit::commit, idempotency::Idempotency},
        selection::Inlined,
        site_rules,
        types::{scoring_policy::Weighting, site_rules::DateOrder, viewer::require_role},
    },
    mutation::site_rules::UpdateSiteRules,
    patch::Patch,
    site_rules::{SiteRules, draft::RulesPatch, store::ChangedRules},
    text, translations,
    user_error::{UserError, UserErrorCode, UserErrors},
};

/// The input of `updateSiteRules`. Omitted fields stay unchanged; null resets a field to the value of a new site.
#[derive(Debug, InputObject)]
pub struct UpdateSiteRulesInput {
    /// The generation of the rules that the caller has read. If the current `generation` differs, nothing is changed, and
    /// the user error is `STALE`. Not checked when null.
    expected_generation: Option<i32>,
    /// The minimum number of reviews for a score: 1 to 1,000,000; null for 4.
    minimum_reviews: MaybeUndefined<i32>,
    /// The lowest score of the verdict `UNIVERSAL_ACCLAIM`; null for 81. The four thresholds must be strictly descending,
    /// at most 100 and at least 1.
    acclaim_from: MaybeUndefined<i32>,
    /// The lowest score of the verdict `GENERALLY_FAVORABLE`, and of positive reviews; null for 61.
    positive_from: MaybeUndefined<i32>,
    /// The lowest score of the verdict `MIXED_OR_AVERAGE`, and of mixed reviews; null for 40.
    mixed_from: MaybeUndefined<i32>,
    /// The lowest score of the verdict `GENERALLY_UNFAVORABLE`; null for 20.
    dislike_below: MaybeUndefined<i32>,
    /// Whether unscored reviews with a sentiment count as the middle of its band if too few reviews have a score; null for
    /// true.
    estimate: MaybeUndefined<bool>,
    /// How the reviews count in a score; null for `BY_PUBLICATION`.
    weighting: MaybeUndefined<Weighting>,
    /// The maximum number of stars of an original score that doesn't state it: 1 to 100; null for 4. Stored reviews keep
    /// the score by which they were read.
    stars_out_of: MaybeUndefined<i32>,
    /// The maximum of an original score that is a bare number: 1 to 1,000; null if such a number is not read as a score.
    bare_scores_out_of: MaybeUndefined<i32>,
    /// The order in dates of digits such as 3/4/2024; null if such dates are rejected.
    date_order: MaybeUndefined<DateOrder>,
    /// Whether a critic may have a review of a film for each publication, not only one; null for false.
    more_reviews_per_critic: MaybeUndefined<bool>,
    /// The texts of labels, which replace those of all locales; null for none.
    #[graphql(directive = constraint::apply(None, LOCALES))]
    messages: MaybeUndefined<Vec<SiteMessagesInput>>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

/// The texts of labels in a language.
#[derive(Clone, Debug, InputObject)]
pub struct SiteMessagesInput {
    /// The locale, such as "de" or "pt-BR".
    #[graphql(directive = constraint::apply(LOCALE, NOT_A_LIST))]
    locale: String,
    /// The texts, at most 10,000 characters.
    #[graphql(directive = constraint::apply(PASSAGE, NOT_A_LIST))]
    text: String,
}

/// The mutation of the rules of the site.
#[derive(Debug, Default)]
pub struct SiteRulesMutation;

/// The mutation of the rules of the site.
#[Object]
impl SiteRulesMutation {
    /// Changes the rules of the site. All scores, orders, filters and distributions follow at once, on all servers of the
    /// database. Writers of reviews wait meanwhile. Requires the role ADMIN. Null on a top-level error.
    async fn update_site_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new values.")] input: UpdateSiteRulesInput,
    ) -> Option<Result<UpdateSiteRulesPayload>> {
        Some(update(ctx, input).await)
    }
}

async fn update(ctx: &Context<'_>, input: UpdateSiteRulesInput) -> Result<UpdateSiteRulesPayload> {
    let principal = require_role(ctx, Role::Admin)?;
    let number = |value: MaybeUndefined<i32>| Patch::from(value).map(i64::from);
    let patch = RulesPatch {
        minimum_reviews: number(input.minimum_reviews),
        acclaim_from: number(input.acclaim_from),
        positive_from: number(input.positive_from),
        mixed_from: number(input.mixed_from),
        dislike_below: number(input.dislike_below),
        estimate: input.estimate.into(),
        weighting: Patch::from(input.weighting).map(Into::into),
        stars_out_of: number(input.stars_out_of),
        bare_scores_out_of: number(input.bare_scores_out_of),
        date_order: Patch::from(input.date_order).map(Into::into),
        more_reviews_per_critic: input.more_reviews_per_critic.into(),
        messages: match messages(input.messages.into()) {
            Ok(messages) => messages,
            Err(errors) => return Ok(UpdateSiteRulesPayload::rejected(errors.into_vec())),
        },
    };
    let command = UpdateSiteRules {
        patch,
        expected_generation: input.expected_generation.map(i64::from),
    };
    let done = match commit(ctx, principal, input.idempotency, &command).await? {
        Ok(done) => done,
        Err(errors) => return Ok(UpdateSiteRulesPayload::rejected(errors)),
    };
    if done.is_changed {
        tracing::info!(
            rules.generation = done.generation,
            actor = principal.actor,
            "changed the rules of the site"
        );
    }
    Ok(UpdateSiteRulesPayload {
        done: Some(done),
        user_errors: Vec::new(),
    })
}

/// Converts the list of texts to a map. Two texts of a locale are an error, and so is one that is too long.
fn messages(
    list: Patch<Vec<SiteMessagesInput>>,
) -> Result<Patch<BTreeMap<String, String>>, UserErrors> {
    let mut errors = UserErrors::default();
    let map = list.map(|list| {
        let mut map = BTreeMap::new();
        for (
            index,
            SiteMessagesInput {
                locale,
                text: texts,
            },
        ) in list.into_iter().enumerate()
        {
            let path = |field: &str| format!("messages.{index}.{field}");
            for (field, value, limit) in [
                ("locale", &locale, translations::MAX_TAG_CHARS),
                ("text", &texts, text::MAX_PASSAGE_LENGTH),
            ] {
                if let Err(error) = text::check_length(value, limit) {
                    errors.add(&path(field), UserErrorCode::TooLong, error.to_string());
                }
            }
            if map.contains_key(&locale) {
                let message = format!("has two texts of the locale {locale}");
                errors.add(&path("locale"), UserErrorCode::Contradiction, message);
            }
            map.insert(locale, texts);
        }
        map
    });
    if errors.is_empty() {
        Ok(map)
    } else {
        Err(errors)
    }
}

/// The result of `updateSiteRules`.
#[derive(Debug)]
pub struct UpdateSiteRulesPayload {
    done: Option<ChangedRules>,
    user_errors: Vec<UserError>,
}

impl UpdateSiteRulesPayload {
    fn rejected(user_errors: Vec<UserError>) -> Self {
        Self {
            done: None,
            user_errors,
        }
    }
}

/// The result of `updateSiteRules`.
#[Object]
impl UpdateSiteRulesPayload {
    /// The current rules, whether or not they were changed.
    async fn site_rules(&self, ctx: &Context<'_>) -> Result<Inlined<Arc<SiteRules>>> {
        site_rules(ctx).await.map(Inlined)
    }

    /// Whether the input differed from the rules, so that they were changed.
    async fn changed(&self) -> bool {
        self.done.is_some_and(|done| done.is_changed)
    }

    /// All errors in the input; empty if the rules were changed, or were so already.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
