//! What a critic or a publication is to be, put together from what an input says of it.

use crate::{
    patch::{self, Patch},
    score::Weight,
    user_error::{
        UserErrorCode::{Invalid, OutOfRange},
        UserErrors,
    },
};

/// What an input says of a critic or a publication.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedPatch {
    /// Its name in addresses.
    pub slug: Patch<String>,
    /// As shown.
    pub name: Patch<String>,
    /// Its page elsewhere.
    pub url: Patch<String>,
    /// How much a review in a publication counts: 0.01 to 100. Critics have none.
    pub weight: Patch<f64>,
}

/// What a critic or a publication is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedDraft {
    /// Its name in addresses, if it was chosen.
    pub slug: Option<String>,
    /// As shown.
    pub name: String,
    /// Its page elsewhere.
    pub url: Option<String>,
    /// How much a review in a publication counts.
    pub weight: Weight,
}

impl NamedDraft {
    /// Makes it as the input has it, and notes what is wrong with that.
    pub fn apply(&mut self, patch: NamedPatch, errors: &mut UserErrors) {
        patch::slug(patch.slug, "slug", errors).apply(&mut self.slug);
        if let Patch::Set(name) = patch::name(patch.name, "name", errors) {
            self.name = name;
        }
        patch::url(patch.url, "url", errors).apply(&mut self.url);
        let weight = patch.weight.and_then(|weight| read_weight(weight, errors));
        weight.apply_or_default(&mut self.weight);
    }
}

/// Weights are whole hundredths, so that sums are exact. What is finer is refused instead of being rounded to another weight.
fn read_weight(weight: f64, errors: &mut UserErrors) -> Option<Weight> {
    let hundredths = weight * 100.0;
    if !(1.0 - TOLERANCE..=10_000.0 + TOLERANCE).contains(&hundredths) {
        errors.add("weight", OutOfRange, "has to be from 0.01 to 100");
        return None;
    }
    let whole = hundredths.round();
    if (hundredths - whole).abs() > TOLERANCE {
        errors.add("weight", Invalid, "has more than two decimals");
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole, and from 1 to 10,000"
    )]
    Weight::from_hundredths(whole as i32)
}

/// How far a hundredth may be from whole, as it comes in binary.
const TOLERANCE: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(weight: f64) -> Result<u32, Vec<crate::user_error::UserErrorCode>> {
        let mut errors = UserErrors::default();
        match read_weight(weight, &mut errors) {
            Some(weight) => Ok(weight.hundredths()),
            None => Err(errors.into_vec().iter().map(|error| error.code).collect()),
        }
    }

    #[test]
    fn a_weight_is_whole_hundredths_from_one_to_ten_thousand() {
        for hundredths in 1..=10_000_u32 {
            assert_eq!(weight(f64::from(hundredths) / 100.0), Ok(hundredths));
        }
        for finer in [1.005, 0.333, 99.999] {
            assert_eq!(weight(finer), Err(vec![Invalid]), "{finer}");
        }
        for outside in [
            0.0,
            -1.0,
            100.01,
            1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            0.001,
            0.005,
            100.004,
        ] {
            assert_eq!(weight(outside), Err(vec![OutOfRange]), "{outside}");
        }
    }
}
