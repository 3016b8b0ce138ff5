//! The rate-limit charges of a request, for every transport.
//!
//! The client's address pays for the lookup of credentials that were not valid recently. Once the caller is
//! authenticated, the caller pays [`MIN_COST`] as the base price, and then the cost of the operation, or
//! [`REJECTED_DOCUMENT_COST`] for a rejected document. All of this is charged before execution. An operation that takes
//! longer than its cost pays for is charged for the rest while it runs: [`usage`].

mod response;
pub mod usage;

use std::{net::IpAddr, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use async_graphql::parser::types::OperationType;
use chrono::Utc;
use futures_util::{Stream, StreamExt};

use self::{
    response::{format_policy, format_rate_limit, to_http_error},
    usage::Usage,
};
use super::{client::client_network, execution::ExecutionEvent, http_error::HttpError};
use crate::{
    access::Viewer,
    database::{pool::Caller, session::Session},
    graphql::types::rate_limit::RateLimitCharge,
    rate_limit::{
        INVALID_CREDENTIALS_COST, MIN_COST, REJECTED_DOCUMENT_COST, RateLimitError, RateLimitKey,
        RateLimitStatus, RateLimits,
    },
};

/// The header with the caller's remaining quota, defined with [`RATE_LIMIT_POLICY`] in a draft of the IETF working
/// group HTTPAPI.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The header with the policy of the quota. See [`RATE_LIMIT`].
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The rate-limit account of one request.
#[derive(Debug)]
pub struct RequestMeter {
    rate_limits: Arc<RateLimits>,
    address: RateLimitKey,
    /// The authenticated caller or the address, once authentication has completed.
    key: Option<RateLimitKey>,
    /// The quota after the last charge. `None` without a limit.
    quota: Option<RateLimitStatus>,
    /// The account of the operation's time. `None` before the operation is charged, and without a limit.
    usage: Option<Arc<Usage>>,
}

impl RequestMeter {
    /// Creates the account of a request from an address.
    pub fn new(rate_limits: Arc<RateLimits>, address: IpAddr) -> Self {
        Self {
            rate_limits,
            address: RateLimitKey::Address(client_network(address)),
            key: None,
            quota: None,
            usage: None,
        }
    }

    /// Charges the address for the lookup of credentials, unless they were valid recently.
    ///
    /// # Errors
    ///
    /// When the address has too little quota left.
    pub fn charge_lookup(&mut self, credentials: Option<&[u8]>) -> Result<(), HttpError> {
        let result = match credentials {
            Some(credentials) if !self.rate_limits.known_credentials.contains(credentials) => {
                self.rate_limits.charge(&self.address, MIN_COST)
            }
            Some(_) | None => return Ok(()),
        };
        self.quota = self.record_charge(result, MIN_COST)?;
        Ok(())
    }

    /// Charges the caller the base price, or the address the price of invalid credentials.
    ///
    /// # Errors
    ///
    /// When authentication has failed, or the caller has no quota left.
    pub fn charge_authentication(
        &mut self,
        credentials: Option<&[u8]>,
        viewer: Result<Viewer, HttpError>,
    ) -> Result<Viewer, HttpError> {
        let known_credentials = &self.rate_limits.known_credentials;
        match (&viewer, credentials) {
            (Ok(_), Some(credentials)) => known_credentials.record(credentials, true),
            (Err(error), Some(credentials)) if error.is_authentication_error() => {
                known_credentials.record(credentials, false);
                self.quota = self
                    .rate_limits
                    .charge_up_to(&self.address, INVALID_CREDENTIALS_COST);
            }
            (Ok(_) | Err(_), _) => {}
        }
        let viewer = viewer?;
        let key = match viewer.principal() {
            Some(principal) => RateLimitKey::Token(principal.actor.clone()),
            None => self.address.clone(),
        };
        let result = self.rate_limits.charge(&key, MIN_COST);
        self.key = Some(key);
        self.quota = self.record_charge(result, MIN_COST)?;
        Ok(viewer)
    }

    /// Charges the caller for a rejected document.
    ///
    /// # Errors
    ///
    /// The error of `result`, unchanged.
    pub fn charge_rejected_document<T>(
        &mut self,
        result: Result<T, HttpError>,
    ) -> Result<T, HttpError> {
        if result.is_err()
            && let Some(key) = &self.key
        {
            // The price of a rejected document includes the base price.
            self.quota = self
                .rate_limits
                .charge_up_to(key, REJECTED_DOCUMENT_COST - MIN_COST);
        }
        result
    }

    /// Charges the caller for an operation of the given cost, and for the time that `session` uses beyond it. From now on
    /// the session waits for connections as this caller. Returns `None` if the caller has no limit.
    ///
    /// # Errors
    ///
    /// When the caller has too little quota left, or the cost exceeds the whole quota.
    pub fn charge_operation(
        &mut self,
        cost: u32,
        session: &Session,
    ) -> Result<Option<RateLimitCharge>, HttpError> {
        self.charge_cost(cost)?;
        if let Some(key) = &self.key {
            session.set_caller(Caller::of(key));
        }
        if let (Some(key), Some(_)) = (&self.key, self.quota) {
            let usage = Usage::new(Arc::clone(&self.rate_limits), key.clone(), cost);
            let usage = Arc::new(usage);
            self.usage = Some(usage);
        }
        session.start_usage(self.usage.clone().map(|usage| usage as _));
        Ok(self.quota.map(|status| RateLimitCharge {
            cost: cost.max(MIN_COST),
            status,
            charged_at: Utc::now(),
        }))
    }

    /// Charges the caller the cost of an operation.
    ///
    /// # Errors
    ///
    /// When the caller has too little quota left, or the cost exceeds the whole quota.
    pub fn charge_cost(&mut self, cost: u32) -> Result<(), HttpError> {
        if let (Some(key), Some(_)) = (&self.key, self.quota)
            && cost > MIN_COST
        {
            let result = self.rate_limits.charge_remainder(key, cost);
            self.quota = self.record_charge(result, cost)?;
        }
        Ok(())
    }

    /// Returns the account that pays for the events of a subscription. `None` for other operations and without a limit.
    pub fn event_usage(&self, kind: OperationType) -> Option<Arc<Usage>> {
        let usage = self.usage.clone();
        usage.filter(|_| kind == OperationType::Subscription)
    }

    /// Adds the rate-limit headers to a response, if there is a limit.
    pub fn add_headers(&self, mut response: HttpResponse) -> HttpResponse {
        let usage = self.usage.as_ref();
        let Some(status) = usage.and_then(|usage| usage.quota()).or(self.quota) else {
            return response;
        };
        for (name, value) in [
            (RATE_LIMIT, format_rate_limit(&status)),
            (RATE_LIMIT_POLICY, format_policy(&status.policy)),
        ] {
            // The value is ASCII, so it is valid in a header.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Records the result of a charge and converts its error. `cost` is the total cost of the request.
    fn record_charge(
        &mut self,
        result: Result<Option<RateLimitStatus>, RateLimitError>,
        cost: u32,
    ) -> Result<Option<RateLimitStatus>, HttpError> {
        result.map_err(|error| {
            if let RateLimitError::Exhausted { status, .. } = error {
                self.quota = Some(status);
            }
            to_http_error(error, cost)
        })
    }
}

/// Charges each result of a stream. A subscription does not end when the quota is used up, because a caller can't
/// predict the number of events. The caller's other requests are rejected instead.
pub fn charge_events(
    outcomes: impl Stream<Item = ExecutionEvent>,
    usage: Option<Arc<Usage>>,
) -> impl Stream<Item = ExecutionEvent> {
    outcomes.inspect(move |outcome| {
        if let (ExecutionEvent::Next(_), Some(usage)) = (outcome, &usage) {
            usage.charge_event();
        }
    })
}

#[cfg(test)]
mod tests;
