//! Proves that notifications are received, and that the triggers send them.

use std::{sync::Arc, time::Duration};

use prometheus_client::metrics::counter::Counter;
use sea_orm::{
    DbErr, FromQueryResult, Value,
    sqlx::{self, postgres::PgConnectOptions},
};
use tokio::time::sleep;

use super::{CONNECTION_TIMEOUT, Listener, connect, triggers::Triggers};
use crate::{
    cache::{
        invalidation_clock::InvalidationClock,
        invalidation_listener::{InvalidationListener, Probe},
    },
    database::{
        channels::Channels, error::DbErrorKind, pool::PoolSettings, pool_slot::PoolSlot, sql,
        stall_aware_timeout::stall_aware_timeout,
    },
};

/// The interval between two probes.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

/// The time after which a probe that was not received stops the use of cached entries.
const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// The `lock_timeout` of a probe. A commit that waits for a standby blocks all notifications of the cluster, also that of
/// a probe.
const SEND_TIMEOUT: Duration = Duration::from_millis(500);

/// The `application_name` of the connection that sends the probes.
const APPLICATION_NAME: &str = "marquee probe";

/// Notifications are not received.
#[derive(Debug, thiserror::Error)]
pub enum NotificationsError {
    /// A notification was sent and did not arrive.
    #[error(
        "PostgreSQL's notifications do not arrive. A pooler in transaction mode, such as PgBouncer's, sends them to other \
         clients: connect directly or through a pooler in session mode, or start with --notifications=off, without caches \
         and subscriptions"
    )]
    NotReceived,
    /// A server has not confirmed in time that it has received the notifications of a commit.
    #[error("a server did not respond within two seconds")]
    NoReceipt,
    /// A notification could not be sent in time.
    #[error(
        "no notification could be sent: another transaction with notifications commits, and may wait for a standby"
    )]
    NotSent,
    /// The database is a standby.
    #[error(
        "the database is a standby, which sends no notifications: connect to the primary, or start with \
         --notifications=off, without caches and subscriptions"
    )]
    Standby,
    /// The connection is lost, or none can be opened.
    #[error("{0}")]
    Connection(#[source] sqlx::Error),
    /// A statement failed.
    #[error("{0}")]
    Statement(#[source] DbErr),
}

impl From<sqlx::Error> for NotificationsError {
    fn from(error: sqlx::Error) -> Self {
        match DbErrorKind::of_driver_error(&error) {
            DbErrorKind::ReadOnly => Self::Standby,
            _ => Self::Connection(error),
        }
    }
}

impl From<DbErr> for NotificationsError {
    fn from(error: DbErr) -> Self {
        match DbErrorKind::of(&error) {
            DbErrorKind::ReadOnly => Self::Standby,
            DbErrorKind::Busy => Self::NotSent,
            // The pooler sent the notification to the connection of the probe.
            _ if DbErrorKind::is_unexpected_message(&error) => Self::NotReceived,
            _ => Self::Statement(error),
        }
    }
}

/// Sends probes over a connection of its own.
#[derive(Debug)]
pub(super) struct Prober(PoolSlot);

#[derive(FromQueryResult)]
struct Sent {
    triggers: String,
}

/// Sends a notification, and returns the state of the triggers in the schema of the tables, each in a line. A trigger that
/// was disabled and enabled again has another `xmin`.
const SEND: &str = "
SELECT coalesce((
    SELECT string_agg(concat_ws(' ', trigger.tgname, trigger.tgenabled, trigger.oid, trigger.xmin), E'\\n' ORDER BY trigger.oid)
    FROM pg_trigger AS trigger JOIN pg_class AS relation ON relation.oid = trigger.tgrelid
    WHERE NOT trigger.tgisinternal
        AND relation.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('review'))
), '') AS triggers FROM pg_notify($1, $2)";

impl Prober {
    pub(super) fn new(options: &PgConnectOptions) -> Self {
        let settings = PoolSettings {
            lock_timeout: Some(SEND_TIMEOUT),
            ..PoolSettings::auxiliary(APPLICATION_NAME)
        };
        Self(PoolSlot::new(settings.connection_settings(options)))
    }

    /// Returns the channels of the schema.
    pub(super) async fn channels(&self) -> Result<Channels, NotificationsError> {
        let connection = self.0.connection();
        let channels = match Channels::read(&*connection).await {
            // The connection died while it was not used. The next statement opens it again.
            Err(error) if DbErrorKind::is_dead_connection(&error) => {
                Channels::read(&*connection).await
            }
            channels => channels,
        };
        Ok(channels?)
    }

    /// Sends a notification on the channel for caches.
    pub(super) async fn notify(
        &self,
        payload: &str,
        channels: &Channels,
    ) -> Result<(), NotificationsError> {
        let values = [channels.invalidation.as_str().into(), payload.into()];
        let connection = self.0.connection();
        sql::execute(&*connection, "SELECT pg_notify($1, $2)", values).await?;
        Ok(())
    }

    /// Returns the rows of a statement.
    pub(super) async fn fetch_all<R: FromQueryResult>(
        &self,
        statement: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<R>, NotificationsError> {
        let connection = self.0.connection();
        Ok(sql::all(&*connection, statement, values).await?)
    }

    /// Sends a probe and waits until it is received. Returns the state of the triggers.
    async fn send(
        &self,
        probe: Probe,
        channels: &Channels,
        limit: Duration,
    ) -> Result<Triggers, NotificationsError> {
        let values = [
            channels.invalidation.as_str().into(),
            probe.payload().into(),
        ];
        let connection = self.0.connection();
        let sent = stall_aware_timeout(limit, sql::one::<Sent>(&*connection, SEND, values));
        let Ok(sent) = sent.await else {
            // The statement has no response, so that the state of the connection is unknown.
            self.0.replace_connection();
            return Err(NotificationsError::NotReceived);
        };
        let sent = sent?;
        match stall_aware_timeout(limit, probe.received()).await {
            Ok(true) => Ok(Triggers::parse(
                &sent.map_or_else(String::new, |sent| sent.triggers),
            )),
            Ok(false) | Err(_) => Err(NotificationsError::NotReceived),
        }
    }
}

impl Listener {
    /// Probes the connection at once and then regularly, until no probe is received for [`PROBE_TIMEOUT`] and then
    /// [`CONNECTION_TIMEOUT`]; returns the cause. While probes are not received, or a trigger is missing, no cached entry
    /// is used. `on_success` is called after the first probe.
    pub(super) async fn keep_probing(
        &self,
        prober: &Prober,
        channels: &Channels,
        on_success: impl FnOnce(),
    ) -> NotificationsError {
        let mut known = loop {
            match self.probe(prober, channels, CONNECTION_TIMEOUT).await {
                Ok(triggers) => break triggers,
                Err(NotificationsError::NotSent) => sleep(PROBE_INTERVAL).await,
                Err(error) => return error,
            }
        };
        on_success();
        known.report();
        if known.are_complete() {
            self.resume();
        }
        loop {
            sleep(PROBE_INTERVAL).await;
            let first = self.probe(prober, channels, PROBE_TIMEOUT).await;
            // Nothing is committed meanwhile that would have to be notified.
            if matches!(first, Err(NotificationsError::NotSent)) {
                continue;
            }
            let was_late = first.is_err();
            if was_late {
                self.invalidation_listener.on_disconnect();
            }
            let second = match first {
                Ok(triggers) => Ok(triggers),
                Err(_) => self.probe(prober, channels, CONNECTION_TIMEOUT).await,
            };
            let triggers = match second {
                Ok(triggers) => triggers,
                Err(error) => return error,
            };
            let has_changed = triggers != known;
            if has_changed {
                triggers.report();
            }
            if !triggers.are_complete() {
                self.suspend();
            } else if has_changed {
                // Rows may have changed while the triggers were missing or disabled.
                self.resume();
            } else if was_late {
                self.invalidation_listener.on_connect();
            }
            known = triggers;
        }
    }

    async fn probe(
        &self,
        prober: &Prober,
        channels: &Channels,
        limit: Duration,
    ) -> Result<Triggers, NotificationsError> {
        let probe = || self.invalidation_listener.probe();
        match prober.send(probe(), channels, limit).await {
            // The connection died while it was not used. The next statement opens it again.
            Err(NotificationsError::Statement(error))
                if DbErrorKind::is_dead_connection(&error) =>
            {
                prober.send(probe(), channels, limit).await
            }
            result => result,
        }
    }
}

/// Checks that notifications are received.
///
/// # Errors
///
/// Returns a [`NotificationsError`], whose message is one line with the remedy.
pub async fn check(options: &PgConnectOptions) -> Result<(), NotificationsError> {
    let prober = Prober::new(options);
    let (mut connection, channels, ()) = connect(options, &prober, async |_, _| Ok(())).await?;
    let listener = Arc::new(InvalidationListener::new(
        Arc::<InvalidationClock>::default(),
        Counter::default(),
    ));
    let receive = async {
        loop {
            match connection.try_recv().await {
                Ok(Some(notification)) => listener.handle_notification(notification.payload()),
                Ok(None) => return NotificationsError::NotReceived,
                Err(error) => return error.into(),
            }
        }
    };
    tokio::select! {
        error = receive => Err(error),
        sent = prober.send(listener.probe(), &channels, CONNECTION_TIMEOUT) => match sent {
            // The listener of the server finds out later.
            Err(error @ NotificationsError::NotSent) => {
                tracing::warn!("{error}; nothing is cached until it is received");
                Ok(())
            }
            sent => sent.map(drop),
        },
    }
}
