//! The data that a transport and a subscription exchange.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::Error;

use crate::{
    error::{code, error_with_code},
    subscriptions::broker::{Broker, NotListening},
};

/// The source of a subscription's events, and its signals to the transport.
#[derive(Debug)]
pub struct EventSource {
    pub(super) broker: Arc<Broker>,
    pub(super) signals: Arc<SubscriptionSignals>,
}

/// The state of a subscription that its events don't contain, for the transport.
#[derive(Debug, Default)]
pub struct SubscriptionSignals {
    pub(super) is_open: AtomicBool,
    pub(super) is_too_slow: AtomicBool,
    pub(super) has_missed_events: AtomicBool,
}

/// The data of a request whose client says that it was connected before. It may have missed events, which the server
/// can't know, such as after its own restart.
#[derive(Clone, Copy, Debug)]
pub struct ResumingClient;

/// The reason why a subscription ended without being completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The client read the events too slowly.
    TooSlow,
    /// The server may have missed events.
    EventsMissed,
}

impl Loss {
    /// Returns the code of the error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSlow => code::TOO_SLOW,
            Self::EventsMissed => code::EVENTS_LOST,
        }
    }
}

impl EventSource {
    /// Creates a source, and the signals for the transport.
    #[must_use]
    pub fn new(broker: Arc<Broker>) -> (Self, Arc<SubscriptionSignals>) {
        let signals = Arc::new(SubscriptionSignals::default());
        let source = Self {
            broker,
            signals: Arc::clone(&signals),
        };
        (source, signals)
    }

    /// Waits until the server receives the notifications of changes.
    pub(super) async fn wait_until_listening(&self) -> Result<(), Error> {
        let listening = self.broker.wait_until_listening().await;
        listening.map_err(|error| match error {
            NotListening::NotNow => error_with_code(
                code::UNAVAILABLE,
                "the server receives no notifications of changes at the moment, because the database can't be reached or is a standby; try again later",
            ),
            NotListening::Disabled => error_with_code(
                code::SUBSCRIPTIONS_DISABLED,
                "this server offers no subscriptions; repeat a query instead",
            ),
        })
    }
}

impl SubscriptionSignals {
    /// Returns whether the subscription is open. An error before that is an error of the request.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Returns the reason if events were lost.
    #[must_use]
    pub fn loss(&self) -> Option<Loss> {
        if self.is_too_slow.load(Ordering::Acquire) {
            Some(Loss::TooSlow)
        } else {
            self.has_missed_events
                .load(Ordering::Acquire)
                .then_some(Loss::EventsMissed)
        }
    }
}
