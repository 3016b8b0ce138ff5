//! Exact fractions, so that every formula divides only once, at its end.

/// A fraction of two integers with a positive denominator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Creates a fraction; `None` if the denominator is not positive. For a mean that is the case
    /// when there are no values.
    pub(super) fn new(numerator: impl Into<i128>, denominator: impl Into<i128>) -> Option<Self> {
        let (numerator, denominator) = (numerator.into(), denominator.into());
        (denominator > 0).then_some(Self {
            numerator,
            denominator,
        })
    }

    /// Returns the nearest whole number; a half rounds up, as on critics' sites. The remainder is
    /// compared with its distance to the denominator instead of being doubled, which could overflow.
    pub(super) fn round_half_up(self) -> i128 {
        let quotient = self.numerator.div_euclid(self.denominator);
        let remainder = self.numerator.rem_euclid(self.denominator);
        if remainder >= self.denominator - remainder {
            quotient + 1
        } else {
            quotient
        }
    }

    /// Returns the fraction as a floating-point number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "this is the last division, after which precision no longer matters"
    )]
    pub(super) fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

#[cfg(test)]
mod tests;
