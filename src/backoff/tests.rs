use super::*;

#[test]
fn delays_double_up_to_the_maximum_with_jitter_of_at_most_the_delay() {
    let millis = Duration::from_millis;
    let mut backoff = Backoff::new(millis(5), millis(40));
    for expected in [5, 10, 20, 40, 40, 40] {
        let delay = backoff.next_delay();
        assert!(
            (millis(expected)..=millis(2 * expected)).contains(&delay),
            "{delay:?} instead of {expected} ms"
        );
    }
    backoff.reset();
    assert!(backoff.next_delay() <= millis(10));
}
