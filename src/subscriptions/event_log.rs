//! The log of events that some subscriber has yet to receive. All subscribers share it.
//!
//! Each subscriber stores only its position in the log. So a slow subscriber takes no more memory than a fast one, and
//! events that all subscribers have received are removed.

use std::{collections::VecDeque, mem::size_of};

use super::{FeedEvent, ReviewEvent};
use crate::review::Review;

/// The maximum number of events.
pub const MAX_EVENTS: usize = 50_000;

/// The number of events that the log retains whatever their size.
pub const MIN_RETAINED_EVENTS: usize = 1_000;

/// The maximum memory of more than [`MIN_RETAINED_EVENTS`] events, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// Events in the order of their arrival, each at a unique position.
#[derive(Debug, Default)]
pub struct EventLog {
    /// The position of the first event in the log.
    first: u64,
    events: VecDeque<FeedEvent>,
    bytes: usize,
}

impl EventLog {
    /// Returns the position of the first event in the log; that of the next event if the log is empty.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Returns the position that the next event will have.
    pub fn end(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// Adds an event. Evicts the oldest events if the log is too large.
    pub fn push(&mut self, event: FeedEvent) {
        self.bytes += event_size(&event);
        self.events.push_back(event);
        while self.events.len() > MAX_EVENTS
            || (self.bytes > MAX_BYTES && self.events.len() > MIN_RETAINED_EVENTS)
        {
            self.pop();
        }
    }

    /// Returns the events from a position on, with their positions; none if the event at that position was evicted.
    pub fn events_from(&self, position: u64) -> impl Iterator<Item = (u64, &FeedEvent)> {
        let index = position.checked_sub(self.first);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let index = index.unwrap_or(usize::MAX).min(self.events.len());
        (position..).zip(self.events.range(index..))
    }

    /// Removes the events before a position.
    pub fn trim_before(&mut self, position: u64) {
        while self.first < position && self.pop() {}
        if self.events.is_empty() {
            self.events.shrink_to(MIN_RETAINED_EVENTS);
        }
    }

    fn pop(&mut self) -> bool {
        let Some(event) = self.events.pop_front() else {
            return false;
        };
        self.bytes -= event_size(&event);
        self.first += 1;
        true
    }
}

/// Returns the approximate memory of an event, in bytes.
fn event_size(event: &FeedEvent) -> usize {
    let review = match event {
        FeedEvent::Review(event) => event.review.as_deref(),
        FeedEvent::Resync | FeedEvent::Reset => None,
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
