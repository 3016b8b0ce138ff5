use super::*;

fn sockets(limit: u32) -> Arc<ConnectionLimiter> {
    Arc::new(ConnectionLimiter::new(
        limit,
        watch::Sender::new(false).subscribe(),
    ))
}

#[test]
fn an_address_gets_a_released_permit_again() {
    let sockets = sockets(2);
    let [one, other]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
    let first = sockets.try_acquire(one);
    let second = sockets.try_acquire(one);
    assert!(first.is_some() && second.is_some());
    assert!(sockets.try_acquire(one).is_none());
    assert!(sockets.try_acquire(other).is_some());
    drop(first);
    assert!(sockets.try_acquire(one).is_some());
    drop(second);
    assert!(sockets.lock_counts().is_empty());
}

#[test]
fn the_addresses_of_an_ipv6_network_share_their_permits() {
    let sockets = sockets(1);
    let _permit = sockets.try_acquire("2001:db8::1".parse().unwrap());
    let same = sockets.try_acquire("2001:db8::ffff:0:2".parse().unwrap());
    let other = sockets.try_acquire("2001:db8:0:1::1".parse().unwrap());
    assert!(same.is_none() && other.is_some());
}
