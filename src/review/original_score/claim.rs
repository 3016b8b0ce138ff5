//! What a text claims, before it is held against its scale.

use super::quantity::Quantity;
use super::{Reading, ScoreRule, Unread};

/// So much out of so much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    amount: Quantity,
    scale: Quantity,
    rule: ScoreRule,
}

impl Claim {
    pub fn new(amount: Quantity, scale: impl Into<Quantity>, rule: ScoreRule) -> Self {
        Self {
            amount,
            scale: scale.into(),
            rule,
        }
    }

    /// The score, unless the amount is more than its scale, or the scale is nothing.
    pub fn settle(self) -> Result<Reading, Unread> {
        Ok(Reading {
            score: self.amount.points_of(self.scale)?,
            rule: self.rule,
        })
    }
}
