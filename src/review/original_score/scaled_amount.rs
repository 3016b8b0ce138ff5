//! Parsed scores before their conversion to the scale from 0 to 100.

use super::quantity::Quantity;
use super::{Reading, ScoreRule, UnreadReason};

/// An amount on a scale, such as 3 out of 4.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScaledAmount {
    amount: Quantity,
    scale: Quantity,
    rule: ScoreRule,
}

impl ScaledAmount {
    pub fn new(amount: Quantity, scale: impl Into<Quantity>, rule: ScoreRule) -> Self {
        Self {
            amount,
            scale: scale.into(),
            rule,
        }
    }

    /// Converts the amount to a score; an error if the amount exceeds the scale, or if the scale is zero.
    pub fn to_reading(self) -> Result<Reading, UnreadReason> {
        Ok(Reading {
            score: self.amount.points_of(self.scale)?,
            rule: self.rule,
        })
    }
}
