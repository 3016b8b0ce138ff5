//! The messages of a socket from the client's view.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::SETTINGS;
use crate::http::websocket::protocol::{Action, OperationKey, close::MAX_REASON_BYTES};

/// The state of the socket and its operations, as derived from the actions alone.
#[derive(Default)]
pub(super) struct Observed {
    pub(super) is_closed: bool,
    pub(super) is_acknowledged: bool,
    /// Whether a result has been sent, by the client's id of each running operation.
    pub(super) running: BTreeMap<String, bool>,
    pub(super) started: BTreeSet<OperationKey>,
}

impl Observed {
    pub(super) fn check_action(&mut self, action: Action) {
        assert!(!self.is_closed, "{action:?} after a close");
        match action {
            Action::Start { operation, request } => {
                assert!(self.is_acknowledged && self.started.insert(operation));
                assert_eq!(self.running.insert(request.id, false), None);
                assert!(self.running.len() <= SETTINGS.max_operations);
            }
            Action::Stop { operation } => assert!(self.started.contains(&operation)),
            Action::Close(close) => {
                assert!(close.reason.len() <= MAX_REASON_BYTES && !close.reason.is_empty());
                self.is_closed = true;
            }
            Action::Send(text) => match serde_json::from_str(&text) {
                Ok(message) => self.check_message(&message),
                Err(error) => unreachable!("{error} in {text}"),
            },
            Action::Ping | Action::Authenticate(_) => {}
        }
    }

    fn check_message(&mut self, message: &Value) {
        let id = message["id"].as_str().unwrap_or_default();
        match message["type"].as_str().unwrap_or_default() {
            "connection_ack" => {
                assert!(!self.is_acknowledged);
                self.is_acknowledged = true;
            }
            "next" => {
                let began = self.running.get_mut(id);
                assert!(
                    began.is_some(),
                    "a result of an operation that does not run"
                );
                self.running.insert(id.to_owned(), true);
            }
            "complete" => assert!(
                self.running.remove(id).is_some(),
                "an operation that does not run was completed"
            ),
            "error" => {
                let too_many = message["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS";
                let ended = self.running.remove(id);
                assert_eq!(ended, if too_many { None } else { Some(false) });
            }
            "pong" => {}
            _ => unreachable!("a server sends no {message}"),
        }
    }
}
