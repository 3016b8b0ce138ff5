//! Reads the score of a review: the given score, the original score, or both.

use crate::{
    review::{ScoreRule, original_score},
    score::Points,
};

use super::{
    Column, Defaults,
    cell::{VariantNames, number},
    row::Row,
};

/// The names of the rules in files.
pub(super) const RULE_NAMES: VariantNames<ScoreRule> = VariantNames {
    all: &[
        ScoreRule::Given,
        ScoreRule::Fraction,
        ScoreRule::Stars,
        ScoreRule::Letter,
        ScoreRule::Percent,
    ],
    name: |rule| match rule {
        ScoreRule::Given => "given",
        ScoreRule::Fraction => "fraction",
        ScoreRule::Stars => "stars",
        ScoreRule::Letter => "letter",
        ScoreRule::Percent => "percent",
    },
};

/// The score columns of a review. The rule is set exactly when the score is.
#[derive(Default)]
pub(super) struct ReviewScore {
    pub score: Option<Points>,
    pub original: Option<String>,
    pub rule: Option<ScoreRule>,
}

/// Reads the three columns of the score.
pub(super) fn read(row: &mut Row<'_, '_>, defaults: &Defaults) -> ReviewScore {
    let score = row.read(Column::Score, number::points);
    let mut original = row.short(Column::OriginalScore);
    let rule = row.read(Column::ScoreRule, |cell| RULE_NAMES.read(cell));
    if row.has_value(Column::ScoreRule) && !row.has_value(Column::Score) {
        row.add_error(Column::ScoreRule, "is allowed only together with score");
    }
    let (score, rule) = match score {
        Some(score) => (
            Some(score),
            rule.or_else(|| Some(rule_of(row, score, original.as_deref(), defaults))),
        ),
        None if row.has_value(Column::Score) => (None, None),
        None => {
            let read = original
                .as_deref()
                .map(|text| read_original(row, text, defaults));
            original = original.map(|text| with_scale(text, defaults));
            read.unwrap_or_default()
        }
    };
    ReviewScore {
        score,
        original,
        rule,
    }
}

/// Returns a bare number with the scale that the import says, so that it reads the same without the import: "4/5".
fn with_scale(text: String, defaults: &Defaults) -> String {
    let scale = defaults.options.bare_scores_out_of;
    scale
        .and_then(|scale| original_score::with_scale(&text, scale))
        .unwrap_or(text)
}

/// Returns the rule of a given score: that of the original score if both agree, else `Given`.
fn rule_of(
    row: &mut Row<'_, '_>,
    score: Points,
    original: Option<&str>,
    defaults: &Defaults,
) -> ScoreRule {
    match original.map(|text| original_score::read(text, &defaults.scales())) {
        Some(Ok(reading)) if reading.score == score => reading.rule,
        Some(Ok(_)) => {
            row.warnings.has_contradiction = true;
            ScoreRule::Given
        }
        Some(Err(_)) | None => ScoreRule::Given,
    }
}

/// Reads the original score, if it matches a rule.
fn read_original(
    row: &mut Row<'_, '_>,
    text: &str,
    defaults: &Defaults,
) -> (Option<Points>, Option<ScoreRule>) {
    match original_score::read(text, &defaults.scales()) {
        Ok(reading) => (Some(reading.score), Some(reading.rule)),
        Err(reason) => {
            row.warnings.unreadable_score = Some(reason);
            (None, None)
        }
    }
}
