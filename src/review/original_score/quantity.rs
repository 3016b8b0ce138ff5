//! Exact non-negative numbers.

use std::num::NonZeroU16;

use super::UnreadReason;
use crate::score::Points;

/// A non-negative number, as an exact fraction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantity {
    numerator: u128,
    /// Never zero.
    denominator: u128,
}

impl Quantity {
    pub const HALF: Self = Self::part(1, 2);

    /// Creates a whole number.
    pub const fn whole(number: u128) -> Self {
        Self {
            numerator: number,
            denominator: 1,
        }
    }

    /// Creates a fraction. `denominator` must be at least 1.
    pub const fn part(numerator: u128, denominator: u128) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// Creates a number from the digits before and after the decimal mark; `None` if there are too
    /// many.
    pub fn decimal(integer_digits: &str, decimals: &str) -> Option<Self> {
        let places = u32::try_from(decimals.len()).ok()?;
        let mut digits = integer_digits.bytes().chain(decimals.bytes());
        let numerator = digits.try_fold(0_u128, |number, digit| {
            let digit = digit.checked_sub(b'0')?;
            number.checked_mul(10)?.checked_add(digit.into())
        })?;
        Some(Self {
            numerator,
            denominator: 10_u128.checked_pow(places)?,
        })
    }

    /// Returns the sum; `None` if it overflows.
    pub fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Some(Self {
            numerator: left.checked_add(right)?,
            denominator: self.denominator.checked_mul(other.denominator)?,
        })
    }

    /// Returns the numerator, not reduced; for a whole number, the number itself.
    pub const fn numerator(self) -> u128 {
        self.numerator
    }

    /// Returns the whole number that this is, if it fits.
    pub fn to_whole(self) -> Option<u16> {
        let number = self.numerator.checked_div(self.denominator)?;
        u16::try_from(number)
            .ok()
            .filter(|number| self.is(u128::from(*number)))
    }

    /// Returns whether the fraction is one over `denominator`.
    pub const fn is_one_over(self, denominator: u128) -> bool {
        self.numerator == 1 && self.denominator == denominator
    }

    /// Returns whether this is the whole number `number`.
    pub fn is(self, number: u128) -> bool {
        self.denominator.checked_mul(number) == Some(self.numerator)
    }

    /// Converts the number out of `scale` to a score: the exact quotient, rounded half up.
    pub fn points_of(self, scale: Self) -> Result<Points, UnreadReason> {
        let product =
            |left: u128, right: u128| left.checked_mul(right).ok_or(UnreadReason::Malformed);
        let dividend = product(self.numerator, scale.denominator)?;
        let divisor = product(scale.numerator, self.denominator)?;
        if divisor == 0 {
            return Err(UnreadReason::Malformed);
        }
        if dividend > divisor {
            return Err(UnreadReason::AboveScale);
        }
        let hundredths = product(dividend, 100)?;
        let remainder = hundredths % divisor;
        let rounds_up = remainder >= divisor - remainder;
        Points::new(hundredths / divisor + u128::from(rounds_up)).ok_or(UnreadReason::Malformed)
    }
}

impl From<NonZeroU16> for Quantity {
    fn from(number: NonZeroU16) -> Self {
        Self::whole(number.get().into())
    }
}
