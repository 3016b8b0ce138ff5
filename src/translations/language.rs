//! A language: its messages, plural forms and numbers.

use std::fmt;

use icu_decimal::{
    DecimalFormatter, DecimalFormatterPreferences,
    options::{DecimalFormatterOptions, GroupingStrategy},
};
use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions, PluralRulesPreferences};

use super::{
    message::{MessageId, Variable},
    pattern::{Pattern, Values},
};
use crate::score::{Basis, ScoreLabel, Sentiment, Share, Verdict};

/// A language of labels.
pub struct Language {
    /// The language tag in its canonical case, such as "de" or "zh-Hant".
    pub(super) tag: String,
    /// The messages, by the number of their [`MessageId`].
    pub(super) messages: Vec<Pattern>,
    pub(super) numbers: Numbers,
}

/// The plural forms and the numbers of a language.
#[derive(Debug)]
pub(super) struct Numbers {
    plural_rules: PluralRules,
    pub(super) grouped: DecimalFormatter,
    pub(super) ungrouped: DecimalFormatter,
    /// Whether the language writes numbers with the digits 0 to 9.
    pub(super) has_ascii_digits: bool,
}

impl fmt::Debug for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Language")
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

/// A label of a language. It is formatted each time that it is displayed, without a memory allocation.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    language: &'a Language,
    pattern: &'a Pattern,
    values: Values<'a>,
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pattern
            .render(&self.values, &self.language.numbers, formatter)
    }
}

impl Language {
    /// Returns the language tag (BCP 47) in its canonical case, such as "de" or "zh-Hant".
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns the label of a score.
    #[must_use]
    pub fn score_label(&self, label: ScoreLabel) -> Label<'_> {
        match label {
            ScoreLabel::Scored {
                verdict,
                count,
                basis,
            } => {
                let message = match basis {
                    Basis::Critics => MessageId::FilmScore,
                    Basis::Reviews => MessageId::ReviewerScore,
                };
                let verdict = self.pattern(MessageId::of_verdict(verdict));
                let values = Values::of_verdict(verdict).with(Variable::Count, count);
                self.label(message, values)
            }
            ScoreLabel::Unscored { counted, wanted } => {
                let values = Values::default()
                    .with(Variable::Counted, counted)
                    .with(Variable::Wanted, wanted);
                self.label(MessageId::NoScore, values)
            }
        }
    }

    /// Returns the label of a share.
    #[must_use]
    pub fn share_label(&self, share: Share) -> Label<'_> {
        let values = Values::default()
            .with(Variable::Count, share.count)
            .with(Variable::Total, share.total);
        self.label(MessageId::Share, values)
    }

    /// Returns the name of a verdict.
    #[must_use]
    pub fn verdict_label(&self, verdict: Verdict) -> Label<'_> {
        self.label(MessageId::of_verdict(verdict), Values::default())
    }

    /// Returns the name of the sentiment of one review.
    #[must_use]
    pub fn sentiment_label(&self, sentiment: Sentiment) -> Label<'_> {
        self.label(MessageId::of_sentiment(sentiment), Values::default())
    }

    /// Returns the name of the share of a sentiment, or of the reviews without one.
    #[must_use]
    pub fn share_name(&self, sentiment: Option<Sentiment>) -> Label<'_> {
        self.label(MessageId::of_share(sentiment), Values::default())
    }

    /// Returns the plural category of a number, in the language of CLDR, such as "one" or "other".
    #[must_use]
    pub fn plural_category(&self, number: u32) -> &'static str {
        match self.numbers.category(number) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
    }

    /// Returns a message without its variables.
    pub(super) fn pattern(&self, message: MessageId) -> &Pattern {
        // A language has all messages. If it had not, it would write nothing.
        const NONE: &Pattern = &Pattern(Vec::new());
        self.messages.get(message as usize).unwrap_or(NONE)
    }

    fn label<'a>(&'a self, message: MessageId, values: Values<'a>) -> Label<'a> {
        Label {
            language: self,
            pattern: self.pattern(message),
            values,
        }
    }
}

impl Numbers {
    /// Loads the plural rules and the number formats of a language. A language that CLDR does not know has a single
    /// plural form, and plain numbers.
    ///
    /// # Errors
    ///
    /// When the compiled data is incomplete.
    pub(super) fn new(language: &LanguageIdentifier) -> Result<Self, icu_provider::DataError> {
        let formatter = |strategy| {
            let mut options = DecimalFormatterOptions::default();
            options.grouping_strategy = Some(strategy);
            DecimalFormatter::try_new(DecimalFormatterPreferences::from(language), options)
        };
        let grouped = formatter(GroupingStrategy::Auto)?;
        let ungrouped = formatter(GroupingStrategy::Never)?;
        let digits = ungrouped.format(&1_234_567_890_u32.into()).to_string();
        Ok(Self {
            plural_rules: PluralRules::try_new(
                PluralRulesPreferences::from(language),
                PluralRulesOptions::default(),
            )?,
            has_ascii_digits: digits == "1234567890",
            grouped,
            ungrouped,
        })
    }

    /// Returns the plural category of a number.
    pub(super) fn category(&self, number: u32) -> PluralCategory {
        self.plural_rules.category_for(number)
    }

    /// Returns the plural categories that the language distinguishes.
    pub(super) fn categories(&self) -> Vec<PluralCategory> {
        self.plural_rules.categories().collect()
    }
}
