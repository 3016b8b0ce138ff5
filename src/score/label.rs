//! Score labels: a verdict with the number of reviews.

use super::Verdict;

/// The noun for the reviews in a label.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Basis {
    /// Used for a film, which has one review per critic: "based on 11 Critics".
    Critics,
    /// Used for a critic or a publication: "based on 11 Reviews".
    Reviews,
}

impl Basis {
    const fn noun(self, count: u32) -> &'static str {
        match (self, count) {
            (Self::Critics, 1) => "Critic",
            (Self::Critics, _) => "Critics",
            (Self::Reviews, 1) => "Review",
            (Self::Reviews, _) => "Reviews",
        }
    }
}

/// Returns the verdict, or "No score yet", with the number of reviews that it is based on.
pub(super) fn label(verdict: Option<Verdict>, count: u32, basis: Basis) -> String {
    let verdict = verdict.map_or("No score yet", Verdict::label);
    format!("{verdict} - based on {count} {}", basis.noun(count))
}

#[cfg(test)]
mod tests;
