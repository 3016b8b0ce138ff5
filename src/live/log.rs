//! The events that somebody has still to take, once for all who wait for them.
//!
//! Each subscriber remembers only how far it has come. So one that is behind costs no more than the others, and what everybody has
//! passed is forgotten.

use std::{collections::VecDeque, mem::size_of};

use super::{Heard, ReviewEvent};
use crate::review::Review;

/// How many events are kept at most.
pub const MOST: usize = 50_000;

/// How many are kept however large they are.
pub const ALWAYS: usize = 1_000;

/// How much memory more than [`ALWAYS`] of them may take, in bytes.
const LARGEST: usize = 64 << 20;

/// Events in the order in which they came, each with a place that is never another's.
#[derive(Debug, Default)]
pub struct Log {
    /// The place of the first event that is kept.
    first: u64,
    events: VecDeque<Heard>,
    bytes: usize,
}

impl Log {
    /// The place of the first event that is kept; of the next one if none is.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The place that the next event will have.
    pub fn end(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// Adds an event. The oldest are forgotten for it if there are too many.
    pub fn push(&mut self, heard: Heard) {
        self.bytes += weight(&heard);
        self.events.push_back(heard);
        while self.events.len() > MOST || (self.bytes > LARGEST && self.events.len() > ALWAYS) {
            self.pop();
        }
    }

    /// The events from a place on, with their places; nothing if the one at that place is forgotten.
    pub fn since(&self, place: u64) -> impl Iterator<Item = (u64, &Heard)> {
        let passed = place.checked_sub(self.first);
        let passed = passed.and_then(|passed| usize::try_from(passed).ok());
        let passed = passed.unwrap_or(usize::MAX).min(self.events.len());
        (place..).zip(self.events.range(passed..))
    }

    /// Forgets what comes before a place.
    pub fn forget_before(&mut self, place: u64) {
        while self.first < place && self.pop() {}
        if self.events.is_empty() {
            self.events.shrink_to(ALWAYS);
        }
    }

    fn pop(&mut self) -> bool {
        let Some(heard) = self.events.pop_front() else {
            return false;
        };
        self.bytes -= weight(&heard);
        self.first += 1;
        true
    }
}

/// About how many bytes an event takes.
fn weight(heard: &Heard) -> usize {
    let review = match heard {
        Heard::Review(event) => event.review.as_deref(),
        Heard::Resync | Heard::Reset => None,
    };
    let texts = review.map_or(0, |review| {
        [
            &review.original_score,
            &review.byline,
            &review.excerpt,
            &review.url,
        ]
        .into_iter()
        .flatten()
        .map(String::len)
        .sum()
    });
    size_of::<ReviewEvent>() + size_of::<Review>() + texts
}
