//! LISTENs for change notifications over a dedicated connection: for subscribers, and to invalidate the caches.
//!
//! PostgreSQL stores notifications until every listener has received them, so this one never waits for a consumer. The
//! notifications of both channels come over one connection, in the order of the commits. So when a subscriber receives
//! a change and reads, the caches are invalidated already.

use std::{io, pin::pin, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    self,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::time::{sleep, timeout};
use tracing::log::LevelFilter;

use super::{CHANNEL, Notification, broker::Broker, dispatcher::NotificationSender};
use crate::{
    backoff::Backoff,
    cache::{self, invalidation_listener::InvalidationListener},
};

/// The time without notifications after which the connection is probed. A network that drops all packets looks the same
/// as a database without changes.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

/// The time after which a probe without response stops the use of cached entries.
const INVALIDATION_TIMEOUT: Duration = Duration::from_secs(1);

/// The timeout for connecting. The connection counts as lost if a probe has no response [`INVALIDATION_TIMEOUT`] plus
/// this time after its start.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// The delay before the first attempt to reconnect. It doubles with each attempt, up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Duration = Duration::from_millis(70);
/// The maximum delay between two attempts to connect, without jitter.
const MAX_BACKOFF: Duration = Duration::from_secs(3);

/// The channels that the listener LISTENs on.
const CHANNELS: [&str; 2] = [CHANNEL, cache::INVALIDATION_CHANNEL];

/// The `application_name` of the connection.
const APPLICATION_NAME: &str = "marquee live";

/// Listens until the future is dropped. After a lost connection it reconnects, and all subscribers receive a resync.
pub async fn listen(
    options: PgConnectOptions,
    broker: Arc<Broker>,
    notification_sender: NotificationSender,
    invalidation_listener: Arc<InvalidationListener>,
) {
    let options = sqlx::ConnectOptions::log_statements(
        options.application_name(APPLICATION_NAME),
        LevelFilter::Trace,
    );
    let mut backoff = Backoff::new(MIN_BACKOFF, MAX_BACKOFF);
    let mut was_lost = false;
    loop {
        let lost = match connect(&options).await {
            Ok(mut listener) => {
                // Changes before this point may have been missed. All later ones are received.
                invalidation_listener.on_connect();
                broker.publish_resync();
                broker.set_listening(true);
                if was_lost {
                    tracing::info!("receiving change notifications again");
                }
                backoff.reset();
                was_lost = false;
                receive(&mut listener, &notification_sender, &invalidation_listener).await
            }
            Err(error) => error,
        };
        invalidation_listener.on_disconnect();
        broker.set_listening(false);
        if !was_lost {
            tracing::warn!(error.cause = %lost, "no connection for change notifications; reconnecting");
        }
        was_lost = true;
        sleep(backoff.next_delay()).await;
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECTION_TIMEOUT)
        .connect_lazy_with(options.clone());
    let listener = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen_all(CHANNELS).await?;
        Ok(listener)
    };
    with_timeout(listener).await
}

/// Receives notifications until the connection is lost, and returns the cause.
async fn receive(
    listener: &mut PgListener,
    notification_sender: &NotificationSender,
    invalidation_listener: &InvalidationListener,
) -> sqlx::Error {
    loop {
        match timeout(PROBE_INTERVAL, listener.try_recv()).await {
            Ok(Ok(Some(notification))) if notification.channel() == cache::INVALIDATION_CHANNEL => {
                invalidation_listener.handle_notification(notification.payload());
            }
            Ok(Ok(Some(notification))) => match Notification::parse(notification.payload()) {
                Ok(notification) => notification_sender.send(notification),
                Err(error) => tracing::warn!("{error}; the notification is ignored"),
            },
            Ok(Ok(None)) => return connection_lost("PostgreSQL closed the connection"),
            Ok(Err(error)) => return error,
            Err(_) => {
                if let Err(error) = probe(listener, invalidation_listener).await {
                    return error;
                }
            }
        }
    }
}

/// Probes the connection with a statement. PostgreSQL sends pending notifications before the response, so the caches
/// may be used again after a late response.
///
/// # Errors
///
/// When the statement fails or PostgreSQL does not respond within [`INVALIDATION_TIMEOUT`] plus [`CONNECTION_TIMEOUT`].
async fn probe(
    listener: &mut PgListener,
    invalidation_listener: &InvalidationListener,
) -> Result<(), sqlx::Error> {
    // A repeated LISTEN has no effect.
    let mut response = pin!(listener.listen_all(CHANNELS));
    if let Ok(response) = timeout(INVALIDATION_TIMEOUT, &mut response).await {
        return response;
    }
    invalidation_listener.on_disconnect();
    with_timeout(response).await?;
    invalidation_listener.on_connect();
    Ok(())
}

async fn with_timeout<T>(
    response: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let result = timeout(CONNECTION_TIMEOUT, response).await;
    result.unwrap_or_else(|_| Err(connection_lost("PostgreSQL does not respond")))
}

fn connection_lost(reason: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, reason))
}
