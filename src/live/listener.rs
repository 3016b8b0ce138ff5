//! Hears what the database tells, over a connection of its own: what subscribers want to hear, and what is too old to be kept.
//!
//! PostgreSQL keeps what it tells until every listener has taken it, so this one never waits for anybody. Both come over one connection, in
//! the order in which they were told: whoever hears of a change and looks finds nothing kept from before it.

use std::{io, pin::pin, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    self,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::time::{sleep, timeout};
use tracing::log::LevelFilter;

use super::{CHANNEL, Notice, dispatcher::Inbox, hub::Hub};
use crate::cache::{self, hearing::Hearing};

/// After how long a silence the connection is tried. A network that swallows everything would look like nothing happening.
const SILENCE: Duration = Duration::from_secs(2);

/// How long PostgreSQL may take to answer then before nothing that is kept is used any more.
const DOUBT: Duration = Duration::from_secs(1);

/// How long PostgreSQL may take to answer before the connection counts as lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the listener waits before it connects again: so long at first, and twice as long each time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What it listens to.
const CHANNELS: [&str; 2] = [CHANNEL, cache::CHANNEL];

/// Its sessions are known by this name among PostgreSQL's.
const APPLICATION: &str = "marquee live";

/// Listens for ever: whenever the connection is lost, it connects again, and then everyone is told to read again.
pub async fn listen(options: PgConnectOptions, hub: Arc<Hub>, inbox: Inbox, hearing: Arc<Hearing>) {
    let options = sqlx::ConnectOptions::log_statements(
        options.application_name(APPLICATION),
        LevelFilter::Trace,
    );
    let mut wait = FIRST_WAIT;
    let mut was_lost = false;
    loop {
        let lost = match connect(&options).await {
            Ok(mut listener) => {
                // Before the connection stood, anything may have happened. What happens from now on is heard.
                hearing.begin();
                hub.resync();
                hub.set_listening(true);
                if was_lost {
                    tracing::info!("changes of the database are heard again");
                }
                wait = FIRST_WAIT;
                was_lost = false;
                hear(&mut listener, &inbox, &hearing).await
            }
            Err(error) => error,
        };
        hearing.lose();
        hub.set_listening(false);
        if !was_lost {
            tracing::warn!(error.cause = %lost, "changes of the database are not heard; trying to connect again");
        }
        was_lost = true;
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options.clone());
    let listener = async {
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen_all(CHANNELS).await?;
        Ok(listener)
    };
    in_time(listener).await
}

/// Hears until the connection is lost, and tells by what.
async fn hear(listener: &mut PgListener, inbox: &Inbox, hearing: &Hearing) -> sqlx::Error {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) if notification.channel() == cache::CHANNEL => {
                hearing.hear(notification.payload());
            }
            Ok(Ok(Some(notification))) => match Notice::parse(notification.payload()) {
                Ok(notice) => inbox.put(notice),
                Err(error) => tracing::warn!("{error}; it is passed over"),
            },
            Ok(Ok(None)) => return closed("PostgreSQL has closed the connection"),
            Ok(Err(error)) => return error,
            Err(_) => {
                if let Err(error) = try_out(listener, hearing).await {
                    return error;
                }
            }
        }
    }
}

/// Whether the connection still answers. What was told before it did was heard before it does.
async fn try_out(listener: &mut PgListener, hearing: &Hearing) -> Result<(), sqlx::Error> {
    // What is listened to already is so twice.
    let mut answer = pin!(listener.listen_all(CHANNELS));
    if let Ok(answer) = timeout(DOUBT, &mut answer).await {
        return answer;
    }
    hearing.lose();
    in_time(answer).await?;
    hearing.begin();
    Ok(())
}

async fn in_time<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let in_time = timeout(PATIENCE, answer).await;
    in_time.unwrap_or_else(|_| Err(closed("PostgreSQL doesn't answer")))
}

fn closed(reason: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, reason))
}
