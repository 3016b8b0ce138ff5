//! The type `SiteRules`.

use async_graphql::Enum;
use macros::{InlineEnum, object};

use super::scoring_policy::Weighting;
use crate::{
    graphql::{
        int,
        selection::{InlinedList, Text},
    },
    site_rules::SiteRules,
};

/// The rules of the site, by which scores are computed and reviews are read. Admins change them by `updateSiteRules`.
#[object]
impl SiteRules {
    /// The number of the version of the rules. Each change increments it.
    fn generation(&self) -> i32 {
        int(self.generation)
    }

    /// The minimum number of reviews for a score.
    fn minimum_reviews(&self) -> i32 {
        int(self.policy.minimum_reviews())
    }

    /// The lowest score of the verdict `UNIVERSAL_ACCLAIM`.
    fn acclaim_from(&self) -> i32 {
        int(self.policy.draft().acclaim_from)
    }

    /// The lowest score of the verdict `GENERALLY_FAVORABLE`, and of positive reviews.
    fn positive_from(&self) -> i32 {
        int(self.policy.draft().positive_from)
    }

    /// The lowest score of the verdict `MIXED_OR_AVERAGE`, and of mixed reviews.
    fn mixed_from(&self) -> i32 {
        int(self.policy.draft().mixed_from)
    }

    /// The lowest score of the verdict `GENERALLY_UNFAVORABLE`. Scores below it are `OVERWHELMING_DISLIKE`.
    fn dislike_below(&self) -> i32 {
        int(self.policy.draft().dislike_below)
    }

    /// Whether unscored reviews with a sentiment count as the middle of its band if too few reviews have a score.
    fn estimate(&self) -> bool {
        self.policy.estimate()
    }

    /// How the reviews count in a score.
    fn weighting(&self) -> Weighting {
        self.policy.weighting().into()
    }

    /// The maximum number of stars of an original score that doesn't state it, such as "★★★½".
    fn stars_out_of(&self) -> i32 {
        self.reading.stars_out_of.get().into()
    }

    /// The maximum of an original score that is a bare number, such as "7"; null if such a number is not read as a score.
    fn bare_scores_out_of(&self) -> Option<i32> {
        self.reading
            .bare_scores_out_of
            .map(|maximum| maximum.get().into())
    }

    /// The order in dates of digits such as 3/4/2024; null if such dates are rejected.
    fn date_order(&self) -> Option<DateOrder> {
        self.reading.date_order.map(DateOrder::from)
    }

    /// Whether a critic may have a review of a film for each publication, not only one. Imported reviews don't count.
    fn more_reviews_per_critic(&self) -> bool {
        self.more_reviews_per_critic
    }

    /// The texts of labels that the site has set, by locale.
    fn messages(&self) -> InlinedList<SiteMessages> {
        let messages = self.messages.iter().map(|(locale, text)| SiteMessages {
            locale: locale.clone(),
            text: text.clone(),
        });
        messages.collect()
    }
}

/// The texts of labels in a language.
#[derive(Clone, Debug)]
pub struct SiteMessages {
    locale: String,
    text: String,
}

/// The texts of labels in a language.
#[object]
impl SiteMessages {
    /// The locale, such as "de" or "pt-BR".
    fn locale(&self) -> &str {
        &self.locale
    }

    /// The texts; never null.
    fn text(&self) -> Text<'_> {
        Text(Some(&self.text))
    }
}

/// The order of the day and the month in a date of digits that ends with the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::site_rules::DateOrder")]
pub enum DateOrder {
    /// The day, then the month: 3/4/2024 is in April.
    DayMonthYear,
    /// The month, then the day: 3/4/2024 is in March.
    MonthDayYear,
}
