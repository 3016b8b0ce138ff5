//! Receipts, by which another process waits until the servers have received its notifications.
//!
//! Each server holds a shared advisory lock over the connection that LISTENs, so that they can be counted. A process
//! that has committed sends a request on the invalidation channel. A server that receives it has received all
//! notifications of earlier commits, and answers with a receipt. Both words begin as those that servers use among
//! themselves, so other programs ignore them.

use std::time::Duration;

use sea_orm::{
    FromQueryResult,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgListener},
    },
};
use tokio::{sync::mpsc, time::timeout};

use super::{
    connect, connection_lost,
    prober::{NotificationsError, Prober},
};
use crate::database::{channels::Channels, error_message::describe};

/// The timeout of the wait for receipts. A server usually sends one within milliseconds.
const RECEIPT_TIMEOUT: Duration = Duration::from_secs(2);

/// The maximum number of receipts that a server has yet to send. Further requests get none.
const MAX_PENDING_RECEIPTS: usize = 100;

/// The first characters of a request and of a receipt. The same id follows, and a question mark, as that of a probe.
const REQUEST_PREFIX: &str = "!receipt-request-";
const RECEIPT_PREFIX: &str = "!receipt-";

/// Acquires the lock of a server. `$1` is the invalidation channel.
const HOLD_LOCK: &str =
    "SELECT pg_advisory_lock_shared(hashtextextended('marquee server ' || $1, 0))";

/// Counts the holders of this lock in the database. A lock of a 64-bit key has its halves in two columns.
const COUNT_SERVERS: &str = "
SELECT count(*) AS servers FROM pg_locks, hashtextextended('marquee server ' || $1, 0) AS key
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = (key >> 32 & 4294967295)::oid AND objid = (key & 4294967295)::oid";

#[derive(FromQueryResult)]
struct Count {
    servers: i64,
}

/// Acquires the lock by which a server is counted, until the connection is closed.
pub(super) async fn hold_lock(
    connection: &mut PgListener,
    channels: &Channels,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(HOLD_LOCK).bind(&channels.invalidation);
    query.execute(connection).await.map(drop)
}

/// Returns the receipt for a payload that is a request.
fn receipt_for(payload: &str) -> Option<String> {
    let id = payload.strip_prefix(REQUEST_PREFIX)?;
    Some(format!("{RECEIPT_PREFIX}{id}"))
}

/// The receipts that a server has yet to send.
pub(super) struct Receipts {
    sender: mpsc::Sender<String>,
    pending: mpsc::Receiver<String>,
}

/// The half that is told of received notifications.
pub(super) struct ReceiptRequests(mpsc::Sender<String>);

impl Receipts {
    pub(super) fn new() -> Self {
        let (sender, pending) = mpsc::channel(MAX_PENDING_RECEIPTS);
        Self { sender, pending }
    }

    pub(super) fn requests(&self) -> ReceiptRequests {
        ReceiptRequests(self.sender.clone())
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
    /// Requests a receipt if a received payload asks for one.
    pub(super) fn handle(&self, payload: &str) {
        if let Some(receipt) = receipt_for(payload) {
            // The process that waits for it has a timeout.
            let _ = self.0.try_send(receipt);
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
    let counted: Option<Count> = prober
        .fetch_one(COUNT_SERVERS, [channels.invalidation.as_str().into()])
        .await?;
    let mut missing = counted.map_or(0, |count| count.servers);
    if missing == 0 {
        return Ok(());
    }
    let (mut connection, channels) = connect(options, &prober, false).await?;
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ());
    let request = format!("{REQUEST_PREFIX}{random:016x}?");
    let receipt = receipt_for(&request);
    prober.notify(&request, &channels).await?;
    let received = async {
        while missing > 0 {
            match connection.try_recv().await? {
                Some(received) if Some(received.payload()) == receipt.as_deref() => missing -= 1,
                Some(_) => {}
                None => return Err(connection_lost("PostgreSQL closed the connection").into()),
            }
        }
        Ok::<(), NotificationsError>(())
    };
    let received = timeout(RECEIPT_TIMEOUT, received).await;
    received.unwrap_or(Err(NotificationsError::NoReceipt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_gets_a_receipt() {
        assert_eq!(
            receipt_for("!receipt-request-0a?").as_deref(),
            Some("!receipt-0a?")
        );
        for payload in ["!receipt-0a?", "f12", "*", "!0a-1?", ""] {
            assert_eq!(receipt_for(payload), None, "{payload}");
        }
    }
}
