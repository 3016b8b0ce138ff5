//! The labels of the metrics of requests.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;

use crate::{database::session::Cost, http::observe::outcome::OperationOutcome};

/// The label of operations without a name.
pub const ANONYMOUS_OPERATION: &str = "anonymous";

/// The transport of an operation and its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A request with a single response.
    Http,
    /// Server-sent events.
    EventStream,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// Returns the name for metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::EventStream => "event_stream",
            Self::WebSocket => "websocket",
        }
    }
}

/// The protocol that a client's bytes violate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
    /// TLS.
    Tls,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Self; 3] = [Self::Http1, Self::Http2, Self::Tls];

    /// Returns the name for metrics and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "http/2",
            Self::Tls => "tls",
        }
    }
}

/// The measurements of a completed operation.
#[derive(Clone, Copy, Debug)]
pub struct CompletedOperation<'a> {
    /// The transport of the operation.
    pub transport: Transport,
    /// The type: `query`, `mutation`, `subscription`, or `unknown` for a request that was rejected earlier.
    pub kind: &'static str,
    /// The name of the operation, if it has one.
    pub name: Option<&'a str>,
    /// The outcome of the operation.
    pub outcome: OperationOutcome,
    /// The duration of an executed query or mutation.
    pub duration: Option<Duration>,
    /// The calculated cost, if the operation was planned.
    pub cost: Option<u32>,
    /// The SQL cost of an executed query or mutation.
    pub database_cost: Option<Cost>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) transport: &'static str,
    pub(super) operation_type: &'static str,
    pub(super) outcome: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ProtocolLabel {
    pub(super) protocol: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct TransportLabel {
    pub(super) transport: &'static str,
}
