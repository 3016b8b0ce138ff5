//! Parsed scores before their conversion to the scale from 0 to 100.

use super::quantity::Quantity;
use super::{Reading, ScoreRule, UnreadReason};

/// An amount on a scale, such as 3 out of 4.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScaledAmount {
    amount: Quantity,
    scale: Quantity,
    rule: ScoreRule,
    /// The reason why an amount above the scale isn't a score.
    above: UnreadReason,
}

impl ScaledAmount {
    pub fn new(amount: Quantity, scale: impl Into<Quantity>, rule: ScoreRule) -> Self {
        Self {
            amount,
            scale: scale.into(),
            rule,
            above: UnreadReason::AboveScale,
        }
    }

    /// Sets the reason why an amount above the scale isn't a score, for a scale that the text doesn't state.
    pub fn with_reason_above(self, above: UnreadReason) -> Self {
        Self { above, ..self }
    }

    /// Converts the amount to a score; an error if the amount exceeds the scale, or if the scale is zero.
    pub fn to_reading(self) -> Result<Reading, UnreadReason> {
        let score = self.amount.points_of(self.scale);
        let score = score.map_err(|reason| match reason {
            UnreadReason::AboveScale => self.above,
            reason => reason,
        })?;
        Ok(Reading {
            score,
            rule: self.rule,
        })
    }
}
