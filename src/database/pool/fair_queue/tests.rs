use proptest::prelude::*;

use super::*;

fn caller(number: u32) -> Caller {
    Caller::of(&number)
}

fn cheap(number: u32) -> Request {
    Request::of(caller(number))
}

fn expensive(number: u32) -> Request {
    Request {
        is_expensive: true,
        ..cheap(number)
    }
}

fn granted(answer: Answer) -> Permit {
    match answer {
        Answer::Granted(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn waiting(answer: Answer) -> oneshot::Receiver<Result<Permit, Refusal>> {
    match answer {
        Answer::Wait(receiver) => receiver,
        other => panic!("{other:?}"),
    }
}

fn received(receiver: &mut oneshot::Receiver<Result<Permit, Refusal>>) -> Option<Permit> {
    receiver.try_recv().unwrap().map(Result::unwrap)
}

fn refused(answer: &Answer) -> Option<Refusal> {
    match answer {
        Answer::Refused(refusal) => Some(*refusal),
        Answer::Granted(_) | Answer::Wait(_) => None,
    }
}

/// Returns a permit that a caller got some time ago.
fn held_for(time: Duration, queue: &FairQueue, number: u32, now: Instant) -> Permit {
    granted(queue.request(cheap(number), now.checked_sub(time).unwrap()))
}

#[test]
fn requests_of_one_caller_are_served_in_their_order() {
    let (queue, now) = (FairQueue::new(1, 10), Instant::now());
    let first = granted(queue.request(cheap(1), now));
    let [mut second, mut third] = [(); 2].map(|()| waiting(queue.request(cheap(1), now)));
    assert_eq!(queue.waiting(), 2);
    drop(first);
    let second = received(&mut second).unwrap();
    assert!(received(&mut third).is_none());
    drop(second);
    assert!(received(&mut third).is_some());
}

#[test]
fn a_connection_goes_to_the_caller_that_holds_the_fewest() {
    let (queue, now) = (FairQueue::new(2, 10), Instant::now());
    let [one, _other] = [(); 2].map(|()| granted(queue.request(cheap(1), now)));
    let mut again = waiting(queue.request(cheap(1), now));
    let mut quiet = waiting(queue.request(cheap(2), now));
    drop(one);
    let quiet = received(&mut quiet).unwrap();
    assert!(received(&mut again).is_none());
    drop(quiet);
    assert!(received(&mut again).is_some());
}

#[test]
fn among_callers_that_hold_none_the_one_with_the_least_used_time_is_next() {
    let (queue, now) = (FairQueue::new(1, 10), Instant::now());
    drop(held_for(Duration::from_millis(50), &queue, 1, now));
    drop(held_for(Duration::from_millis(20), &queue, 2, now));
    let last = granted(queue.request(cheap(3), now));
    let mut most = waiting(queue.request(cheap(1), now));
    let mut less = waiting(queue.request(cheap(2), now));
    drop(last);
    assert!(received(&mut less).is_some());
    assert_eq!(
        queue.lightest([1, 2, 4].map(caller).into_iter()),
        Some(caller(4))
    );
    assert!(
        received(&mut most).is_some(),
        "the other permit was dropped"
    );
}

#[test]
fn expensive_statements_leave_connections_to_cheap_ones() {
    let (queue, now) = (FairQueue::new(4, 10), Instant::now());
    let [one, _other] = [1, 2].map(|number| granted(queue.request(expensive(number), now)));
    let mut third = waiting(queue.request(expensive(3), now));
    let mut same_caller = waiting(queue.request(cheap(3), now));
    // The cheap statement doesn't wait, although an expensive one came first.
    assert!(received(&mut same_caller).is_some());
    assert!(received(&mut third).is_none());
    drop(one);
    assert!(received(&mut third).is_some());

    let only = FairQueue::new(1, 10);
    drop(granted(only.request(expensive(1), now)));
}

#[test]
fn a_cancelled_request_neither_gets_nor_loses_a_connection() {
    let (queue, now) = (FairQueue::new(1, 2), Instant::now());
    let first = granted(queue.request(cheap(1), now));
    let cancelled = waiting(queue.request(cheap(2), now));
    let mut next = waiting(queue.request(cheap(3), now));
    let full = queue.request(cheap(4), now);
    assert_eq!(refused(&full), Some(Refusal::Overloaded));
    drop(cancelled);
    assert_eq!(queue.waiting(), 1);
    drop(first);
    let next = received(&mut next).unwrap();
    // A permit that was sent but never received comes back as well.
    let unreceived = waiting(queue.request(cheap(1), now));
    drop(next);
    drop(unreceived);
    drop(granted(queue.request(cheap(5), now)));
}

#[test]
fn the_time_of_a_shared_connection_is_charged_to_those_that_use_it() {
    let (queue, now) = (FairQueue::new(1, 10), Instant::now());
    let shared = Request {
        is_shared: true,
        ..cheap(1)
    };
    let since = now.checked_sub(Duration::from_secs(1)).unwrap();
    drop(granted(queue.request(shared, since)));
    queue.charge(caller(2), Duration::from_millis(900));
    queue.charge(caller(1), Duration::from_millis(100));
    let lightest = |callers: [u32; 2]| queue.lightest(callers.map(caller).into_iter());
    assert_eq!(lightest([1, 2]), Some(caller(1)));
    assert_eq!(lightest([1, 3]), Some(caller(3)));
}

#[test]
fn a_full_queue_refuses_the_caller_with_the_most_waiting_requests() {
    let (queue, now) = (FairQueue::new(1, 3), Instant::now());
    let first = granted(queue.request(cheap(1), now));
    let [mut second, mut third, mut fourth] =
        [(); 3].map(|()| waiting(queue.request(cheap(1), now)));
    let fifth = queue.request(cheap(1), now);
    assert_eq!(refused(&fifth), Some(Refusal::OverShare));
    // Another caller takes the place of the latest request.
    let mut other = waiting(queue.request(cheap(2), now));
    let answer = fourth.try_recv().unwrap().map(Result::unwrap_err);
    assert_eq!(answer, Some(Refusal::OverShare));
    drop(first);
    assert!(received(&mut other).is_some());
    assert!(received(&mut second).is_some() && received(&mut third).is_some());
    assert_eq!(queue.shares().refused_over_share, 2);
}

#[tokio::test]
async fn a_request_that_waits_too_long_is_told_whether_its_caller_is_over_its_share() {
    let queue = FairQueue::new(2, 10);
    let now = Instant::now();
    let acquire = async |number| {
        let refused = queue.acquire(cheap(number), Duration::from_millis(1)).await;
        refused.err()
    };
    let _held = [
        held_for(Duration::ZERO, &queue, 1, now),
        held_for(Duration::ZERO, &queue, 2, now),
    ];
    assert_eq!(acquire(1).await, Some(Refusal::OverShare));
    assert_eq!(acquire(3).await, Some(Refusal::Overloaded));
    let shares = queue.shares();
    assert_eq!((shares.callers, shares.largest), (2, 1));
    assert_eq!(
        (shares.refused_over_share, shares.refused_overloaded),
        (1, 1)
    );

    // A caller that holds nothing, but has used more than the mean.
    let queue = FairQueue::new(1, 10);
    drop(held_for(Duration::from_secs(1), &queue, 4, now));
    let _held = held_for(Duration::from_millis(10), &queue, 5, now);
    let refused = queue.acquire(cheap(4), Duration::from_millis(1)).await;
    assert_eq!(refused.err(), Some(Refusal::OverShare));
}

#[test]
fn the_number_of_accounts_without_requests_is_bounded() {
    let (queue, now) = (FairQueue::new(4, 10), Instant::now());
    for number in 0..3_000 {
        drop(held_for(Duration::from_secs(1), &queue, number, now));
    }
    let accounts = queue.0.lock().accounts.len();
    // The rest were added within an interval after the removal.
    assert!(accounts < 3_000, "{accounts}");
}

proptest! {
    /// All connections are free again at the end, and a request only waits while half of the connections are in use.
    #[test]
    fn no_connection_is_lost(
        connections in 1_usize..5,
        steps in prop::collection::vec((0_u32..4, 0_u32..3, 0_usize..8), 0..200),
    ) {
        let queue = FairQueue::new(connections, 20);
        let mut now = Instant::now();
        let (mut held, mut waiting) = (Vec::new(), Vec::new());
        for (number, action, index) in steps {
            now += Duration::from_millis(30);
            match action {
                0 => match queue.request(Request { is_expensive: index % 2 == 0, ..cheap(number) }, now) {
                    Answer::Granted(permit) => held.push(permit),
                    Answer::Wait(receiver) => waiting.push(receiver),
                    Answer::Refused(_) => prop_assert_eq!(queue.waiting(), 20),
                },
                1 if !held.is_empty() => drop(held.swap_remove(index % held.len())),
                _ if !waiting.is_empty() => drop(waiting.swap_remove(index % waiting.len())),
                _ => {}
            }
            let mut still = Vec::new();
            for mut receiver in waiting {
                match receiver.try_recv().unwrap() {
                    Some(Ok(permit)) => held.push(permit),
                    Some(Err(refusal)) => prop_assert_eq!(refusal, Refusal::OverShare),
                    None => still.push(receiver),
                }
            }
            waiting = still;
            prop_assert!(held.len() <= connections);
            prop_assert!(waiting.is_empty() || held.len() >= (connections / 2).max(1));
            prop_assert_eq!(queue.waiting(), waiting.len());
        }
        drop((held, waiting));
        let state = queue.0.lock();
        prop_assert_eq!((state.free, state.expensive), (connections, 0));
        prop_assert!(state.accounts.values().all(|account| account.held == 0));
    }
}

/// A permit that can't be delivered returns while another thread may be waiting for the lock.
#[test]
fn requests_that_are_cancelled_on_other_threads_neither_block_nor_lose_connections() {
    let queue = FairQueue::new(1, usize::MAX);
    std::thread::scope(|scope| {
        for number in 0..3 {
            let queue = queue.clone();
            scope.spawn(move || {
                for _ in 0..20_000 {
                    match queue.request(cheap(number), Instant::now()) {
                        Answer::Granted(permit) => drop(permit),
                        Answer::Wait(receiver) => drop(receiver),
                        Answer::Refused(refusal) => panic!("{refusal}"),
                    }
                }
            });
        }
    });
    let state = queue.0.lock();
    assert_eq!(state.free, 1);
    assert!(state.accounts.values().all(|account| account.held == 0));
}

#[test]
fn the_server_itself_is_never_over_its_share() {
    let (queue, now) = (FairQueue::new(1, 10), Instant::now());
    let _held = granted(queue.request(Request::of(Caller::default()), now));
    let state = queue.0.lock();
    let reason = state.reason_for_waiting(Caller::default(), now + Duration::from_secs(1));
    assert_eq!(reason, Refusal::Overloaded);
}
