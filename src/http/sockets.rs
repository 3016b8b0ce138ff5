//! The limit of open WebSockets, event streams or connections per address, and the shutdown signal.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::client::counted;

/// A limiter of open WebSockets and event streams, or of connections, per client address. All workers share it.
#[derive(Debug)]
pub struct Sockets {
    limit: u32,
    open: Mutex<HashMap<IpAddr, u32>>,
    stopping: watch::Receiver<bool>,
}

/// A permit for one WebSocket, event stream or connection of a client address. Dropping it releases the permit.
#[derive(Debug)]
pub struct Place {
    sockets: Arc<Sockets>,
    address: IpAddr,
}

impl Sockets {
    /// Creates a limiter with `limit` permits per address. `stopping` becomes true when the server stops.
    pub fn new(limit: u32, stopping: watch::Receiver<bool>) -> Self {
        Self {
            limit,
            open: Mutex::default(),
            stopping,
        }
    }

    /// Acquires a permit for a client. Returns `None` if the address has reached its limit.
    pub fn take_place(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = counted(address);
        let mut open = self.open();
        let count = open.entry(address).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Place {
            sockets: Arc::clone(self),
            address,
        })
    }

    /// Returns the shutdown signal.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.open.lock()
    }
}

/// Waits for the shutdown signal.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A dropped sender means that the server has stopped, too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.sockets.open();
        if let Entry::Occupied(mut count) = open.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets(limit: u32) -> Arc<Sockets> {
        Arc::new(Sockets::new(limit, watch::Sender::new(false).subscribe()))
    }

    #[test]
    fn an_address_gets_a_released_permit_again() {
        let sockets = sockets(2);
        let [one, other]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
        let first = sockets.take_place(one);
        let second = sockets.take_place(one);
        assert!(first.is_some() && second.is_some());
        assert!(sockets.take_place(one).is_none());
        assert!(sockets.take_place(other).is_some());
        drop(first);
        assert!(sockets.take_place(one).is_some());
        drop(second);
        assert!(sockets.open().is_empty());
    }

    #[test]
    fn the_addresses_of_an_ipv6_network_share_their_permits() {
        let sockets = sockets(1);
        let _held = sockets.take_place("2001:db8::1".parse().unwrap());
        let same = sockets.take_place("2001:db8::ffff:0:2".parse().unwrap());
        let other = sockets.take_place("2001:db8:0:1::1".parse().unwrap());
        assert!(same.is_none() && other.is_some());
    }
}
