//! A client that retries a mutation until its result is final.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::workload::{Task, TokenOwner};
use crate::support::test_rng::TestRng;

/// The timeout of one task with all of its retries.
const TASK_TIMEOUT: Duration = Duration::from_mins(1);

/// The timeout of a request, except for impatient ones, which are cancelled while the server processes them.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// One request in this many is impatient, or sent twice at once, respectively.
const IMPATIENT: usize = 25;
const OVERZEALOUS: usize = 25;

const IMPATIENT_CLIENT: &str = "impatient client";

const DOCUMENT: &str = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { id } userErrors { code } } }";

/// The final result of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FinalResult {
    /// The review was added; this is its id.
    Added(String),
    /// The mutation was rejected with these codes.
    Rejected(String),
}

/// The number of retries by reason.
pub type Retries = BTreeMap<String, u32>;

/// The API tokens of the clients.
#[derive(Debug)]
pub struct Tokens {
    pub editors: Vec<String>,
    pub critics: Vec<String>,
}

impl Tokens {
    fn of(&self, by: TokenOwner) -> &str {
        match by {
            TokenOwner::Editor(number) => &self.editors[number],
            TokenOwner::Critic(critic) => &self.critics[critic - 1],
        }
    }
}

/// The target and the timeout of one request.
#[derive(Clone, Copy)]
struct Attempt {
    address: SocketAddr,
    is_impatient: bool,
    timeout: Duration,
}

/// A client that uses all servers.
pub struct Client {
    http: reqwest::Client,
    addresses: Vec<SocketAddr>,
    tokens: Arc<Tokens>,
    rng: TestRng,
    pub retries: Retries,
}

impl Client {
    pub fn new(addresses: &[SocketAddr], tokens: Arc<Tokens>, rng: TestRng) -> Self {
        Self {
            http: reqwest::Client::new(),
            addresses: addresses.to_vec(),
            tokens,
            rng,
            retries: Retries::new(),
        }
    }

    /// Sends a task with its idempotency key until the result is final.
    pub async fn run_task(&mut self, task: &Task) -> FinalResult {
        let start = Instant::now();
        let request = json!({ "query": DOCUMENT, "variables": { "input": task.input() } });
        loop {
            let result = if self.rng.one_in(OVERZEALOUS) {
                self.send_twice(task, &request).await
            } else {
                let way = self.choose_attempt();
                self.send_once(way, task, &request).await
            };
            let why = match result {
                Ok(result) => return result,
                Err(why) => why,
            };
            assert!(
                start.elapsed() < TASK_TIMEOUT,
                "{why}, after the last retry: {task:?}"
            );
            if why != IMPATIENT_CLIENT {
                let pause = 20 + self.rng.below(200) as u64;
                sleep(Duration::from_millis(pause)).await;
            }
            *self.retries.entry(why).or_default() += 1;
        }
    }

    /// Sends the same request twice at the same time, to one or two servers. Both results must be equal.
    async fn send_twice(&mut self, task: &Task, request: &Value) -> Result<FinalResult, String> {
        let (one, other) = (self.choose_attempt(), self.choose_attempt());
        let both = join(
            self.send_once(one, task, request),
            self.send_once(other, task, request),
        );
        match both.await {
            (Ok(one), Ok(other)) => {
                assert_eq!(one, other, "{task:?}");
                Ok(one)
            }
            (Ok(result), Err(_)) | (Err(_), Ok(result)) => Ok(result),
            (Err(why), Err(_)) => Err(why),
        }
    }

    fn choose_attempt(&mut self) -> Attempt {
        let address = self.addresses[self.rng.below(self.addresses.len())];
        let is_impatient = self.rng.one_in(IMPATIENT);
        let patience = if is_impatient {
            Duration::from_millis(1 + self.rng.below(40) as u64)
        } else {
            REQUEST_TIMEOUT
        };
        Attempt {
            address,
            is_impatient,
            timeout: patience,
        }
    }

    /// Sends the request once. `Err` holds the reason for a retry.
    async fn send_once(
        &self,
        way: Attempt,
        task: &Task,
        request: &Value,
    ) -> Result<FinalResult, String> {
        let sending = self
            .http
            .post(format!("http://{}/graphql", way.address))
            .header("accept", "application/graphql-response+json")
            .bearer_auth(self.tokens.of(task.by))
            .timeout(way.timeout)
            .json(request)
            .send();
        let failed = |error: reqwest::Error| match () {
            () if error.is_timeout() && way.is_impatient => IMPATIENT_CLIENT.to_owned(),
            () if error.is_timeout() => "request timeout".to_owned(),
            () if error.is_connect() => "no connection".to_owned(),
            () => "broken connection".to_owned(),
        };
        let response = sending.await.map_err(failed)?;
        let status = response.status();
        let body: Value = match response.json().await {
            Ok(body) => body,
            Err(error) if error.is_decode() => panic!("{status} without JSON: {error}"),
            Err(error) => return Err(failed(error)),
        };
        parse_result(&body).unwrap_or_else(|| panic!("{status} {body}: {task:?}"))
    }
}

/// Parses a response: `Ok` is a final result, `Err` the reason for a retry. Returns `None` for an unexpected response.
fn parse_result(body: &Value) -> Option<Result<FinalResult, String>> {
    let payload = &body["data"]["addReview"];
    if let Some(errors) = body.get("errors") {
        let code = errors[0]["extensions"]["code"].as_str()?;
        return match code {
            "FORBIDDEN" => Some(Ok(FinalResult::Rejected(code.to_owned()))),
            // With a payload, the mutation has committed. With `UNAVAILABLE` and no payload, it has not begun.
            "RESULT_UNAVAILABLE" if payload.is_object() => Some(Err(code.to_owned())),
            "UNAVAILABLE" | "OUTCOME_UNKNOWN" if payload.is_null() => Some(Err(code.to_owned())),
            "INTERNAL" => Some(Err(code.to_owned())),
            _ => None,
        };
    }
    let codes: Vec<_> = payload["userErrors"]
        .as_array()?
        .iter()
        .map(|error| error["code"].as_str())
        .collect::<Option<_>>()?;
    match (payload["review"]["id"].as_str(), &codes[..]) {
        (Some(id), []) => Some(Ok(FinalResult::Added(id.to_owned()))),
        (None, [_, ..]) => Some(Ok(FinalResult::Rejected(codes.join(" ")))),
        _ => None,
    }
}

/// Returns whether a server can read from its database.
pub async fn is_healthy(address: SocketAddr) -> bool {
    let request = json!({ "query": "{ films(first: 1) { totalCount } }" });
    let sending = reqwest::Client::new()
        .post(format!("http://{address}/graphql"))
        .timeout(REQUEST_TIMEOUT)
        .json(&request)
        .send();
    let Ok(response) = sending.await else {
        return false;
    };
    response
        .json()
        .await
        .is_ok_and(|body: Value| body["data"]["films"]["totalCount"].is_u64())
}
