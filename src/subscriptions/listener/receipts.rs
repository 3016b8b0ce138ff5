//! Receipts, by which another process waits until the servers have received its notifications.
//!
//! Each server holds a shared advisory lock over the connection that LISTENs, so that other processes find the process
//! ID of its backend. A process that has committed reads these IDs and sends a request on the invalidation channel. A
//! server that receives the request has received the notifications of all earlier commits. It sends a receipt with its
//! process ID, and the other process waits for the receipts of the IDs that it has read.
//!
//! A server acquires the lock just before LISTEN, and uses no cached entry until it has received a probe that it sends
//! later. A process that finds the lock in between waits until its timeout.
//!
//! Requests and receipts begin as fences and end as probes do, so other programs ignore them.

use std::{collections::HashSet, time::Duration};

use sea_orm::{
    FromQueryResult,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgListener},
    },
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    CONNECTION_TIMEOUT, connect, connection_lost,
    prober::{NotificationsError, Prober},
};
use crate::database::{channels::Channels, error_message::describe};

/// The time after which the process that waits for receipts checks which servers still run. A server usually sends a
/// receipt within milliseconds.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);

/// The number of these intervals until the process stops waiting, after two seconds.
const MAX_CHECKS: u32 = 4;

/// The maximum number of receipts that a server has yet to send. Further requests get none.
const MAX_PENDING_RECEIPTS: usize = 100;

/// The first characters of a request. The ID of the request follows, and a question mark.
const REQUEST_PREFIX: &str = "!receipt-request-";
/// The first characters of a receipt. The ID of the request follows, a hyphen, the process ID, and a question mark.
const RECEIPT_PREFIX: &str = "!receipt-";

/// Acquires the lock of a server, and returns the process ID of the backend. `$1` is the invalidation channel.
const HOLD_LOCK: &str = "
SELECT pg_backend_pid() FROM pg_advisory_lock_shared(hashtextextended('marquee server ' || $1, 0))";

/// Returns the process IDs of the backends that hold this lock in the database. A lock of a 64-bit key has its halves
/// in two columns.
const LIST_SERVERS: &str = "
SELECT pid FROM pg_locks, hashtextextended('marquee server ' || $1, 0) AS key
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = (key >> 32 & 4294967295)::oid AND objid = (key & 4294967295)::oid";

#[derive(FromQueryResult)]
struct Server {
    pid: i32,
}

/// Acquires the lock by which a server is found, until the connection is closed. Returns the process ID of its backend.
pub(super) async fn hold_lock(
    connection: &mut PgListener,
    channels: &Channels,
) -> Result<i32, sqlx::Error> {
    let query = sqlx::query_scalar::<sqlx::Postgres, i32>(HOLD_LOCK).bind(&channels.invalidation);
    let pid = timeout(CONNECTION_TIMEOUT, query.fetch_one(connection)).await;
    pid.unwrap_or_else(|_| Err(connection_lost("PostgreSQL does not respond")))
}

/// Returns the receipt of the server with this process ID, if a payload is a request.
fn receipt_for(payload: &str, pid: i32) -> Option<String> {
    let id = payload.strip_prefix(REQUEST_PREFIX)?.strip_suffix('?')?;
    Some(format!("{RECEIPT_PREFIX}{id}-{pid}?"))
}

/// Returns the process ID in a payload that is a receipt for the request with this ID.
fn receipt_pid(payload: &str, id: &str) -> Option<i32> {
    let rest = payload.strip_prefix(RECEIPT_PREFIX)?.strip_prefix(id)?;
    rest.strip_prefix('-')?.strip_suffix('?')?.parse().ok()
}

/// The receipts that a server has yet to send.
pub(super) struct Receipts {
    sender: mpsc::Sender<String>,
    pending: mpsc::Receiver<String>,
}

/// Adds to the receipts that are to be sent.
pub(super) struct ReceiptRequests {
    sender: mpsc::Sender<String>,
    /// The process ID of the backend of the connection that LISTENs.
    pid: i32,
}

impl Receipts {
    pub(super) fn new() -> Self {
        let (sender, pending) = mpsc::channel(MAX_PENDING_RECEIPTS);
        Self { sender, pending }
    }

    pub(super) fn requests(&self, pid: i32) -> ReceiptRequests {
        ReceiptRequests {
            sender: self.sender.clone(),
            pid,
        }
    }

    /// Sends the requested receipts until the future is dropped.
    pub(super) async fn send_all(mut self, prober: &Prober, channels: &Channels) {
        while let Some(receipt) = self.pending.recv().await {
            if let Err(error) = prober.notify(&receipt, channels).await {
                tracing::debug!(error.cause = %describe(&error), "could not send a receipt of notifications");
            }
        }
    }
}

impl ReceiptRequests {
    /// Adds a receipt if a received payload is a request.
    pub(super) fn handle(&self, payload: &str) {
        if let Some(receipt) = receipt_for(payload, self.pid) {
            // The process that waits for it has a timeout.
            let _ = self.sender.try_send(receipt);
        }
    }
}

/// Waits until all servers of the database have received the notifications of the commits so far, so that they return
/// no older data.
///
/// # Errors
///
/// When a server does not confirm it in time, or the database can't be reached.
pub async fn wait_for_servers(options: &PgConnectOptions) -> Result<(), NotificationsError> {
    let prober = Prober::new(options);
    let channels = prober.channels().await?;
    let mut missing = list_servers(&prober, &channels).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let (mut connection, channels, ()) = connect(options, &prober, async |_, _| Ok(())).await?;
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
    let id = format!("{random:016x}");
    prober
        .notify(&format!("{REQUEST_PREFIX}{id}?"), &channels)
        .await?;
    for _ in 0..MAX_CHECKS {
        let receipts = receive_receipts(&mut connection, &id, &mut missing);
        if let Ok(received) = timeout(CHECK_INTERVAL, receipts).await {
            return received;
        }
        // A server that was stopped sends no receipt, and one that has reconnected has invalidated its caches.
        let servers = list_servers(&prober, &channels).await?;
        missing.retain(|pid| servers.contains(pid));
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(NotificationsError::NoReceipt)
    }
}

/// Returns the process IDs of the servers' backends.
async fn list_servers(
    prober: &Prober,
    channels: &Channels,
) -> Result<HashSet<i32>, NotificationsError> {
    let values = [channels.invalidation.as_str().into()];
    let servers: Vec<Server> = prober.fetch_all(LIST_SERVERS, values).await?;
    Ok(servers.into_iter().map(|server| server.pid).collect())
}

/// Receives the receipts for a request, and removes the servers that have sent them, until none is missing.
async fn receive_receipts(
    connection: &mut PgListener,
    id: &str,
    missing: &mut HashSet<i32>,
) -> Result<(), NotificationsError> {
    while !missing.is_empty() {
        match connection.try_recv().await? {
            Some(received) => {
                if let Some(pid) = receipt_pid(received.payload(), id) {
                    missing.remove(&pid);
                }
            }
            None => return Err(connection_lost("PostgreSQL closed the connection").into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_gets_a_receipt() {
        assert_eq!(
            receipt_for("!receipt-request-0a?", 7).as_deref(),
            Some("!receipt-0a-7?")
        );
        for payload in [
            "!receipt-0a-7?",
            "!receipt-request-0a",
            "f12",
            "*",
            "!0a-1?",
            "",
        ] {
            assert_eq!(receipt_for(payload, 7), None, "{payload}");
        }
    }

    #[test]
    fn a_receipt_names_the_server_and_the_request() {
        for pid in [1, 7, i32::MAX] {
            let receipt = receipt_for("!receipt-request-0a?", pid).unwrap();
            assert_eq!(receipt_pid(&receipt, "0a"), Some(pid));
        }
        for payload in [
            "!receipt-0b-7?",
            "!receipt-0a?",
            "!receipt-0a-?",
            "!receipt-0a-x?",
            "!receipt-0a-7",
            "!receipt-0a0-7?",
            "!receipt-0a-99999999999?",
            "!receipt-request-0a?",
            "f12",
            "",
        ] {
            assert_eq!(receipt_pid(payload, "0a"), None, "{payload}");
        }
    }
}
