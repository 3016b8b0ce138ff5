//! The limit of open WebSockets, event streams or connections per address, and the shutdown signal.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::client::client_network;

/// A limiter of open WebSockets and event streams, or of connections, per client address. All workers share it.
#[derive(Debug)]
pub struct ConnectionLimiter {
    max_per_address: u32,
    counts: Mutex<HashMap<IpAddr, u32>>,
    shutdown_signal: watch::Receiver<bool>,
}

/// A permit for one WebSocket, event stream or connection of a client address. Dropping it releases the permit.
#[derive(Debug)]
pub struct ConnectionPermit {
    limiter: Arc<ConnectionLimiter>,
    address: IpAddr,
}

impl ConnectionLimiter {
    /// Creates a limiter with `max_per_address` permits per address. `shutdown_signal` becomes true when the server
    /// stops.
    pub fn new(max_per_address: u32, shutdown_signal: watch::Receiver<bool>) -> Self {
        Self {
            max_per_address,
            counts: Mutex::default(),
            shutdown_signal,
        }
    }

    /// Acquires a permit for a client. Returns `None` if the address has reached its limit.
    pub fn try_acquire(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit> {
        let address = client_network(address);
        let mut counts = self.lock_counts();
        let count = counts.entry(address).or_default();
        if *count >= self.max_per_address {
            return None;
        }
        *count += 1;
        Some(ConnectionPermit {
            limiter: Arc::clone(self),
            address,
        })
    }

    /// Returns the shutdown signal.
    pub fn shutdown_signal(&self) -> watch::Receiver<bool> {
        self.shutdown_signal.clone()
    }

    fn lock_counts(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.counts.lock()
    }
}

/// Waits for the shutdown signal.
pub async fn wait_for_shutdown(shutdown_signal: &mut watch::Receiver<bool>) {
    // A dropped sender means that the server has stopped, too.
    let _ = shutdown_signal.wait_for(|is_stopping| *is_stopping).await;
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.lock_counts();
        if let Entry::Occupied(mut count) = counts.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests;
