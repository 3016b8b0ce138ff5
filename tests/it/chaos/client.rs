//! A client that sends the same again until it knows what came of it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::plan::{By, Task};
use crate::support::chance::Chance;

/// How long one task may take, with all its tries.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a client waits for an answer unless it is one of the impatient ones, who give up while the server is at it.
const ANSWER: Duration = Duration::from_secs(20);

/// One request in so many is of an impatient client, and one in so many is sent twice at once.
const IMPATIENT: usize = 25;
const OVERZEALOUS: usize = 25;

const NO_PATIENCE: &str = "no patience";

const DOCUMENT: &str = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { id } userErrors { code } } }";

/// What a client was told in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Added, with the review's id.
    Added(String),
    /// Refused, with the codes.
    Refused(String),
}

/// Why requests were sent again, and how often.
pub type Retries = BTreeMap<String, u32>;

/// The tokens that there are.
#[derive(Debug)]
pub struct Tokens {
    pub editors: Vec<String>,
    pub critics: Vec<String>,
}

impl Tokens {
    fn of(&self, by: By) -> &str {
        match by {
            By::Editor(number) => &self.editors[number],
            By::Critic(critic) => &self.critics[critic - 1],
        }
    }
}

/// To whom a request goes, and how long its client waits.
#[derive(Clone, Copy)]
struct Way {
    address: SocketAddr,
    is_impatient: bool,
    patience: Duration,
}

/// One client, of all servers.
pub struct Client {
    http: reqwest::Client,
    addresses: Vec<SocketAddr>,
    tokens: Arc<Tokens>,
    chance: Chance,
    pub retries: Retries,
}

impl Client {
    pub fn new(addresses: &[SocketAddr], tokens: Arc<Tokens>, chance: Chance) -> Self {
        Self {
            http: reqwest::Client::new(),
            addresses: addresses.to_vec(),
            tokens,
            chance,
            retries: Retries::new(),
        }
    }

    /// Sends a task with its key until there is an answer.
    pub async fn settle(&mut self, task: &Task) -> Answer {
        let begun = Instant::now();
        let request = json!({ "query": DOCUMENT, "variables": { "input": task.input() } });
        loop {
            let answer = if self.chance.once_in(OVERZEALOUS) {
                self.ask_twice(task, &request).await
            } else {
                let way = self.choose();
                self.ask(way, task, &request).await
            };
            let why = match answer {
                Ok(answer) => return answer,
                Err(why) => why,
            };
            assert!(
                begun.elapsed() < PATIENCE,
                "{why}, after all this time: {task:?}"
            );
            if why != NO_PATIENCE {
                let pause = 20 + self.chance.below(200) as u64;
                sleep(Duration::from_millis(pause)).await;
            }
            *self.retries.entry(why).or_default() += 1;
        }
    }

    /// Sends the same to two servers, or twice to one, at the same time. What both say has to be the same.
    async fn ask_twice(&mut self, task: &Task, request: &Value) -> Result<Answer, String> {
        let (one, other) = (self.choose(), self.choose());
        let both = join(self.ask(one, task, request), self.ask(other, task, request));
        match both.await {
            (Ok(one), Ok(other)) => {
                assert_eq!(one, other, "{task:?}");
                Ok(one)
            }
            (Ok(answer), Err(_)) | (Err(_), Ok(answer)) => Ok(answer),
            (Err(why), Err(_)) => Err(why),
        }
    }

    fn choose(&mut self) -> Way {
        let address = self.addresses[self.chance.below(self.addresses.len())];
        let is_impatient = self.chance.once_in(IMPATIENT);
        let patience = if is_impatient {
            Duration::from_millis(1 + self.chance.below(40) as u64)
        } else {
            ANSWER
        };
        Way {
            address,
            is_impatient,
            patience,
        }
    }

    /// Sends it once; `Err` says why that settles nothing.
    async fn ask(&self, way: Way, task: &Task, request: &Value) -> Result<Answer, String> {
        let sending = self
            .http
            .post(format!("http://{}/graphql", way.address))
            .header("accept", "application/graphql-response+json")
            .bearer_auth(self.tokens.of(task.by))
            .timeout(way.patience)
            .json(request)
            .send();
        let failed = |error: reqwest::Error| match () {
            () if error.is_timeout() && way.is_impatient => NO_PATIENCE.to_owned(),
            () if error.is_timeout() => "no answer in time".to_owned(),
            () if error.is_connect() => "no connection".to_owned(),
            () => "a connection that broke".to_owned(),
        };
        let response = sending.await.map_err(failed)?;
        let status = response.status();
        let body: Value = match response.json().await {
            Ok(body) => body,
            Err(error) if error.is_decode() => panic!("{status} without JSON: {error}"),
            Err(error) => return Err(failed(error)),
        };
        read(&body).unwrap_or_else(|| panic!("{status} {body}: {task:?}"))
    }
}

/// What an answer says: one that settles the matter, or why it doesn't. `None` for one that should never come.
fn read(body: &Value) -> Option<Result<Answer, String>> {
    let payload = &body["data"]["addReview"];
    if let Some(errors) = body.get("errors") {
        let code = errors[0]["extensions"]["code"].as_str()?;
        return match code {
            "FORBIDDEN" => Some(Ok(Answer::Refused(code.to_owned()))),
            // What has a payload has ended, and what is unavailable has not begun.
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
        (Some(id), []) => Some(Ok(Answer::Added(id.to_owned()))),
        (None, [_, ..]) => Some(Ok(Answer::Refused(codes.join(" ")))),
        _ => None,
    }
}

/// Whether a server reads from its database.
pub async fn is_well(address: SocketAddr) -> bool {
    let request = json!({ "query": "{ films(first: 1) { totalCount } }" });
    let sending = reqwest::Client::new()
        .post(format!("http://{address}/graphql"))
        .timeout(ANSWER)
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
