//! The callers that send expensive operations, in a process of their own.

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{operations, program::block_on};

/// One of this many requests of a writer adds a review.
const WRITE_INTERVAL: usize = 4;

/// What distinguishes the callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Addresses,
    Tokens,
    /// Addresses that also add reviews, with tokens.
    Writers,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Addresses, Self::Tokens, Self::Writers];

    pub fn name(self) -> &'static str {
        match self {
            Self::Addresses => "addresses",
            Self::Tokens => "tokens",
            Self::Writers => "writers",
        }
    }

    fn of_name(name: &str) -> Self {
        let mut kinds = Self::ALL.into_iter();
        kinds.find(|kind| kind.name() == name).unwrap()
    }
}

/// Sends requests for this many seconds, one caller for each token, and prints the numbers of responses by status.
pub fn run(url: &str, seconds: u64) {
    let kind = Kind::of_name(&env::var("CALLERS").unwrap());
    let tokens = env::var("TOKENS").unwrap();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let callers = tokens
        .split(' ')
        .enumerate()
        .map(|(index, token)| call(url, kind, index, token, deadline));
    let statuses = block_on(futures_util::future::join_all(callers));
    let mut sums: BTreeMap<u16, usize> = BTreeMap::new();
    for (status, count) in statuses.into_iter().flatten() {
        *sums.entry(status).or_default() += count;
    }
    println!("{sums:?}");
}

/// Sends requests as one caller, one after the other.
async fn call(
    url: &str,
    kind: Kind,
    index: usize,
    token: &str,
    deadline: Instant,
) -> BTreeMap<u16, usize> {
    let client = reqwest::Client::new();
    let expensive = operations::expensive();
    let mut statuses = BTreeMap::new();
    // Callers start at different operations.
    for number in (index * 31).. {
        if Instant::now() >= deadline {
            break;
        }
        let writes = kind == Kind::Writers && number.is_multiple_of(WRITE_INTERVAL);
        let body: &Value = if writes {
            &operations::add_review(number)
        } else {
            &expensive[number % expensive.len()]
        };
        let mut request = client
            .post(url)
            .header("x-forwarded-for", format!("10.1.1.{index}"))
            .json(body);
        if writes || kind == Kind::Tokens {
            request = request.bearer_auth(token);
        }
        let status = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                // The body may end with the connection.
                let _ = response.bytes().await;
                status
            }
            Err(_) => 0,
        };
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}
