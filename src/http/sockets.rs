//! How many sockets and event streams are open, and that they end when the server does.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::client::counted;

/// What all workers know of the open sockets and event streams.
#[derive(Debug)]
pub struct Sockets {
    limit: u32,
    open: Mutex<HashMap<IpAddr, u32>>,
    stopping: watch::Receiver<bool>,
}

/// One socket's or stream's place among those of its client's address.
#[derive(Debug)]
pub struct Place {
    sockets: Arc<Sockets>,
    address: IpAddr,
}

impl Sockets {
    /// Lets each address have `limit` of them, until `stopping` is true.
    pub fn new(limit: u32, stopping: watch::Receiver<bool>) -> Self {
        Self {
            limit,
            open: Mutex::default(),
            stopping,
        }
    }

    /// Takes a place for a client; `None` if its address has as many as it may.
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

    /// Whether the server stops, and when it begins to.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.open.lock()
    }
}

/// Waits until the server stops.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A server that is gone without having said so has stopped as well.
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
    fn an_address_has_so_many_places_and_gets_them_back() {
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
    fn the_addresses_of_a_network_of_ipv6_have_their_places_in_common() {
        let sockets = sockets(1);
        let _held = sockets.take_place("2001:db8::1".parse().unwrap());
        let same = sockets.take_place("2001:db8::ffff:0:2".parse().unwrap());
        let other = sockets.take_place("2001:db8:0:1::1".parse().unwrap());
        assert!(same.is_none() && other.is_some());
    }
}
