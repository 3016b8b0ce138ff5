//! The queue for the connections of a pool.
//!
//! A free connection goes to the waiting caller that holds the fewest connections, and among these to the one that has
//! used them for the least time lately. So a caller that sends much waits for itself: the next connection that becomes
//! free goes to a caller that sends little.
//!
//! Expensive statements leave half of the connections to the others, so that a cheap statement doesn't wait for the end
//! of an expensive one. They leave processors as well, which all running statements share.
//!
//! A request that waits for too long is refused, and so is one that finds the queue full. The reason says whether the
//! caller itself asks for more than its share.

mod account;
mod caller;
mod permit;
mod refusal;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use parking_lot::Mutex;
use tokio::time::timeout;

use self::account::{Account, Waiter};
pub use self::{caller::Caller, permit::Permit, refusal::Refusal};
use super::counts::Shares;

/// The number of accounts above which those of callers without requests are removed, at most once per
/// [`CLEANUP_INTERVAL`].
const MAX_IDLE_ACCOUNTS: usize = 1_024;

/// The minimum time between two removals.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(1);

/// The queue for the connections of a pool. Clones share it.
#[derive(Clone, Debug)]
pub struct FairQueue(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    connections: usize,
    free: usize,
    waiting: usize,
    max_waiting: usize,
    accounts: HashMap<Caller, Account>,
    /// The callers with requests that wait.
    waiting_callers: HashSet<Caller>,
    cleaned_up_at: Option<Instant>,
    /// The number of connections that run expensive statements.
    expensive: usize,
    next_ticket: u64,
    /// The number of requests that were refused, by [`Refusal`].
    refused: [u64; 2],
}

/// Who asks for a connection, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The caller.
    pub caller: Caller,
    /// Whether the connection is for an expensive statement.
    pub is_expensive: bool,
    /// Whether others use the connection as well. Then the caller does not pay for its time:
    /// [`charge`](FairQueue::charge).
    pub is_shared: bool,
}

impl Request {
    /// Creates the request of a caller for itself.
    #[must_use]
    pub fn of(caller: Caller) -> Self {
        Self {
            caller,
            is_expensive: false,
            is_shared: false,
        }
    }
}

/// The answer to a request for a connection.
#[derive(Debug)]
enum Answer {
    Granted(Permit),
    /// The receiver gets the answer later. Dropping it gives up the place.
    Wait(oneshot::Receiver<Result<Permit, Refusal>>),
    Refused(Refusal),
}

impl FairQueue {
    /// Creates the queue of a pool with this number of connections, and the maximum number of requests that wait.
    #[must_use]
    pub fn new(connections: usize, max_waiting: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            connections,
            free: connections,
            waiting: 0,
            max_waiting,
            accounts: HashMap::new(),
            waiting_callers: HashSet::new(),
            cleaned_up_at: None,
            expensive: 0,
            next_ticket: 0,
            refused: [0; 2],
        })))
    }

    /// Asks for a connection, and waits for it at most for this time.
    ///
    /// # Errors
    ///
    /// When none is free in time, or too many requests wait.
    pub async fn acquire(&self, request: Request, max_wait: Duration) -> Result<Permit, Refusal> {
        let receiver = match self.request(request, Instant::now()) {
            Answer::Granted(permit) => return Ok(permit),
            Answer::Refused(refusal) => return Err(refusal),
            Answer::Wait(receiver) => receiver,
        };
        if let Ok(Ok(answer)) = timeout(max_wait, receiver).await {
            return answer;
        }
        let mut state = self.0.lock();
        let refusal = state.reason_for_waiting(request.caller, Instant::now());
        Err(state.refuse(refusal))
    }

    /// Asks for a connection.
    fn request(&self, request: Request, now: Instant) -> Answer {
        let mut state = self.0.lock();
        if state.waiting == 0 && state.free > 0 && state.may_take(request.is_expensive) {
            state.take(request, now);
            return Answer::Granted(Permit::new(self.clone(), request, now));
        }
        if let Err(refusal) = state.make_room(request.caller) {
            return Answer::Refused(state.refuse(refusal));
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting += 1;
        let (answer, receiver) = oneshot::channel();
        let account = state.account(request.caller, now);
        account.waiting[usize::from(request.is_expensive)].push_back(Waiter {
            ticket,
            is_shared: request.is_shared,
            answer,
        });
        state.waiting_callers.insert(request.caller);
        let granted = self.grant(&mut state, now);
        drop(state);
        Self::send(granted);
        Answer::Wait(receiver)
    }

    /// Returns whether a connection is free.
    #[must_use]
    pub fn has_free(&self) -> bool {
        self.0.lock().free > 0
    }

    /// Returns how the connections are shared.
    #[must_use]
    pub fn shares(&self) -> Shares {
        let state = self.0.lock();
        let held = || state.accounts.values().map(|account| account.held);
        Shares {
            callers: held().filter(|held| *held > 0).count() as u64,
            waiting_callers: state.waiting_callers.len() as u64,
            largest: held().max().unwrap_or_default() as u64,
            expensive: state.expensive as u64,
            refused_over_share: state.refused[Refusal::OverShare as usize],
            refused_overloaded: state.refused[Refusal::Overloaded as usize],
        }
    }

    /// Returns the number of requests that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let mut state = self.0.lock();
        state.remove_cancelled();
        state.waiting
    }

    /// Returns the caller that has used the least time.
    #[must_use]
    pub fn lightest(&self, callers: impl Iterator<Item = Caller>) -> Option<Caller> {
        let (state, now) = (self.0.lock(), Instant::now());
        callers.min_by_key(|caller| {
            let account = state.accounts.get(caller);
            account.map_or((0, Duration::ZERO), |account| account.priority(now))
        })
    }

    /// Adds the time of a shared connection to one of the callers that have used it.
    pub fn charge(&self, caller: Caller, time: Duration) {
        let now = Instant::now();
        let mut state = self.0.lock();
        state.account(caller, now).used += time;
        state.remove_idle(caller, now);
    }

    /// Takes a connection back that has been held since `since`.
    fn release(&self, request: Request, since: Instant) {
        let now = Instant::now();
        let mut state = self.0.lock();
        state.free += 1;
        state.expensive -= usize::from(request.is_expensive);
        let account = state.account(request.caller, now);
        account.release(since, request.is_shared, now);
        let granted = self.grant(&mut state, now);
        state.remove_idle(request.caller, now);
        drop(state);
        Self::send(granted);
    }

    /// Returns permits for free connections with the requests that get them. They are sent after the lock is released: a
    /// permit that can't be delivered returns itself, which takes the lock.
    fn grant(&self, state: &mut State, now: Instant) -> Vec<(Waiter, Permit)> {
        let mut granted = Vec::new();
        while state.free > 0 && state.waiting > 0 {
            let Some((request, waiter)) = state.next_waiter(now) else {
                break;
            };
            if !waiter.answer.is_canceled() {
                state.take(request, now);
                granted.push((waiter, Permit::new(self.clone(), request, now)));
            }
        }
        granted
    }

    fn send(granted: Vec<(Waiter, Permit)>) {
        for (waiter, permit) in granted {
            // If the request was cancelled meanwhile, the permit is dropped here.
            let _ = waiter.answer.send(Ok(permit));
        }
    }
}

impl State {
    fn account(&mut self, caller: Caller, now: Instant) -> &mut Account {
        let account = self
            .accounts
            .entry(caller)
            .or_insert_with(|| Account::new(now));
        account.used = account.ended_at(now);
        account.updated_at = now;
        account
    }

    fn take(&mut self, request: Request, now: Instant) {
        self.free = self.free.saturating_sub(1);
        self.expensive += usize::from(request.is_expensive);
        self.account(request.caller, now)
            .take(request.is_shared, now);
    }

    /// Returns whether a statement may take a free connection.
    fn may_take(&self, is_expensive: bool) -> bool {
        !is_expensive || self.expensive < (self.connections / 2).max(1)
    }

    /// Removes the next request from the queue.
    fn next_waiter(&mut self, now: Instant) -> Option<(Request, Waiter)> {
        let callers = self.waiting_callers.iter();
        let accounts = callers.filter_map(|caller| self.accounts.get_key_value(caller));
        let waiting = accounts.flat_map(|(caller, account)| {
            [false, true].into_iter().filter_map(|is_expensive| {
                let first = account.waiting[usize::from(is_expensive)].front()?;
                let request = Request {
                    caller: *caller,
                    is_expensive,
                    is_shared: first.is_shared,
                };
                let priority = (account.priority(now), first.ticket);
                self.may_take(is_expensive).then_some((priority, request))
            })
        });
        let (_, request) = waiting.min_by_key(|(priority, _)| *priority)?;
        let account = self.accounts.get_mut(&request.caller)?;
        let waiter = account.waiting[usize::from(request.is_expensive)].pop_front()?;
        if !account.is_waiting() {
            self.waiting_callers.remove(&request.caller);
        }
        self.waiting -= 1;
        Some((request, waiter))
    }

    /// Makes room for one more request. If the queue is full, the latest request of the caller with the most waiting
    /// requests is refused, so that a caller can't fill the queue for others.
    fn make_room(&mut self, caller: Caller) -> Result<(), Refusal> {
        if self.waiting < self.max_waiting {
            return Ok(());
        }
        self.remove_cancelled();
        if self.waiting < self.max_waiting {
            return Ok(());
        }
        let count = |caller: &Caller| self.accounts.get(caller).map_or(0, Account::waiting_count);
        let own = count(&caller);
        let most = self
            .waiting_callers
            .iter()
            .max_by_key(|caller| count(caller));
        let Some(most) = most.copied().filter(|most| count(most) > own.max(1)) else {
            return Err(if own > 0 {
                Refusal::OverShare
            } else {
                Refusal::Overloaded
            });
        };
        let latest = self.accounts.get_mut(&most).and_then(Account::pop_latest);
        if let Some(waiter) = latest {
            self.waiting -= 1;
            let refusal = self.refuse(Refusal::OverShare);
            // The request may have been cancelled.
            let _ = waiter.answer.send(Err(refusal));
        }
        Ok(())
    }

    /// Returns why a caller has waited for too long.
    fn reason_for_waiting(&self, caller: Caller, now: Instant) -> Refusal {
        let account = self.accounts.get(&caller);
        // The server itself has no share.
        let Some(account) = account.filter(|_| caller != Caller::default()) else {
            return Refusal::Overloaded;
        };
        let active = self
            .accounts
            .values()
            .filter(|account| account.is_active(now));
        let used: Vec<Duration> = active.map(|account| account.used_at(now)).collect();
        let has_its_share = account.held > 0 && account.held * used.len() >= self.connections;
        let count = u32::try_from(used.len()).unwrap_or(u32::MAX);
        let is_above_mean =
            account.used_at(now).saturating_mul(count) > used.iter().sum::<Duration>();
        if has_its_share || is_above_mean {
            Refusal::OverShare
        } else {
            Refusal::Overloaded
        }
    }

    /// Counts a refusal.
    fn refuse(&mut self, refusal: Refusal) -> Refusal {
        self.refused[refusal as usize] += 1;
        refusal
    }

    fn remove_cancelled(&mut self) {
        self.waiting = 0;
        let accounts = &mut self.accounts;
        self.waiting_callers.retain(|caller| {
            let Some(account) = accounts.get_mut(caller) else {
                return false;
            };
            for waiting in &mut account.waiting {
                waiting.retain(|waiter| !waiter.answer.is_canceled());
                self.waiting += waiting.len();
            }
            account.is_waiting()
        });
    }

    /// Removes the account of a caller that has nothing left to remember. If there are many accounts, removes those of
    /// all callers without requests.
    fn remove_idle(&mut self, caller: Caller, now: Instant) {
        let account = self.accounts.get(&caller);
        if account.is_some_and(|account| !account.is_active(now)) {
            self.accounts.remove(&caller);
        }
        let is_due = self
            .cleaned_up_at
            .is_none_or(|at| now.saturating_duration_since(at) >= CLEANUP_INTERVAL);
        if self.accounts.len() > MAX_IDLE_ACCOUNTS && is_due {
            self.accounts.retain(|_, account| !account.is_idle());
            self.cleaned_up_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests;
