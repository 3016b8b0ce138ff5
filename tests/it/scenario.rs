//! An end-to-end scenario with two servers. An editor adds a film and critics review it. One request is cut off and
//! retried, a score is corrected, and some mutations are rejected. Subscribers at the second server receive exactly the
//! accepted changes.

mod listener;
mod server_process;

use futures_util::future::join;
use marquee::access::Role;
use serde_json::{Value, json};

use self::{
    listener::{Listener, wait_for_listeners},
    server_process::{ADD, ServerProcess},
};
use crate::support::{
    TestDatabase,
    program::{marquee, run, url},
};

/// Inserts the critics with the keys 1, 2 and 3.
const CRITICS: &str =
    "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob'), ('cat', 'Cat')";

/// Recounts the reviews: their total, the positive, mixed and negative ones, and the mean, rounded half up.
const RECOUNT: &str = "SELECT jsonb_build_object(
        'total', count(*), 'positive', count(*) FILTER (WHERE score >= 61), 'mixed', count(*) FILTER (WHERE score BETWEEN 40 AND 60),
        'negative', count(*) FILTER (WHERE score < 40), 'mean', floor(avg(score) + 0.5)
    )::text FROM review";

const UPDATE: &str = "mutation($input: UpdateReviewInput!) {
    updateReview(input: $input) { review { id version score } userErrors { code } }
}";

const DELETE: &str = "mutation($input: DeleteReviewInput!) {
    deleteReview(input: $input) { deletedReviewId review { id version } userErrors { code } }
}";

const FILM: &str = "score(policy: {minimumReviews: 1}) { value } scoreDistribution { total positive { count } mixed { count } negative { count } }";

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
    server: &ServerProcess,
) {
    // Ann's review has been changed since, so this version is stale.
    let input = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 10 });
    let payload = server.expect_rejection(ann, UPDATE, &input, "STALE").await;
    let now = json!({ "id": reviews.ann, "version": 2, "score": 95 });
    assert_eq!(payload["review"], now);

    let input = json!({ "id": reviews.ann, "expectedVersion": 2, "score": 0 });
    for document in [UPDATE, DELETE] {
        let mut input = input.clone();
        if document == DELETE {
            input.as_object_mut().unwrap().remove("score");
        }
        let body = server.send(bob, document, &input).await;
        let code = &body["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{body}");
    }

    let input = json!({ "film": film, "score": 60 });
    server
        .expect_rejection(bob, ADD, &input, "ALREADY_REVIEWED")
        .await;
    let input = json!({ "id": reviews.bob, "score": 101 });
    server
        .expect_rejection(bob, UPDATE, &input, "OUT_OF_RANGE")
        .await;
    let input = json!({ "id": reviews.cat, "expectedVersion": 3 });
    server.expect_rejection(cat, DELETE, &input, "STALE").await;
}

/// Adds a film as an editor and returns its id.
async fn add_film(server: &ServerProcess, editor: &str) -> String {
    let document = "mutation($input: AddFilmInput!) { addFilm(input: $input) { film { id } userErrors { code } } }";
    let input = json!({ "title": "The Lamp", "year": 2019 });
    let added = server.expect_success(editor, document, &input).await;
    added["film"]["id"].as_str().unwrap().to_owned()
}

/// Asserts that the listener receives the additions of the three critics.
async fn expect_additions(listener: &mut Listener, film: &str, reviews: &Reviews) {
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
}

/// Ann corrects her score. A retry at the other server returns the same result.
async fn correct_score(reviews: &Reviews, ann: &str, [first, second]: [&ServerProcess; 2]) {
    let correction = json!({ "id": reviews.ann, "expectedVersion": 1, "score": 95, "idempotencyKey": "corrected" });
    let corrected = first.expect_success(ann, UPDATE, &correction).await;
    let retried = second.expect_success(ann, UPDATE, &correction).await;
    assert_eq!(corrected, retried);
}

/// Asserts that both servers, the listener and `check` agree with a recount.
async fn expect_recounted(
    database: &TestDatabase,
    film: &str,
    listener: &mut Listener,
    servers: [&ServerProcess; 2],
) {
    let expected = recount(database).await;
    assert_eq!(expected["scoreDistribution"]["total"], 3);
    for server in servers {
        assert_eq!(server.film(film).await, expected);
    }
    listener.score(&expected).await;
    let check = run(marquee(&[
        "check",
        "--database-url",
        &url(&database.options()),
    ]));
    assert_eq!(check.output(), "every tally equals a recount\n");
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
    let critics = [&tokens[0], &tokens[1], &tokens[2]].map(String::as_str);
    let [ann, _, cat] = critics;
    let (first, second) = (
        ServerProcess::start(&database),
        ServerProcess::start(&database),
    );
    let servers = [&first, &second];
    wait_for_listeners(&database).await;
    let film = add_film(&first, &editor).await;
    let mut listener = Listener::at(&second, &film).await;

    let reviews = add_reviews(&film, critics, servers).await;
    expect_additions(&mut listener, &film, &reviews).await;
    correct_score(&reviews, ann, servers).await;
    expect_rejections(&film, &reviews, critics, &first).await;
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
        assert_eq!(listener.change(&film).await, expected);
    }
    assert_eq!(listener.changes.try_message().await, None);
    expect_recounted(&database, &film, &mut listener, servers).await;
}
