//! The rate-limit charges of a request, for every transport.
//!
//! The client's address pays for the lookup of credentials that were not valid recently. Once the caller is
//! authenticated, the caller pays [`LEAST`] as the base price, and then the cost of the operation, or
//! [`REFUSED_DOCUMENT`] for a rejected document. Everything is charged before execution.

use std::{net::IpAddr, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use async_graphql::{ServerError, parser::types::OperationType};
use chrono::Utc;
use futures_util::{Stream, StreamExt};

use super::{answer::Refusal, client::counted, execution::Outcome};
use crate::{
    access::Viewer,
    error::code,
    graphql::types::rate_limit::Charged,
    rate::{BAD_CREDENTIALS, LEAST, Payer, Policy, REFUSED_DOCUMENT, Rates, Standing, Unpaid},
};

/// The header with the caller's remaining quota, defined with [`RATE_LIMIT_POLICY`] in a draft of the IETF working
/// group HTTPAPI.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The header with the policy of the quota. See [`RATE_LIMIT`].
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The rate-limit account of one request.
#[derive(Debug)]
pub struct Meter {
    rates: Arc<Rates>,
    address: Payer,
    /// The authenticated caller or the address, once authentication has completed.
    payer: Option<Payer>,
    /// The quota after the last charge. `None` without a limit.
    standing: Option<Standing>,
}

impl Meter {
    /// Creates the account of a request from an address.
    pub fn new(rates: Arc<Rates>, address: IpAddr) -> Self {
        Self {
            rates,
            address: Payer::Address(counted(address)),
            payer: None,
            standing: None,
        }
    }

    /// Charges the address for the lookup of credentials, unless they were valid recently.
    ///
    /// # Errors
    ///
    /// When the address has too little quota left.
    pub fn before_lookup(&mut self, credentials: Option<&[u8]>) -> Result<(), Refusal> {
        let paid = match credentials {
            Some(unknown) if !self.rates.credentials.were_good(unknown) => {
                self.rates.charge(&self.address, LEAST)
            }
            Some(_) | None => return Ok(()),
        };
        self.standing = self.paid(paid, LEAST)?;
        Ok(())
    }

    /// Charges the caller the base price, or the address the price of invalid credentials.
    ///
    /// # Errors
    ///
    /// When authentication has failed, or the caller has no quota left.
    pub fn identified(
        &mut self,
        credentials: Option<&[u8]>,
        viewer: Result<Viewer, Refusal>,
    ) -> Result<Viewer, Refusal> {
        let known = &self.rates.credentials;
        match (&viewer, credentials) {
            (Ok(_), Some(credentials)) => known.note(credentials, true),
            (Err(refusal), Some(credentials)) if refusal.is_of_credentials() => {
                known.note(credentials, false);
                self.standing = self.rates.charge_afterwards(&self.address, BAD_CREDENTIALS);
            }
            (Ok(_) | Err(_), _) => {}
        }
        let viewer = viewer?;
        let payer = match viewer.known() {
            Some(principal) => Payer::Token(principal.actor.clone()),
            None => self.address.clone(),
        };
        let paid = self.rates.charge(&payer, LEAST);
        self.payer = Some(payer);
        self.standing = self.paid(paid, LEAST)?;
        Ok(viewer)
    }

    /// Charges the caller for a rejected document.
    ///
    /// # Errors
    ///
    /// The error of `examined`, unchanged.
    pub fn examined<T>(&mut self, examined: Result<T, Refusal>) -> Result<T, Refusal> {
        if examined.is_err()
            && let Some(payer) = &self.payer
        {
            // The price of a rejected document includes the base price.
            self.standing = self
                .rates
                .charge_afterwards(payer, REFUSED_DOCUMENT - LEAST);
        }
        examined
    }

    /// Charges the caller for an operation of the given cost. Returns `None` if the caller has no limit.
    ///
    /// # Errors
    ///
    /// When the caller has too little quota left, or the cost exceeds the whole quota.
    pub fn charge(&mut self, cost: u32) -> Result<Option<Charged>, Refusal> {
        let cost = cost.max(LEAST);
        if let (Some(payer), Some(_)) = (&self.payer, self.standing)
            && cost > LEAST
        {
            let paid = self.rates.charge_rest(payer, cost);
            self.standing = self.paid(paid, cost)?;
        }
        Ok(self.standing.map(|standing| Charged {
            cost,
            standing,
            at: Utc::now(),
        }))
    }

    /// Returns the account that pays for the events of a subscription. `None` for other operations.
    pub fn toll(&self, kind: OperationType) -> Option<Toll> {
        let payer = self.payer.clone()?;
        (kind == OperationType::Subscription).then(|| Toll {
            rates: Arc::clone(&self.rates),
            payer,
        })
    }

    /// Adds the rate-limit headers to a response, if there is a limit.
    pub fn mark(&self, mut response: HttpResponse) -> HttpResponse {
        let Some(standing) = self.standing else {
            return response;
        };
        for (name, value) in [
            (RATE_LIMIT, told(&standing)),
            (RATE_LIMIT_POLICY, policy(&standing.policy)),
        ] {
            // The value is ASCII, so it is valid in a header.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Records the result of a charge and converts its error. `cost` is the total cost of the request.
    fn paid(
        &mut self,
        paid: Result<Option<Standing>, Unpaid>,
        cost: u32,
    ) -> Result<Option<Standing>, Refusal> {
        paid.map_err(|unpaid| {
            if let Unpaid::Later { standing, .. } = unpaid {
                self.standing = Some(standing);
            }
            refusal(unpaid, cost)
        })
    }
}

/// The account that pays for the events of a subscription.
#[derive(Debug)]
pub struct Toll {
    rates: Arc<Rates>,
    payer: Payer,
}

/// Charges each result of a stream. A subscription does not end when the quota is used up, because a caller can't
/// predict the number of events. The caller's other requests are rejected instead.
pub fn tolled(
    outcomes: impl Stream<Item = Outcome>,
    toll: Option<Toll>,
) -> impl Stream<Item = Outcome> {
    outcomes.inspect(move |outcome| {
        if let (Outcome::Next(_), Some(Toll { rates, payer })) = (outcome, &toll) {
            rates.charge_afterwards(payer, LEAST);
        }
    })
}

fn refusal(unpaid: Unpaid, cost: u32) -> Refusal {
    match unpaid {
        Unpaid::Later { standing, wait } => {
            let Standing { policy, remaining } = standing;
            let seconds = seconds(wait).max(1);
            let message = format!(
                "rate limit of this {} exceeded: {} cost units per minute, with a burst of {}; this request costs {cost} and {remaining} are left; try again in {seconds} s",
                policy.name, policy.per_minute, policy.burst,
            );
            let error = error(message, policy, cost, Some(remaining));
            let retry_after = u32::try_from(seconds).unwrap_or(u32::MAX);
            Refusal::with_status(StatusCode::TOO_MANY_REQUESTS, error, code::RATE_LIMITED)
                .retry_after(retry_after)
        }
        Unpaid::Never(policy) => {
            let message = format!(
                "this request costs {cost} cost units, and the rate limit of this {} allows a burst of {} at most; request less data",
                policy.name, policy.burst,
            );
            let error = error(message, policy, cost, None);
            Refusal::document(vec![error], code::RATE_BURST_EXCEEDED)
        }
    }
}

fn error(message: String, policy: Policy, cost: u32, remaining: Option<u32>) -> ServerError {
    let mut error = ServerError::new(message, None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("limit", policy.burst.get());
    extensions.set("cost", cost);
    if let Some(remaining) = remaining {
        extensions.set("remaining", remaining);
    }
    error
}

/// Formats the remaining quota and the seconds until it is full again: `"address";r=999999;t=1`.
fn told(standing: &Standing) -> String {
    let Standing { policy, remaining } = standing;
    let full_in = seconds(standing.full_in());
    format!("\"{}\";r={remaining};t={full_in}", policy.name)
}

/// Formats the quota, its unit and the seconds in which it refills: `"address";q=1000000;qu="cost";w=20`.
fn policy(policy: &Policy) -> String {
    let window = seconds(policy.time_for(policy.burst.get())).max(1);
    format!(
        "\"{}\";q={};qu=\"cost\";w={window}",
        policy.name, policy.burst
    )
}

/// Rounds up to whole seconds.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn headers_are_structured_fields() {
        let limit = Policy {
            name: "address",
            per_minute: NonZeroU32::new(600).unwrap(),
            burst: NonZeroU32::new(25).unwrap(),
        };
        let standing = Standing {
            policy: limit,
            remaining: 4,
        };
        assert_eq!(told(&standing), "\"address\";r=4;t=3");
        assert_eq!(policy(&limit), "\"address\";q=25;qu=\"cost\";w=3");
    }
}
