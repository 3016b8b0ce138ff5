//! LISTENs for change notifications over a dedicated connection: for subscribers, and to invalidate the caches.
//!
//! PostgreSQL stores notifications until every listener has received them, so this one never waits for a consumer. The
//! notifications of both channels come over one connection, in the order of the commits. So when a subscriber receives
//! a change and reads, the caches are invalidated already.
//!
//! A connection that LISTENs may still receive nothing: a pooler delivers the notifications to other clients, a network
//! drops all packets. So the listener regularly sends itself a probe over another connection.

mod prober;
mod receipts;
mod triggers;

use std::{io, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    self,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::time::{sleep, timeout};
use tracing::log::LevelFilter;

use self::{
    prober::Prober,
    receipts::{ReceiptRequests, Receipts, hold_lock},
};
pub use self::{
    prober::{NotificationsError, check},
    receipts::wait_for_servers,
};
use super::{Notification, broker::Broker, dispatcher::NotificationSender};
use crate::{
    backoff::Backoff,
    cache::invalidation_listener::InvalidationListener,
    database::{channels::Channels, error_message::describe},
};

/// The timeout for connecting.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// The delay before the first attempt to reconnect. It doubles with each attempt, up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Duration = Duration::from_millis(70);
/// The maximum delay between two attempts to connect, without jitter.
const MAX_BACKOFF: Duration = Duration::from_secs(3);

/// The `application_name` of the connection.
const APPLICATION_NAME: &str = "marquee live";

/// Listens for changes, for the subscribers and caches of a process.
#[derive(Debug)]
pub struct Listener {
    /// The connect options of the database.
    pub options: PgConnectOptions,
    /// The subscribers.
    pub broker: Arc<Broker>,
    /// The queue of notifications for subscribers.
    pub notification_sender: NotificationSender,
    /// What invalidates the caches.
    pub invalidation_listener: Arc<InvalidationListener>,
}

impl Listener {
    /// Listens until the future is dropped. After a lost connection it reconnects, and all subscribers receive a resync.
    pub async fn run(self) {
        let prober = Prober::new(&self.options);
        let mut backoff = Backoff::new(MIN_BACKOFF, MAX_BACKOFF);
        let mut was_lost = false;
        loop {
            let lost = match self.connect(&prober).await {
                Ok((mut connection, channels, pid)) => {
                    let receipts = Receipts::new();
                    let requests = receipts.requests(pid);
                    tokio::select! {
                        lost = self.receive(&mut connection, &channels, &requests) => lost,
                        // It ends only with the requests.
                        () = receipts.send_all(&prober, &channels) => connection_lost("no receipts can be sent").into(),
                        lost = self.keep_probing(&prober, &channels, || {
                            if was_lost {
                                tracing::info!("receiving change notifications again");
                            }
                            was_lost = false;
                            backoff.reset();
                        }) => lost,
                    }
                }
                Err(error) => error,
            };
            self.suspend();
            if !was_lost {
                tracing::warn!(error.cause = %describe(&lost), "no connection for change notifications; reconnecting");
            }
            was_lost = true;
            sleep(backoff.next_delay()).await;
        }
    }

    /// Opens the connection. Returns also its channels, and the process ID of its backend.
    async fn connect(
        &self,
        prober: &Prober,
    ) -> Result<(PgListener, Channels, i32), NotificationsError> {
        let (connection, channels, pid) = connect(&self.options, prober, hold_lock).await?;
        self.invalidation_listener
            .set_channel(&channels.invalidation);
        Ok((connection, channels, pid))
    }

    /// Receives notifications until the connection is lost, and returns the cause.
    async fn receive(
        &self,
        connection: &mut PgListener,
        channels: &Channels,
        requests: &ReceiptRequests,
    ) -> NotificationsError {
        loop {
            match connection.try_recv().await {
                Ok(Some(notification)) if notification.channel() == channels.invalidation => {
                    let payload = notification.payload();
                    self.invalidation_listener.handle_notification(payload);
                    requests.handle(payload);
                }
                Ok(Some(notification)) => match Notification::parse(notification.payload()) {
                    Ok(notification) => self.notification_sender.send(notification),
                    Err(error) => tracing::warn!("{error}; the notification is ignored"),
                },
                Ok(None) => return connection_lost("PostgreSQL closed the connection").into(),
                Err(error) => return error.into(),
            }
        }
    }

    /// Records that notifications are received from now on. Changes before may have been missed.
    fn resume(&self) {
        self.invalidation_listener.on_connect();
        self.broker.publish_resync();
        self.broker.set_listening(true);
    }

    /// Records that notifications may not be received any more.
    fn suspend(&self) {
        self.invalidation_listener.on_disconnect();
        self.broker.set_listening(false);
    }
}

/// Opens a connection that LISTENs on the channels of the schema. Runs `before` first and returns its result: a statement
/// of sqlx fails after LISTEN when a notification arrives meanwhile.
async fn connect<T>(
    options: &PgConnectOptions,
    prober: &Prober,
    before: impl AsyncFnOnce(&mut PgListener, &Channels) -> Result<T, sqlx::Error>,
) -> Result<(PgListener, Channels, T), NotificationsError> {
    let options = sqlx::ConnectOptions::log_statements(
        options.clone().application_name(APPLICATION_NAME),
        LevelFilter::Trace,
    );
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECTION_TIMEOUT)
        .connect_lazy_with(options);
    let connected = async {
        let channels = prober.channels().await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        let result = before(&mut listener, &channels).await?;
        let names = [&channels.changes, &channels.invalidation];
        listener.listen_all(names.map(String::as_str)).await?;
        Ok((listener, channels, result))
    };
    let connected = timeout(CONNECTION_TIMEOUT, connected).await;
    connected.unwrap_or_else(|_| Err(connection_lost("PostgreSQL does not respond").into()))
}

fn connection_lost(reason: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, reason))
}
