//! A morning at a site with two servers: an editor adds a film, critics write about it, one is cut off and tries again, one corrects
//! a score, some are refused; and who listens at the second server hears exactly what was accepted.

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

/// The critics, whose keys are 1, 2 and 3.
const CRITICS: &str =
    "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob'), ('cat', 'Cat')";

/// The servers that hear of changes.
const LISTENERS: &str = "SELECT pid::text FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'marquee live' AND state = 'idle' AND query LIKE 'LISTEN%'";

/// What the reviews say, counted anew: how many, of them the positive, the mixed and the negative, and the mean, rounded half up.
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

/// One server as a process.
struct Desk {
    program: Program,
    client: reqwest::Client,
}

impl Desk {
    fn open(database: &TestDatabase) -> Self {
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

    /// Sends a mutation, and gives the body of the answer.
    async fn send(&self, token: &str, document: &str, input: &Value) -> Value {
        let sending = self
            .client
            .post(format!("http://{}/graphql", self.address()))
            .bearer_auth(token)
            .json(&json!({ "query": document, "variables": { "input": input } }))
            .send();
        sending.await.unwrap().json().await.unwrap()
    }

    /// Sends a mutation that has to be accepted, and gives its payload.
    async fn accept(&self, token: &str, document: &str, input: &Value) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([]), "{body}");
        payload
    }

    /// Sends a mutation that has to be refused with one code, and gives its payload.
    async fn refuse(&self, token: &str, document: &str, input: &Value, code: &str) -> Value {
        let body = self.send(token, document, input).await;
        let payload = payload(&body);
        assert_eq!(payload["userErrors"], json!([{ "code": code }]), "{body}");
        payload
    }

    /// Sends the first part of a request, or all of it for a `part` of 100, and cuts the connection; reads the answer before that if
    /// it is to be `heard`.
    fn cut_off(&self, token: &str, input: &Value, part: usize, heard: bool) {
        let body = json!({ "query": ADD, "variables": { "input": input } }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.program.connect();
        let bytes = &request.as_bytes()[..request.len() * part / 100];
        stream.write_all(bytes).unwrap();
        if heard {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }

    /// The film as this server tells it.
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

/// The payload of the only mutation of an answer.
fn payload(body: &Value) -> Value {
    assert_eq!(body.get("errors"), None, "{body}");
    let mut payloads = body["data"].as_object().unwrap().values();
    payloads.next().unwrap().clone()
}

/// What was counted anew, in the words of [`FILM`].
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

/// A listener at a server: what it hears of a film's reviews, and of its score.
struct Listener {
    changes: Socket,
    scores: Socket,
}

impl Listener {
    async fn at(desk: &Desk, film: &str) -> Self {
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

    /// The next change: its kind, whose review, its version, and the review's score as the change left it.
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

    /// Hears of scores until there is this one, after which nothing comes any more.
    async fn score(&mut self, expected: &Value) {
        loop {
            let data = self.scores.next("scores").await;
            if data["scoreChanged"] == *expected {
                break;
            }
        }
        assert_eq!(self.scores.anything().await, None);
    }
}

/// Waits until both servers hear of changes.
async fn both_listen(database: &TestDatabase) {
    for _ in 0..1_000 {
        if database.texts(LISTENERS).await.len() == 2 {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the servers don't listen");
}

/// What the reviews are called in the answers: by whom they are.
struct Reviews {
    ann: Value,
    bob: Value,
    cat: Value,
}

/// Two critics write at the same instant, each at another server. The connection of the one is cut before she hears anything, the
/// third's twice: in the midst of what she sends, and when all was done.
async fn write(film: &str, [ann, bob, cat]: [&str; 3], [first, second]: [&Desk; 2]) -> Reviews {
    let anns = json!({ "film": film, "score": 90, "idempotencyKey": "ann's" });
    let bobs = json!({ "film": film, "score": 55, "idempotencyKey": "bob's" });
    first.cut_off(ann, &anns, 100, false);
    let (anns, bobs) = join(
        second.accept(ann, ADD, &anns),
        first.accept(bob, ADD, &bobs),
    )
    .await;

    let input = json!({ "film": film, "score": 20, "idempotencyKey": "cat's" });
    first.cut_off(cat, &input, 80, false);
    first.cut_off(cat, &input, 100, true);
    let cats = second.accept(cat, ADD, &input).await;
    // The film is told as it is by now, the review as it was added.
    assert_eq!(cats["film"]["score"]["reviewCount"], 3);
    assert_eq!(cats, first.accept(cat, ADD, &input).await);
    let id = |payload: &Value| payload["review"]["id"].clone();
    Reviews {
        ann: id(&anns),
        bob: id(&bobs),
        cat: id(&cats),
    }
}

/// Everything of which nobody is to hear.
async fn be_refused(film: &str, reviews: &Reviews, [ann, bob, cat]: [&str; 3], desk: &Desk) {
    // What Ann has corrected already, she has not read again.
    let input = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 10 });
    let payload = desk.refuse(ann, UPDATE, &input, "STALE").await;
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
    desk.refuse(bob, ADD, &input, "ALREADY_REVIEWED").await;
    let input = json!({ "id": reviews.bob, "score": 101 });
    desk.refuse(bob, UPDATE, &input, "OUT_OF_RANGE").await;
    let input = json!({ "id": reviews.cat, "expectedVersion": 3 });
    desk.refuse(cat, DELETE, &input, "STALE").await;
}

#[tokio::test]
async fn a_morning_at_two_servers_is_heard_as_it_was() {
    let database = TestDatabase::empty().await;
    database.execute(CRITICS).await;
    let editor = database.token(Role::Editor, None).await;
    let mut tokens = Vec::new();
    for critic in 1..=3 {
        tokens.push(database.token(Role::Critic, Some(critic)).await);
    }
    let [ann, bob, cat] = [&tokens[0], &tokens[1], &tokens[2]].map(String::as_str);
    let (first, second) = (Desk::open(&database), Desk::open(&database));
    both_listen(&database).await;

    let document = "mutation($input: AddFilmInput!) { addFilm(input: $input) { film { id } userErrors { code } } }";
    let added = first
        .accept(
            &editor,
            document,
            &json!({ "title": "The Lamp", "year": 2019 }),
        )
        .await;
    let film = added["film"]["id"].as_str().unwrap();
    let mut listener = Listener::at(&second, film).await;

    let critics = [ann, bob, cat];
    let reviews = write(film, critics, [&first, &second]).await;
    // Two at the same instant have no order but the one that the database gave them.
    let mut heard = vec![listener.change(film).await, listener.change(film).await];
    heard.sort_by_key(|change| change[3].as_i64());
    let expected = [
        json!(["ADDED", reviews.bob, 1, 55]),
        json!(["ADDED", reviews.ann, 1, 90]),
    ];
    assert_eq!(heard, expected);
    let expected = json!(["ADDED", reviews.cat, 1, 20]);
    assert_eq!(listener.change(film).await, expected);

    let correction = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 95, "idempotencyKey": "corrected" });
    let corrected = first.accept(ann, UPDATE, &correction).await;
    assert_eq!(corrected, second.accept(ann, UPDATE, &correction).await);
    be_refused(film, &reviews, critics, &first).await;
    let deletion = json!({ "id": reviews.cat, "expectedVersion": 1 });
    let deleted = second.accept(cat, DELETE, &deletion).await;
    assert_eq!(deleted["deletedReviewId"], reviews.cat);
    let last = first
        .accept(&editor, ADD, &json!({ "film": film, "score": 33 }))
        .await;

    for expected in [
        json!(["UPDATED", reviews.ann, 2, 95]),
        json!(["DELETED", reviews.cat, 1, null]),
        json!(["ADDED", last["review"]["id"], 1, 33]),
    ] {
        assert_eq!(listener.change(film).await, expected);
    }
    assert_eq!(listener.changes.anything().await, None);

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
