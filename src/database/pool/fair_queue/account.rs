//! The account of a caller in the queue for connections.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use futures_channel::oneshot;

use super::{Permit, Refusal};

/// The time in which the used time of a caller is halved.
const HALF_LIFE: Duration = Duration::from_secs(5);

/// A caller with less used time counts as new.
const NEGLIGIBLE: Duration = Duration::from_millis(1);

/// The connections of a caller.
#[derive(Debug)]
pub struct Account {
    pub held: usize,
    /// The times since which the caller has held connections that it does not share.
    running: Vec<Instant>,
    /// The time for which the caller has held connections, as of `updated_at`. It decays.
    pub used: Duration,
    pub updated_at: Instant,
    /// The requests for cheap and for expensive statements.
    pub waiting: [VecDeque<Waiter>; 2],
}

/// A request that waits for a connection.
#[derive(Debug)]
pub struct Waiter {
    /// The number of the request in the order of arrival.
    pub ticket: u64,
    /// Whether others use the connection as well.
    pub is_shared: bool,
    pub answer: oneshot::Sender<Result<Permit, Refusal>>,
}

impl Account {
    pub fn new(now: Instant) -> Self {
        Self {
            held: 0,
            running: Vec::new(),
            used: Duration::ZERO,
            updated_at: now,
            waiting: Default::default(),
        }
    }

    pub fn take(&mut self, is_shared: bool, now: Instant) {
        self.held += 1;
        if !is_shared {
            self.running.push(now);
        }
    }

    /// Returns a connection that the caller has held since `since`.
    pub fn release(&mut self, since: Instant, is_shared: bool, now: Instant) {
        self.held = self.held.saturating_sub(1);
        if is_shared {
            return;
        }
        if let Some(index) = self.running.iter().position(|running| *running == since) {
            self.running.swap_remove(index);
        }
        self.used += now.saturating_duration_since(since);
    }

    /// Returns whether the caller has no requests.
    pub fn is_idle(&self) -> bool {
        self.held == 0 && !self.is_waiting()
    }

    /// Returns whether the caller has requests, or has had some lately.
    pub fn is_active(&self, now: Instant) -> bool {
        !self.is_idle() || self.used_at(now) >= NEGLIGIBLE
    }

    /// Returns the used time, with that of the connections that are held.
    pub fn used_at(&self, now: Instant) -> Duration {
        let running = self.running.iter();
        let running = running.map(|since| now.saturating_duration_since(*since));
        self.ended_at(now) + running.sum::<Duration>()
    }

    /// Returns the used time of connections that were returned.
    pub fn ended_at(&self, now: Instant) -> Duration {
        let elapsed = now.saturating_duration_since(self.updated_at);
        let halvings = elapsed.as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.used.mul_f64(0.5_f64.powf(halvings))
    }

    pub fn is_waiting(&self) -> bool {
        !self.waiting.iter().all(VecDeque::is_empty)
    }

    pub fn waiting_count(&self) -> usize {
        self.waiting.iter().map(VecDeque::len).sum()
    }

    /// Removes the request that came last.
    pub fn pop_latest(&mut self) -> Option<Waiter> {
        let ticket = |waiting: &VecDeque<Waiter>| waiting.back().map(|waiter| waiter.ticket);
        self.waiting
            .iter_mut()
            .max_by_key(|waiting| ticket(waiting))?
            .pop_back()
    }

    /// Returns the priority: the lowest is the next.
    pub fn priority(&self, now: Instant) -> (usize, Duration) {
        (self.held, self.used_at(now))
    }
}
