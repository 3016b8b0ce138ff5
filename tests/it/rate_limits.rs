//! Rate limits: the bucket that is charged, the charge, and the response headers.

mod client_addresses;
mod credentials;
mod shares;
mod sockets;
mod used_time;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// The cost of `{ __typename }`.
pub const TYPENAME_COST: u32 = 101;

/// Starts a server whose buckets of addresses hold `burst` cost units and refill one unit a minute. Buckets of tokens
/// have a hundred times as much of both. Time is not charged unless `more` says so.
pub async fn limited(burst: u32, more: &[&str]) -> TestServer {
    let database = TestDatabase::demo().await;
    limited_on(database, burst, more)
}

/// Starts such a server on a database.
pub fn limited_on(database: TestDatabase, burst: u32, more: &[&str]) -> TestServer {
    let (address, token) = (
        format!("--rate-burst={burst}"),
        format!("--token-rate-burst={}", 100 * burst),
    );
    let limits = ["--rate-limit=1", &address, "--token-rate-limit=1", &token];
    let mut arguments: Vec<&str> = limits.into_iter().chain(more.iter().copied()).collect();
    let sets_unit_time = |argument: &&str| argument.starts_with("--cost-unit-time=");
    if !more.iter().any(sets_unit_time) {
        arguments.push("--cost-unit-time=0");
    }
    TestServer::with_arguments(database, &arguments)
}

/// Returns a request with a document.
pub fn graphql_request(server: &TestServer, document: &str) -> RequestBuilder {
    let request = server.client().post(server.url("/graphql"));
    request.json(&json!({ "query": document }))
}

/// Returns a header of a response.
pub fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(value.to_str().unwrap().to_owned())
}

/// Returns the remaining units by the `RateLimit` header.
pub fn remaining(response: &Response) -> u32 {
    let value = header(response, "ratelimit").expect("a header RateLimit");
    let (_, rest) = value.split_once(";r=").unwrap();
    let (remaining, _) = rest.split_once(";t=").unwrap();
    remaining.parse().unwrap()
}

/// Returns the code and the object of the first error of a response.
pub async fn error(response: Response) -> (String, Value) {
    let mut body: Value = response.json().await.unwrap();
    let mut error = body["errors"][0].take();
    let code = error["extensions"]["code"].as_str().map(str::to_owned);
    (code.expect("an error with a code"), error.take())
}

#[tokio::test]
async fn a_client_over_its_rate_limit_gets_429_with_retry_after() {
    let server = limited(3 * TYPENAME_COST, &[]).await;
    for left in [2 * TYPENAME_COST, TYPENAME_COST, 0] {
        let response = graphql_request(&server, "{ __typename }")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(remaining(&response), left);
    }
    for accept in ["application/json", "application/graphql-response+json"] {
        let request = graphql_request(&server, "{ __typename }").header("accept", accept);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 429);
        let retry: u64 = header(&response, "retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&retry), "{retry}");
        assert_eq!(
            header(&response, "ratelimit").unwrap().split(";t=").next(),
            Some("\"address\";r=0")
        );
        let policy = header(&response, "ratelimit-policy").unwrap();
        assert_eq!(policy, "\"address\";q=303;qu=\"cost\";w=18180");
        let (code, error) = error(response).await;
        assert_eq!(code, "RATE_LIMITED");
        let extensions = &error["extensions"];
        assert_eq!(
            (
                &extensions["limit"],
                &extensions["cost"],
                &extensions["remaining"]
            ),
            (&json!(303), &json!(1), &json!(0))
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("with a burst of 303;")
                && message.contains(&format!("try again in {retry} s")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_request_is_charged_before_it_waits_for_the_response_to_an_identical_one() {
    let server = limited(300, &["--answer-cache=8"]).await;
    server.clear_caches().await;
    let connection = server.database.connect(2);
    let transaction = crate::outage::lock_tables(&connection, "film").await;
    let films = || graphql_request(&server, "{ films { nodes { title } } }").send();
    let second = async {
        crate::outage::wait_for_running(&connection, 1).await;
        // The first request is still waiting for the table.
        let response = films().await.unwrap();
        transaction.rollback().await.unwrap();
        response
    };
    let (first, second) = futures_util::future::join(films(), second).await;
    assert_eq!(first.unwrap().status(), 200);
    assert_eq!(second.status(), 429);
    assert_eq!(error(second).await.0, "RATE_LIMITED");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_bucket_refills() {
    let server = TestServer::with_arguments(
        TestDatabase::empty().await,
        &["--rate-limit=12000", "--rate-burst=101"],
    );
    let send = async || {
        graphql_request(&server, "{ __typename }")
            .send()
            .await
            .unwrap()
    };
    assert_eq!(send().await.status(), 200);
    let mut rejected = 0;
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while send().await.status() == 429 {
        rejected += 1;
        assert!(
            tokio::time::Instant::now() < until,
            "the bucket does not refill"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(rejected > 0);
}

#[tokio::test]
async fn the_rate_limit_field_reports_cost_and_remaining_units() {
    let server = limited(1_000, &[]).await;
    let before = Utc::now();
    let response = graphql_request(&server, "{ rateLimit { limit cost remaining resetAt } }");
    let response = response.send().await.unwrap();
    let left = remaining(&response);
    let body: Value = response.json().await.unwrap();
    let limit = &body["data"]["rateLimit"];
    assert_eq!(limit["limit"], 1_000);
    let cost = u32::try_from(limit["cost"].as_u64().unwrap()).unwrap();
    assert!(cost >= 1);
    assert_eq!(limit["remaining"], 1_000 - cost);
    assert_eq!(left, 1_000 - cost);
    // The bucket refills one unit a minute.
    let reset: DateTime<Utc> = limit["resetAt"].as_str().unwrap().parse().unwrap();
    let minutes = (reset - before).num_seconds() / 60;
    assert!(
        (i64::from(cost) - 1..=i64::from(cost) + 1).contains(&minutes),
        "{limit}"
    );
}

#[tokio::test]
async fn without_a_limit_there_are_no_headers() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--rate-limit=0"]);
    let response = graphql_request(&server, "{ rateLimit { limit } }")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&response, "ratelimit"), None);
    assert_eq!(header(&response, "ratelimit-policy"), None);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({ "data": { "rateLimit": null } }));
}

#[tokio::test]
async fn allowed_origins_may_read_the_headers() {
    let server = limited(1_000, &["--allowed-origin=https://films.example"]).await;
    let request =
        graphql_request(&server, "{ __typename }").header("origin", "https://films.example");
    let exposed = header(
        &request.send().await.unwrap(),
        "access-control-expose-headers",
    );
    let exposed = exposed.unwrap().to_lowercase();
    for name in ["ratelimit", "ratelimit-policy", "retry-after"] {
        assert!(exposed.split(", ").any(|one| one == name), "{exposed}");
    }
}

/// The clock of the server is not that of the test, but it doesn't run backwards.
#[tokio::test]
async fn a_client_that_ignores_retry_after_waits_for_its_rejections() {
    let server = limited(TYPENAME_COST, &[]).await;
    let request = || graphql_request(&server, "{ __typename }").send();
    assert_eq!(request().await.unwrap().status(), 200);
    let started_at = Instant::now();
    for _ in 0..30 {
        assert_eq!(request().await.unwrap().status(), 429);
    }
    // Twenty rejections come at once, and twenty a second.
    assert!(started_at.elapsed() >= Duration::from_millis(450));
}
