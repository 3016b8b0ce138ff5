//! The queue for the connections of a pool.
//!
//! A free connection goes to the waiting caller that holds the fewest connections, and among these to the one that has
//! used them for the least time lately. So a caller that sends much waits for itself: the next connection that becomes
//! free goes to a caller that sends little.
//!
//! Expensive statements leave half of the connections to the others, so that a cheap statement doesn't wait for the end
//! of an expensive one. They leave processors as well, which all running statements share.

mod caller;
mod permit;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use parking_lot::Mutex;

pub use self::caller::Caller;
pub(super) use self::permit::Permit;

/// The time in which the used time of a caller is halved.
const HALF_LIFE: Duration = Duration::from_secs(5);

/// A caller with less used time counts as new.
const NEGLIGIBLE: Duration = Duration::from_millis(1);

/// The number of accounts above which those of callers without requests are removed, at most once per
/// [`CLEANUP_INTERVAL`].
const MAX_IDLE_ACCOUNTS: usize = 1_024;

/// The minimum time between two removals.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(1);

/// The queue for the connections of a pool. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct FairQueue(Arc<Mutex<State>>);

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
}

/// Who asks for a connection, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub caller: Caller,
    pub is_expensive: bool,
}

/// The connections of a caller.
#[derive(Debug)]
struct Account {
    held: usize,
    /// The time for which the caller has held connections, as of `updated_at`. It decays.
    used: Duration,
    updated_at: Instant,
    /// The requests for cheap and for expensive statements.
    waiting: [VecDeque<Waiter>; 2],
}

/// A request that waits for a connection.
#[derive(Debug)]
struct Waiter {
    /// The number of the request in the order of arrival.
    ticket: u64,
    permit: oneshot::Sender<Permit>,
}

/// The answer to a request for a connection.
#[derive(Debug)]
pub(super) enum Answer {
    Granted(Permit),
    /// The receiver gets the permit later. Dropping it gives up the place.
    Wait(oneshot::Receiver<Permit>),
    /// Too many requests wait.
    Full,
}

impl FairQueue {
    /// Creates the queue of a pool with this number of connections.
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
        })))
    }

    /// Asks for a connection.
    pub fn request(&self, request: Request, now: Instant) -> Answer {
        let mut state = self.0.lock();
        if state.waiting == 0 && state.free > 0 && state.may_take(request.is_expensive) {
            state.take(request, now);
            return Answer::Granted(Permit::new(self.clone(), request, now));
        }
        if state.waiting >= state.max_waiting {
            state.remove_cancelled();
            if state.waiting >= state.max_waiting {
                return Answer::Full;
            }
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting += 1;
        let (permit, receiver) = oneshot::channel();
        let account = state.account(request.caller, now);
        account.waiting[usize::from(request.is_expensive)].push_back(Waiter { ticket, permit });
        state.waiting_callers.insert(request.caller);
        self.grant(&mut state, now);
        Answer::Wait(receiver)
    }

    /// Returns the number of requests that wait.
    pub fn waiting(&self) -> usize {
        let mut state = self.0.lock();
        state.remove_cancelled();
        state.waiting
    }

    /// Returns the caller that has used the least time.
    pub fn lightest(&self, callers: impl Iterator<Item = Caller>) -> Option<Caller> {
        let (state, now) = (self.0.lock(), Instant::now());
        callers.min_by_key(|caller| {
            let account = state.accounts.get(caller);
            account.map_or((0, Duration::ZERO), |account| account.priority(now))
        })
    }

    /// Takes a connection back that has been held since `since`.
    fn release(&self, request: Request, since: Instant) {
        let now = Instant::now();
        let mut state = self.0.lock();
        state.free += 1;
        state.expensive -= usize::from(request.is_expensive);
        let account = state.account(request.caller, now);
        account.held = account.held.saturating_sub(1);
        account.used += now.saturating_duration_since(since);
        self.grant(&mut state, now);
        state.remove_idle(request.caller, now);
    }

    /// Gives free connections to waiting requests.
    fn grant(&self, state: &mut State, now: Instant) {
        while state.free > 0 && state.waiting > 0 {
            let Some((request, waiter)) = state.next_waiter(now) else {
                return;
            };
            let permit = Permit::new(self.clone(), request, now);
            match waiter.permit.send(permit) {
                Ok(()) => state.take(request, now),
                // The request was cancelled.
                Err(permit) => permit.forget(),
            }
        }
    }
}

impl State {
    fn account(&mut self, caller: Caller, now: Instant) -> &mut Account {
        let account = self.accounts.entry(caller).or_insert_with(|| Account {
            held: 0,
            used: Duration::ZERO,
            updated_at: now,
            waiting: Default::default(),
        });
        account.used = account.used_at(now);
        account.updated_at = now;
        account
    }

    fn take(&mut self, request: Request, now: Instant) {
        self.free = self.free.saturating_sub(1);
        self.expensive += usize::from(request.is_expensive);
        self.account(request.caller, now).held += 1;
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

    fn remove_cancelled(&mut self) {
        self.waiting = 0;
        let accounts = &mut self.accounts;
        self.waiting_callers.retain(|caller| {
            let Some(account) = accounts.get_mut(caller) else {
                return false;
            };
            for waiting in &mut account.waiting {
                waiting.retain(|waiter| !waiter.permit.is_canceled());
                self.waiting += waiting.len();
            }
            account.is_waiting()
        });
    }

    /// Removes the account of a caller that has nothing left to remember. If there are many accounts, removes those of
    /// all callers without requests.
    fn remove_idle(&mut self, caller: Caller, now: Instant) {
        let is_idle = |account: &Account| account.held == 0 && !account.is_waiting();
        let is_negligible = |account: &Account| account.used_at(now) < NEGLIGIBLE;
        let account = self.accounts.get(&caller);
        if account.is_some_and(|account| is_idle(account) && is_negligible(account)) {
            self.accounts.remove(&caller);
        }
        let is_due = self
            .cleaned_up_at
            .is_none_or(|at| now.saturating_duration_since(at) >= CLEANUP_INTERVAL);
        if self.accounts.len() > MAX_IDLE_ACCOUNTS && is_due {
            self.accounts.retain(|_, account| !is_idle(account));
            self.cleaned_up_at = Some(now);
        }
    }
}

impl Account {
    fn used_at(&self, now: Instant) -> Duration {
        let elapsed = now.saturating_duration_since(self.updated_at);
        let halvings = elapsed.as_secs_f64() / HALF_LIFE.as_secs_f64();
        self.used.mul_f64(0.5_f64.powf(halvings))
    }

    fn is_waiting(&self) -> bool {
        !self.waiting.iter().all(VecDeque::is_empty)
    }

    /// Returns the priority: the lowest is the next.
    fn priority(&self, now: Instant) -> (usize, Duration) {
        (self.held, self.used_at(now))
    }
}

#[cfg(test)]
mod tests;
