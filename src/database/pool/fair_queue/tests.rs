use proptest::prelude::*;

use super::*;

fn caller(number: u32) -> Caller {
    Caller::of(&number)
}

fn cheap(number: u32) -> Request {
    Request {
        caller: caller(number),
        is_expensive: false,
    }
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

fn waiting(answer: Answer) -> oneshot::Receiver<Permit> {
    match answer {
        Answer::Wait(receiver) => receiver,
        other => panic!("{other:?}"),
    }
}

fn received(receiver: &mut oneshot::Receiver<Permit>) -> Option<Permit> {
    receiver.try_recv().unwrap()
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
    assert!(matches!(queue.request(cheap(4), now), Answer::Full));
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
                    Answer::Full => prop_assert_eq!(queue.waiting(), 20),
                },
                1 if !held.is_empty() => drop(held.swap_remove(index % held.len())),
                _ if !waiting.is_empty() => drop(waiting.swap_remove(index % waiting.len())),
                _ => {}
            }
            let mut still = Vec::new();
            for mut receiver in waiting {
                match received(&mut receiver) {
                    Some(permit) => held.push(permit),
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
