//! An end-to-end scenario with two servers. An editor adds a film and critics review it. One request is cut off and
//! retried, a score is corrected, and some mutations are rejected. Subscribers at the second server receive exactly the
//! accepted changes.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::Duration,
};

use futures_util::future::join;
use marquee::access::Role;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    TestDatabase,
    program::{Program, marquee, run, url},
    socket::Socket,
};

/// Inserts the critics with the keys 1, 2 and 3.
const CRITICS: &str =
    "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob'), ('cat', 'Cat')";

/// Selects the listeners of the servers.
const LISTENERS: &str = "SELECT pid::text FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'marquee live' AND state = 'idle' AND query LIKE 'LISTEN%'";

/// Recounts the reviews: their total, the positive, mixed and negative ones, and the mean, rounded half up.
const RECOUNT: &str = "SELECT jsonb_build_object(
        'total', count(*), 'positive', count(*) FILTER (WHERE score >= 61), 'mixed', count(*) FILTER (WHERE score BETWEEN 40 AND 60),
        'negative', count(*) FILTER (WHERE score < 40), 'mean', floor(avg(score) + 0.5)
    )::text FROM review";

const ADD: &str = "mutation($input: AddReviewInput!) {
    addReview(input: $input) { review { id version score } film { score { reviewCount } } userErrors { code } }
}";
const UPDATE: &str = "mutation($input: UpdateReviewInput!) {
    updateReview(input: $input) { review { id version score } userErrors { code } }
}";
const DELETE: &str = "mutation($input: DeleteReviewInput!) {
    deleteReview(input: $input) { deletedReviewId review { id version } userErrors { code } }
}";

/// A server process.
struct ServerProcess {
    program: Program,
    client: reqwest::Client,
}

impl ServerProcess {
    fn start(database: &TestDatabase) -> Self {
        let program = Program::ready(marquee(&[
            "serve",
            "--listen=127.0.0.1:0",
            "--workers=1",
            "--database-url",
            &url(&database.options()),
        ]));
        let client = reqwest::Client::new();
        Self { program, client }
    }

    fn address(&self) -> SocketAddr {
        self.program.address()
    }

    /// Sends a mutation and returns the body of the response.
    async fn send(&self, token: &str, document: &str, input: &Value) -> Value {
        let sending = self
            .client
            .post(format!("http://{}/graphql", self.address()))
            .bearer_auth(token)
            .json(&json!({ "query": document, "variables": { "input": input } }))
            .send();
        sending.await.unwrap().json().await.unwrap()
    }

    /// Sends a mutation that must succeed, and returns its payload.
    async fn expect_success(&self, token: &str, document: &str, input: &Value) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([]), "{body}");
        payload
    }

    /// Sends a mutation that must be rejected with one code, and returns its payload.
    async fn expect_rejection(
        &self,
        token: &str,
        document: &str,
        input: &Value,
        code: &str,
    ) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([{ "code": code }]), "{body}");
        payload
    }

    /// Sends `part` percent of a request and closes the connection. If `reads_response` is set, reads the response
    /// before.
    fn cut_off(&self, token: &str, input: &Value, part: usize, reads_response: bool) {
        let body = json!({ "query": ADD, "variables": { "input": input } }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.program.connect();
        let bytes = &request.as_bytes()[..request.len() * part / 100];
        stream.write_all(bytes).unwrap();
        if reads_response {
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        }
    }

    /// Returns the film as this server shows it.
    async fn film(&self, film: &str) -> Value {
        let document = format!("query($input: ID!) {{ film(by: {{id: $input}}) {{ {FILM} }} }}");
        let sending = self
            .client
            .post(format!("http://{}/graphql", self.address()))
            .json(&json!({ "query": document, "variables": { "input": film } }))
            .send();
        let body: Value = sending.await.unwrap().json().await.unwrap();
        body["data"]["film"].clone()
    }
}

const FILM: &str = "score(policy: {minimumReviews: 1}) { value } scoreDistribution { total positive { count } mixed { count } negative { count } }";

/// Returns the payload of a response's only mutation.
fn payload(body: &Value) -> Value {
    assert_eq!(body.get("errors"), None, "{body}");
    let mut payloads = body["data"].as_object().unwrap().values();
    payloads.next().unwrap().clone()
}

/// Returns the recount in the shape of [`FILM`].
async fn recount(database: &TestDatabase) -> Value {
    let counted: Value = serde_json::from_str(&database.texts(RECOUNT).await[0]).unwrap();
    let count = |key: &str| json!({ "count": counted[key] });
    json!({
        "score": { "value": counted["mean"] },
        "scoreDistribution": {
            "total": counted["total"], "positive": count("positive"), "mixed": count("mixed"), "negative": count("negative"),
        },
    })
}

/// A WebSocket with subscriptions to the reviews and the score of a film.
struct Listener {
    changes: Socket,
    scores: Socket,
}

impl Listener {
    async fn at(desk: &ServerProcess, film: &str) -> Self {
        let mut changes = Socket::open(desk.address()).await;
        let document = format!(
            "subscription {{ reviewChanged(film: \"{film}\") {{ kind id version review {{ version score }} film {{ id }} }} }}"
        );
        changes.subscribe("changes", &document).await;
        let mut scores = Socket::open(desk.address()).await;
        let document = format!("subscription {{ scoreChanged(film: \"{film}\") {{ {FILM} }} }}");
        scores.subscribe("scores", &document).await;
        Self { changes, scores }
    }

    /// Returns the next change: its kind, the review's id, its version, and the score of the review after the change.
    async fn change(&mut self, film: &str) -> Value {
        let data = self.changes.next("changes").await;
        let change = &data["reviewChanged"];
        assert_eq!(change["film"]["id"], film, "{change}");
        let review = &change["review"];
        if !review.is_null() {
            assert_eq!(review["version"], change["version"], "{change}");
        }
        json!([
            change["kind"],
            change["id"],
            change["version"],
            review["score"]
        ])
    }

    /// Reads score events until the expected one, and asserts that no event follows it.
    async fn score(&mut self, expected: &Value) {
        loop {
            let data = self.scores.next("scores").await;
            if data["scoreChanged"] == *expected {
                break;
            }
        }
        assert_eq!(self.scores.try_message().await, None);
    }
}

/// Waits until both servers LISTEN.
async fn wait_for_listeners(database: &TestDatabase) {
    for _ in 0..1_000 {
        if database.texts(LISTENERS).await.len() == 2 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the servers don't LISTEN");
}

/// The ids of the reviews by critic.
struct Reviews {
    ann: Value,
    bob: Value,
    cat: Value,
}

/// Two critics add reviews at the same time, each at another server. The connection of one of them is closed before the
/// response arrives. That of the third critic is closed twice: within the request, and after the response.
async fn add_reviews(
    film: &str,
    [ann, bob, cat]: [&str; 3],
    [first, second]: [&ServerProcess; 2],
) -> Reviews {
    let anns = json!({ "film": film, "score": 90, "idempotencyKey": "ann's" });
    let bobs = json!({ "film": film, "score": 55, "idempotencyKey": "bob's" });
    first.cut_off(ann, &anns, 100, false);
    let (anns, bobs) = join(
        second.expect_success(ann, ADD, &anns),
        first.expect_success(bob, ADD, &bobs),
    )
    .await;

    let input = json!({ "film": film, "score": 20, "idempotencyKey": "cat's" });
    first.cut_off(cat, &input, 80, false);
    first.cut_off(cat, &input, 100, true);
    let cats = second.expect_success(cat, ADD, &input).await;
    // The payload shows the current film, and the review as it was added.
    assert_eq!(cats["film"]["score"]["reviewCount"], 3);
    assert_eq!(cats, first.expect_success(cat, ADD, &input).await);
    let id = |payload: &Value| payload["review"]["id"].clone();
    Reviews {
        ann: id(&anns),
        bob: id(&bobs),
        cat: id(&cats),
    }
}

/// Mutations that must be rejected and cause no events.
async fn expect_rejections(
    film: &str,
    reviews: &Reviews,
    [ann, bob, cat]: [&str; 3],
    desk: &ServerProcess,
) {
    // Ann's review has been changed since, so this version is stale.
    let input = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 10 });
    let payload = desk.expect_rejection(ann, UPDATE, &input, "STALE").await;
    let now = json!({ "id": reviews.ann, "version": 2, "score": 95 });
    assert_eq!(payload["review"], now);

    let input = json!({ "id": reviews.ann, "expectedVersion": 2, "score": 0 });
    for document in [UPDATE, DELETE] {
        let mut input = input.clone();
        if document == DELETE {
            input.as_object_mut().unwrap().remove("score");
        }
        let body = desk.send(bob, document, &input).await;
        let code = &body["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{body}");
    }

    let input = json!({ "film": film, "score": 60 });
    desk.expect_rejection(bob, ADD, &input, "ALREADY_REVIEWED")
        .await;
    let input = json!({ "id": reviews.bob, "score": 101 });
    desk.expect_rejection(bob, UPDATE, &input, "OUT_OF_RANGE")
        .await;
    let input = json!({ "id": reviews.cat, "expectedVersion": 3 });
    desk.expect_rejection(cat, DELETE, &input, "STALE").await;
}

#[tokio::test]
async fn a_scenario_at_two_servers_sends_exactly_the_accepted_changes() {
    let database = TestDatabase::empty().await;
    database.execute(CRITICS).await;
    let editor = database.token(Role::Editor, None).await;
    let mut tokens = Vec::new();
    for critic in 1..=3 {
        tokens.push(database.token(Role::Critic, Some(critic)).await);
    }
    let [ann, bob, cat] = [&tokens[0], &tokens[1], &tokens[2]].map(String::as_str);
    let (first, second) = (
        ServerProcess::start(&database),
        ServerProcess::start(&database),
    );
    wait_for_listeners(&database).await;

    let document = "mutation($input: AddFilmInput!) { addFilm(input: $input) { film { id } userErrors { code } } }";
    let added = first
        .expect_success(
            &editor,
            document,
            &json!({ "title": "The Lamp", "year": 2019 }),
        )
        .await;
    let film = added["film"]["id"].as_str().unwrap();
    let mut listener = Listener::at(&second, film).await;

    let critics = [ann, bob, cat];
    let reviews = add_reviews(film, critics, [&first, &second]).await;
    // The order of concurrent additions is decided by the database.
    let mut additions = vec![listener.change(film).await, listener.change(film).await];
    additions.sort_by_key(|change| change[3].as_i64());
    let expected = [
        json!(["ADDED", reviews.bob, 1, 55]),
        json!(["ADDED", reviews.ann, 1, 90]),
    ];
    assert_eq!(additions, expected);
    let expected = json!(["ADDED", reviews.cat, 1, 20]);
    assert_eq!(listener.change(film).await, expected);

    let correction = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 95, "idempotencyKey": "corrected" });
    let corrected = first.expect_success(ann, UPDATE, &correction).await;
    assert_eq!(
        corrected,
        second.expect_success(ann, UPDATE, &correction).await
    );
    expect_rejections(film, &reviews, critics, &first).await;
    let deletion = json!({ "id": reviews.cat, "expectedVersion": 1 });
    let deleted = second.expect_success(cat, DELETE, &deletion).await;
    assert_eq!(deleted["deletedReviewId"], reviews.cat);
    let last = first
        .expect_success(&editor, ADD, &json!({ "film": film, "score": 33 }))
        .await;

    for expected in [
        json!(["UPDATED", reviews.ann, 2, 95]),
        json!(["DELETED", reviews.cat, 1, null]),
        json!(["ADDED", last["review"]["id"], 1, 33]),
    ] {
        assert_eq!(listener.change(film).await, expected);
    }
    assert_eq!(listener.changes.try_message().await, None);

    let expected = recount(&database).await;
    assert_eq!(expected["scoreDistribution"]["total"], 3);
    assert_eq!(first.film(film).await, expected);
    assert_eq!(second.film(film).await, expected);
    listener.score(&expected).await;
    let check = run(marquee(&[
        "check",
        "--database-url",
        &url(&database.options()),
    ]));
    assert_eq!(check.output(), "every tally equals a recount\n");
}
