//! What a request is charged, by whatever it came.
//!
//! Whoever shows credentials that nobody knows pays for the look-up, by their address. Once it is known who asks, they pay [`LEAST`] for
//! being heard; then what the operation costs, or what it cost to read a document that is refused. All of it comes before execution.

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

/// How who asks stands, and the rules of it, as the drafts of the IETF's working group HTTPAPI have it.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// See [`RATE_LIMIT`].
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Charges one request.
#[derive(Debug)]
pub struct Meter {
    rates: Arc<Rates>,
    address: Payer,
    /// Who pays, once that is known.
    payer: Option<Payer>,
    /// How who paid last stands since.
    standing: Option<Standing>,
}

impl Meter {
    /// For a request from an address.
    pub fn new(rates: Arc<Rates>, address: IpAddr) -> Self {
        Self {
            rates,
            address: Payer::Address(counted(address)),
            payer: None,
            standing: None,
        }
    }

    /// Has credentials looked up that are known, or paid for by the address that shows them.
    ///
    /// # Errors
    ///
    /// When the address has shown too many bad ones, or has spent all it had by other means.
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

    /// Charges who asks for being heard, or the address for bad credentials.
    ///
    /// # Errors
    ///
    /// When it isn't known who asks, or they have nothing left.
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

    /// Charges who asks for a document that is refused.
    ///
    /// # Errors
    ///
    /// Those that there are already.
    pub fn examined<T>(&mut self, examined: Result<T, Refusal>) -> Result<T, Refusal> {
        if examined.is_err()
            && let Some(payer) = &self.payer
        {
            // What was paid for being heard is part of it.
            self.standing = self
                .rates
                .charge_afterwards(payer, REFUSED_DOCUMENT - LEAST);
        }
        examined
    }

    /// Charges who asks for what is to be executed. `None` if there is no limit for them.
    ///
    /// # Errors
    ///
    /// When they haven't got that much, or never can have.
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

    /// By which an operation's events are charged, if it is one that has some.
    pub fn toll(&self, kind: OperationType) -> Option<Toll> {
        let payer = self.payer.clone()?;
        (kind == OperationType::Subscription).then(|| Toll {
            rates: Arc::clone(&self.rates),
            payer,
        })
    }

    /// Tells by headers how who asks stands.
    pub fn mark(&self, mut answer: HttpResponse) -> HttpResponse {
        let Some(standing) = self.standing else {
            return answer;
        };
        for (name, value) in [
            (RATE_LIMIT, told(&standing)),
            (RATE_LIMIT_POLICY, policy(&standing.policy)),
        ] {
            // Words and numbers of ours are fit for a header.
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }

    /// What became of a payment of `cost` units in all.
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

/// Charges the events of a subscription.
#[derive(Debug)]
pub struct Toll {
    rates: Arc<Rates>,
    payer: Payer,
}

/// The same outcomes, of which each result is charged. A subscription doesn't end by that: nobody can tell beforehand how much will happen, and
/// who has nothing left has still less for whatever else they ask.
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
                "the rate limit of this {} is {} cost units a minute, and at most {} saved up: this request costs {cost}, and {remaining} are left; try again in {seconds} s",
                policy.name, policy.per_minute, policy.burst,
            );
            let error = error(message, policy, cost, Some(remaining));
            let retry_after = u32::try_from(seconds).unwrap_or(u32::MAX);
            Refusal::with_status(StatusCode::TOO_MANY_REQUESTS, error, code::RATE_LIMITED)
                .retry_after(retry_after)
        }
        Unpaid::Never(policy) => {
            let message = format!(
                "this request costs {cost} cost units, and the rate limit of this {} never lets more than {} be saved up",
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

/// `"address";r=999999;t=1`: what remains, and in how many seconds all of it is back.
fn told(standing: &Standing) -> String {
    let Standing { policy, remaining } = standing;
    let full_in = seconds(standing.full_in());
    format!("\"{}\";r={remaining};t={full_in}", policy.name)
}

/// `"address";q=1000000;qu="cost";w=20`: how much there is at most, in which unit, and in how many seconds it refills.
fn policy(policy: &Policy) -> String {
    let window = seconds(policy.time_for(policy.burst.get())).max(1);
    format!(
        "\"{}\";q={};qu=\"cost\";w={window}",
        policy.name, policy.burst
    )
}

/// Whole seconds, in which all of it is over.
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
