//! The totals of the heading.

use crate::import::page::errors::ErrorCollector;

/// The totals of the counts: the numbers after "out of".
#[derive(Debug, Default)]
pub struct Totals {
    /// The different totals; only the first two of them.
    values: Vec<u32>,
    /// The errors of the totals that contradict the heading, in the order of the page.
    pub errors: ErrorCollector,
}

impl Totals {
    /// Returns the total that all counts share, if it differs from the number in the heading.
    pub fn contradicting_total(&self, critics: Option<u32>) -> Option<u32> {
        match self.values[..] {
            [total] if Some(total) != critics => Some(total),
            _ => None,
        }
    }

    pub(super) fn add(&mut self, total: u32) {
        if self.values.len() < 2 && !self.values.contains(&total) {
            self.values.push(total);
        }
    }
}
