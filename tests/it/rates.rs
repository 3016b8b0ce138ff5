//! Rate limits: who pays, how much, and what they are told.

mod addresses;
mod sockets;

use std::time::Duration;

use chrono::{DateTime, Utc};
use marquee::access::Role;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// A server whose addresses save up `burst` cost units, of which one comes back in a minute, and its tokens a hundred times as much.
pub async fn limited(burst: u32, more: &[&str]) -> TestServer {
    let database = TestDatabase::demo().await;
    limited_over(database, burst, more)
}

/// The same over a database.
pub fn limited_over(database: TestDatabase, burst: u32, more: &[&str]) -> TestServer {
    let (address, token) = (
        format!("--rate-burst={burst}"),
        format!("--token-rate-burst={}", 100 * burst),
    );
    let limits = ["--rate-limit=1", &address, "--token-rate-limit=1", &token];
    let arguments: Vec<&str> = limits.into_iter().chain(more.iter().copied()).collect();
    TestServer::with(database, &arguments)
}

/// A request with a document.
pub fn asking(server: &TestServer, document: &str) -> RequestBuilder {
    let request = server.client().post(server.url("/graphql"));
    request.json(&json!({ "query": document }))
}

/// What a header of an answer says.
pub fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(value.to_str().unwrap().to_owned())
}

/// How much is left, by the header that tells it.
pub fn remaining(response: &Response) -> u32 {
    let told = header(response, "ratelimit").expect("a header RateLimit");
    let (_, rest) = told.split_once(";r=").unwrap();
    let (remaining, _) = rest.split_once(";t=").unwrap();
    remaining.parse().unwrap()
}

/// What the first error of an answer's body says.
pub async fn error(response: Response) -> (String, Value) {
    let mut body: Value = response.json().await.unwrap();
    let mut error = body["errors"][0].take();
    let code = error["extensions"]["code"].as_str().map(str::to_owned);
    (code.expect("an error with a code"), error.take())
}

#[tokio::test]
async fn who_has_spent_all_is_told_by_status_header_and_words_when_to_come_back() {
    let server = limited(3, &[]).await;
    for left in [2, 1, 0] {
        let answer = asking(&server, "{ __typename }").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(remaining(&answer), left);
    }
    for accept in ["application/json", "application/graphql-response+json"] {
        let request = asking(&server, "{ __typename }").header("accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 429);
        let retry: u64 = header(&answer, "retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&retry), "{retry}");
        assert_eq!(
            header(&answer, "ratelimit").unwrap().split(";t=").next(),
            Some("\"address\";r=0")
        );
        let policy = header(&answer, "ratelimit-policy").unwrap();
        assert_eq!(policy, "\"address\";q=3;qu=\"cost\";w=180");
        let (code, error) = error(answer).await;
        assert_eq!(code, "RATE_LIMITED");
        let told = &error["extensions"];
        assert_eq!(
            (&told["limit"], &told["cost"], &told["remaining"]),
            (&json!(3), &json!(1), &json!(0))
        );
        let words = error["message"].as_str().unwrap();
        assert!(
            words.contains("at most 3 saved up")
                && words.contains(&format!("try again in {retry} s")),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_bucket_refills() {
    let server = TestServer::with(
        TestDatabase::empty().await,
        &["--rate-limit=120", "--rate-burst=1"],
    );
    let ask = async || asking(&server, "{ __typename }").send().await.unwrap();
    assert_eq!(ask().await.status(), 200);
    let mut refused = 0;
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while ask().await.status() == 429 {
        refused += 1;
        assert!(tokio::time::Instant::now() < until, "nothing came back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn what_is_asked_tells_what_it_cost_and_what_is_left() {
    let server = limited(1_000, &[]).await;
    let before = Utc::now();
    let answer = asking(&server, "{ rateLimit { limit cost remaining resetAt } }");
    let answer = answer.send().await.unwrap();
    let left = remaining(&answer);
    let body: Value = answer.json().await.unwrap();
    let told = &body["data"]["rateLimit"];
    assert_eq!(told["limit"], 1_000);
    let cost = u32::try_from(told["cost"].as_u64().unwrap()).unwrap();
    assert!(cost >= 1);
    assert_eq!(told["remaining"], 1_000 - cost);
    assert_eq!(left, 1_000 - cost);
    // One comes back in a minute.
    let reset: DateTime<Utc> = told["resetAt"].as_str().unwrap().parse().unwrap();
    let minutes = (reset - before).num_seconds() / 60;
    assert!(
        (i64::from(cost) - 1..=i64::from(cost) + 1).contains(&minutes),
        "{told}"
    );
}

#[tokio::test]
async fn without_a_limit_there_is_nothing_to_tell() {
    let server = TestServer::with(TestDatabase::empty().await, &["--rate-limit=0"]);
    let answer = asking(&server, "{ rateLimit { limit } }")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&answer, "ratelimit"), None);
    assert_eq!(header(&answer, "ratelimit-policy"), None);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body, json!({ "data": { "rateLimit": null } }));
}

#[tokio::test]
async fn each_token_pays_for_itself() {
    let database = TestDatabase::demo().await;
    let [one, other] = [
        database.token(Role::Editor, None).await,
        database.token(Role::Editor, None).await,
    ];
    let server = limited_over(database, 2, &[]);
    let ask = async |token: Option<&str>| {
        let mut request = asking(&server, "{ __typename }");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    };
    // Credentials that nobody knows are paid for by the address, once.
    let answer = ask(Some(&one)).await;
    assert_eq!(
        header(&answer, "ratelimit-policy").unwrap(),
        "\"token\";q=200;qu=\"cost\";w=12000"
    );
    assert_eq!(remaining(&answer), 199);
    assert_eq!(remaining(&ask(Some(&one)).await), 198);
    assert_eq!(remaining(&ask(Some(&other)).await), 199);
    // With those two the address has spent all it had, which is no matter of theirs.
    assert_eq!(ask(None).await.status(), 429);
    assert_eq!(remaining(&ask(Some(&other)).await), 198);
}

#[tokio::test]
async fn bad_credentials_are_paid_for_by_the_address_until_they_are_not_even_looked_up() {
    let database = TestDatabase::demo().await;
    let good = database.token(Role::Editor, None).await;
    let server = limited_over(database, 600, &[]);
    let ask = async |path: &str, token: &str| {
        let body = json!({ "query": "{ __typename }" });
        let request = match path {
            "/graphql" => server.client().post(server.url(path)).json(&body),
            _ => server.client().get(server.url(path)),
        };
        request.bearer_auth(token).send().await.unwrap()
    };
    assert_eq!(ask("/graphql", &good).await.status(), 200);
    let bad = format!("{}x", &good[..good.len() - 1]);
    let refused = ask("/schema.graphql", &bad).await;
    assert_eq!((refused.status().as_u16(), remaining(&refused)), (401, 98));
    assert_eq!(ask("/graphql", &bad).await.status(), 401);
    for path in ["/graphql", "/schema.graphql"] {
        let refused = ask(path, &bad).await;
        assert_eq!(refused.status(), 429, "{path}");
        assert_eq!(error(refused).await.0, "RATE_LIMITED");
    }
    // Who is known goes on from the same address.
    assert_eq!(ask("/graphql", &good).await.status(), 200);
}

#[tokio::test]
async fn a_document_that_is_refused_costs_something_as_well() {
    let server = limited(1_600, &[]).await;
    let body = |body: &'static str| {
        let request = server.client().post(server.url("/graphql"));
        let request = request.header("content-type", "application/json");
        request.body(body)
    };
    for (sent, left) in [
        (r#"{"query": "{"}"#, 1_100),
        (r#"{"query": "#, 600),
        (r#"{"query": "query A { a } query B { b }"}"#, 100),
        (r#"{"query": "{"}"#, 0),
    ] {
        let answer = body(sent).send().await.unwrap();
        assert_eq!(remaining(&answer), left, "{sent}");
    }
    assert_eq!(
        body(r#"{"query": "{"}"#).send().await.unwrap().status(),
        429
    );
}

#[tokio::test]
async fn pages_of_other_origins_may_read_the_headers() {
    let server = limited(10, &["--allowed-origin=https://films.example"]).await;
    let request = asking(&server, "{ __typename }").header("origin", "https://films.example");
    let exposed = header(
        &request.send().await.unwrap(),
        "access-control-expose-headers",
    );
    let exposed = exposed.unwrap().to_lowercase();
    for name in ["ratelimit", "ratelimit-policy", "retry-after"] {
        assert!(exposed.split(", ").any(|one| one == name), "{exposed}");
    }
}
