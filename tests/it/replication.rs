//! A primary with a standby: what is acknowledged is on both.

mod failover;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use marquee::global_id::{GlobalId, Kind};
use reqwest::blocking::Client;
use serde_json::{Value, json};

use crate::support::{
    postgres::{Address, Postgres},
    program::{Program, marquee, run},
};

/// Makes commits wait until the standby has them.
const SYNCHRONOUS: &str = "synchronous_standby_names=*";

/// A server before a primary with a standby.
struct Fixture {
    primary: Postgres,
    standby: Postgres,
    address: Address,
    server: Program,
    client: Client,
    token: String,
}

impl Fixture {
    /// Starts all of them, with one film.
    fn new(primary_settings: &[&str]) -> Self {
        let (primary, standby) = Postgres::with_standby(primary_settings);
        let address = Address::of(&primary);
        let url = address.url();
        primary
            .session()
            .execute("INSERT INTO film (slug, title) VALUES ('ferry', 'The Quiet Ferry')");
        let created = ["token", "create", "--role=editor", "--database-url", &url];
        let token = run(marquee(&created)).output().trim().to_owned();
        let server = Program::ready(marquee(&[
            "serve",
            "--listen=127.0.0.1:0",
            "--workers=1",
            "--request-timeout=2",
            "--answer-cache=0",
            "--token-rate-limit=0",
            "--database-url",
            &url,
        ]));
        Self {
            primary,
            standby,
            address,
            server,
            client: Client::new(),
            token,
        }
    }

    fn send(&self, request: &Value) -> Value {
        let url = format!("http://{}/graphql", self.server.address());
        let request = self.client.post(url).bearer_auth(&self.token).json(request);
        request.send().unwrap().json().unwrap()
    }

    /// Adds a review with a key, and returns the code of the error or `None`.
    fn add(&self, key: &str) -> Option<String> {
        let body = self.send(&add_review(key));
        if let Some(code) = body["errors"][0]["extensions"]["code"].as_str() {
            return Some(code.to_owned());
        }
        assert_eq!(
            body["data"]["addReview"]["review"]["excerpt"], key,
            "{body}"
        );
        None
    }

    /// Retries a key until its result is known.
    fn add_until_known(&self, key: &str) {
        for _ in 0..20 {
            match self.add(key).as_deref() {
                None => return,
                Some("OUTCOME_UNKNOWN" | "UNAVAILABLE" | "DEADLINE_EXCEEDED") => {}
                Some(other) => panic!("{other}"),
            }
        }
        panic!("no result: {}", self.server.log());
    }
}

/// Returns a mutation that adds a review with this key and excerpt to the film.
fn add_review(key: &str) -> Value {
    let film = GlobalId {
        kind: Kind::Film,
        key: 1,
    };
    let input =
        json!({"film": film.encode(), "excerpt": key, "sentiment": "MIXED", "idempotencyKey": key});
    let document = "mutation($input: AddReviewInput!) { addReview(input: $input) { review { excerpt } userErrors { code } } }";
    json!({"query": document, "variables": {"input": input}})
}

/// Returns the number of reviews with this excerpt.
fn reviews(server: &Postgres, excerpt: &str) -> String {
    let sql = format!("SELECT count(*)::text AS value FROM review WHERE excerpt = '{excerpt}'");
    server.session().value(&sql)
}

#[test]
fn a_review_is_not_acknowledged_before_the_synchronous_standby_has_it() {
    let mut fixture = Fixture::new(&[SYNCHRONOUS]);
    assert_eq!(fixture.add("first"), None);
    fixture.standby.crash();
    assert_eq!(fixture.add("lost?").as_deref(), Some("OUTCOME_UNKNOWN"));
    // The commit still waits, and a retry waits for it.
    for _ in 0..2 {
        assert!(fixture.add("lost?").is_some());
    }
    assert_eq!(reviews(&fixture.primary, "lost?"), "0");
    fixture.primary.crash();
    fixture.standby.restart();
    fixture.standby.promote();
    fixture.address.lead_to(&fixture.standby);
    fixture.primary.stand_by(&fixture.standby);
    fixture.add_until_known("lost?");
    assert_eq!(fixture.add("first"), None);
    for excerpt in ["first", "lost?"] {
        assert_eq!(reviews(&fixture.standby, excerpt), "1", "{excerpt}");
    }
}

#[test]
fn a_stored_outcome_is_not_repeated_before_the_synchronous_standby_has_it() {
    let mut fixture = Fixture::new(&[SYNCHRONOUS]);
    fixture.standby.crash();
    assert_eq!(fixture.add("local").as_deref(), Some("OUTCOME_UNKNOWN"));
    // After the recovery, the commit is done on the primary, and the standby doesn't have it.
    fixture.primary.crash();
    fixture.primary.restart();
    assert_eq!(reviews(&fixture.primary, "local"), "1");
    for _ in 0..2 {
        assert!(fixture.add("local").is_some());
    }
    fixture.standby.restart();
    fixture.add_until_known("local");
    assert_eq!(reviews(&fixture.primary, "local"), "1");
    // The standby has it now.
    fixture.primary.crash();
    fixture.standby.promote();
    assert_eq!(reviews(&fixture.standby, "local"), "1");
}

#[test]
fn a_commit_that_waits_for_the_standby_blocks_neither_refusals_nor_connections() {
    let mut fixture = Fixture::new(&[SYNCHRONOUS]);
    assert_eq!(fixture.add("first"), None);
    fixture.standby.crash();
    assert_eq!(fixture.add("waiting").as_deref(), Some("OUTCOME_UNKNOWN"));
    // The waiting commit blocks all notifications of the cluster.
    let unknown = GlobalId {
        kind: Kind::Film,
        key: 77,
    };
    let input = json!({"film": unknown.encode(), "sentiment": "MIXED"});
    let document =
        "mutation($input: AddReviewInput!) { addReview(input: $input) { userErrors { code } } }";
    let request = json!({"query": document, "variables": {"input": input}});
    for _ in 0..3 {
        let body = fixture.send(&request);
        let errors = &body["data"]["addReview"]["userErrors"];
        assert_eq!(errors[0]["code"], "NOT_FOUND", "{body}");
    }
    // Each probe ends, and the next one uses the same connection.
    sleep(Duration::from_secs(8));
    let probes = "SELECT count(*)::text AS value FROM pg_stat_activity WHERE application_name = 'marquee probe'";
    assert_eq!(fixture.primary.session().value(probes), "1");
    let read = json!({"query": "{ reviews { totalCount } }"});
    assert_eq!(fixture.send(&read)["data"]["reviews"]["totalCount"], 1);
    fixture.standby.restart();
    fixture.add_until_known("waiting");
}

#[test]
fn a_site_may_choose_not_to_wait_for_the_standby() {
    let mut fixture = Fixture::new(&[SYNCHRONOUS, "synchronous_commit=local"]);
    fixture.standby.crash();
    assert_eq!(fixture.add("local"), None);
    assert_eq!(fixture.add("local"), None);
    assert_eq!(reviews(&fixture.primary, "local"), "1");
}

#[test]
fn a_standby_answers_reads_and_refuses_mutations_and_subscriptions() {
    let mut fixture = Fixture::new(&[]);
    assert_eq!(fixture.add("first"), None);
    fixture.primary.crash();
    fixture.address.lead_to(&fixture.standby);
    let read = json!({"query": "{ films { nodes { title } } }"});
    let is_read = || fixture.send(&read)["data"]["films"]["nodes"][0]["title"] == "The Quiet Ferry";
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_read() {
        assert!(Instant::now() < deadline, "{}", fixture.server.log());
        sleep(Duration::from_millis(20));
    }
    let input = json!({"query": "mutation { addFilm(input: {title: \"New\"}) { film { id } } }"});
    let body = fixture.send(&input);
    assert_eq!(
        body["errors"][0]["extensions"]["code"], "UNAVAILABLE",
        "{body}"
    );
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("read-only"), "{message}");
    let url = format!("http://{}/graphql", fixture.server.address());
    let document = json!({"query": "subscription { reviewAdded { id } }"});
    let request = fixture
        .client
        .post(url)
        .header("accept", "text/event-stream");
    let events = request.json(&document).send().unwrap().text().unwrap();
    assert!(
        events.contains("UNAVAILABLE") && events.contains("standby"),
        "{events}"
    );
}

#[test]
fn a_server_does_not_start_on_a_standby_with_notifications() {
    let (_primary, standby) = Postgres::with_standby(&[]);
    let url = standby.url();
    let serve = ["serve", "--listen=127.0.0.1:0", "--database-url", &url];
    let refused = run(marquee(&serve));
    assert_eq!(
        refused.error(),
        "error: the database is a standby, which sends no notifications: connect to the primary, or start with \
         --notifications=off, without caches and subscriptions"
    );
    let server = Program::ready(marquee(&[&serve[..], &["--notifications=off"]].concat()));
    let url = format!("http://{}/graphql", server.address());
    let read = json!({"query": "{ films { totalCount } }"});
    let body: Value = Client::new()
        .post(url)
        .json(&read)
        .send()
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(body["data"]["films"]["totalCount"], 0, "{body}");
}
