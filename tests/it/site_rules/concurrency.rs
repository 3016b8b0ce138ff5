//! Changes of the rules while others read and write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use marquee::score::PolicyDraft;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::naive::set_rules;
use crate::support::{TestDatabase, TestServer};

/// Two sets of rules under which everything differs.
fn strict_and_lenient() -> [PolicyDraft; 2] {
    let default = PolicyDraft::default();
    let strict = PolicyDraft {
        minimum_reviews: 9,
        acclaim_from: 95,
        positive_from: 80,
        mixed_from: 75,
        dislike_below: 60,
        ..default
    };
    let lenient = PolicyDraft {
        minimum_reviews: 1,
        acclaim_from: 60,
        positive_from: 30,
        mixed_from: 20,
        dislike_below: 10,
        ..default
    };
    [strict, lenient]
}

/// What a request shows of the rules, of scores under them, and of lists by them.
const EVERYTHING: &str = "{
    first: siteRules { generation positiveFrom mixedFrom minimumReviews }
    films(orderBy: {field: SCORE, direction: DESC}, first: 20) { nodes { id
        score { value verdict scoredCount } scoreDistribution { positive { count } }
        reviews(filter: {sentiment: [POSITIVE]}, first: 20) { totalCount nodes { score sentiment } } } }
    good: films(filter: {score: {from: 70}}, first: 20) { totalCount nodes { id score { value } } }
    reviews(filter: {sentiment: [MIXED], scored: true}, first: 20) { totalCount nodes { score sentiment } }
    critics(first: 20) { nodes { positive: reviews(filter: {sentiment: [POSITIVE]}) { totalCount } scoreDistribution { positive { count } } } }
    last: siteRules { generation positiveFrom mixedFrom minimumReviews }
}";

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Asserts that a response is computed by one set of rules, those that it shows.
fn check(data: &Value) {
    let rules = &data["first"];
    assert_eq!(*rules, data["last"]);
    let [positive, mixed, minimum] =
        ["positiveFrom", "mixedFrom", "minimumReviews"].map(|name| number(&rules[name]));
    let sentiment = |score: i64| match score {
        score if score >= positive => "POSITIVE",
        score if score >= mixed => "MIXED",
        _ => "NEGATIVE",
    };
    let films = data["films"]["nodes"].as_array().unwrap();
    let mut previous = Some(100);
    for film in films {
        let value = film["score"]["value"].as_i64();
        assert!(value <= previous && (value.is_some() || film["score"]["verdict"].is_null()));
        previous = value;
        if number(&film["score"]["scoredCount"]) >= minimum {
            assert!(value.is_some(), "{rules} {film}");
        }
        if let Some(value) = value {
            let is_favorable = ["UNIVERSAL_ACCLAIM", "GENERALLY_FAVORABLE"]
                .contains(&film["score"]["verdict"].as_str().unwrap());
            assert_eq!(is_favorable, value >= positive, "{rules} {film}");
        }
        let reviews = &film["reviews"];
        assert_eq!(
            reviews["totalCount"],
            film["scoreDistribution"]["positive"]["count"]
        );
        for review in reviews["nodes"].as_array().unwrap() {
            assert_eq!(review["sentiment"], "POSITIVE", "{rules}");
            assert!(
                review["score"]
                    .as_i64()
                    .is_none_or(|score| score >= positive)
            );
        }
    }
    let good: Vec<&Value> = films
        .iter()
        .filter(|film| film["score"]["value"].as_i64() >= Some(70))
        .map(|film| &film["id"])
        .collect();
    let found = data["good"]["nodes"].as_array().unwrap();
    assert_eq!(data["good"]["totalCount"], good.len(), "{rules}");
    assert_eq!(found.len(), good.len());
    assert!(found.iter().all(|film| good.contains(&&film["id"])));
    for review in data["reviews"]["nodes"].as_array().unwrap() {
        assert_eq!(review["sentiment"], "MIXED");
        assert_eq!(sentiment(number(&review["score"])), "MIXED", "{rules}");
    }
    for critic in data["critics"]["nodes"].as_array().unwrap() {
        assert_eq!(
            critic["positive"]["totalCount"],
            critic["scoreDistribution"]["positive"]["count"]
        );
    }
}

/// Changes the rules again and again until the flag is set, with these pauses in turn, and counts the changes.
async fn flip(
    database: Arc<TestDatabase>,
    pauses: &'static [u64],
    is_done: Arc<AtomicBool>,
    flips: Arc<AtomicU32>,
) {
    let connection = database.connect(1);
    let rules = strict_and_lenient().map(|rules| set_rules(&rules));
    for (rules, pause) in rules.iter().cycle().zip(pauses.iter().cycle()) {
        if is_done.load(Relaxed) {
            break;
        }
        connection.execute_unprepared(rules).await.unwrap();
        flips.fetch_add(1, Relaxed);
        tokio::time::sleep(Duration::from_millis(*pause)).await;
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn no_response_shows_two_rules_while_they_change() {
    let server = TestServer::demo().await;
    let other = TestServer::sharing_database(&server);
    let database = Arc::clone(&server.database);
    let (is_done, flips) = (
        Arc::new(AtomicBool::new(false)),
        Arc::<AtomicU32>::default(),
    );
    let writer = tokio::spawn(flip(
        database,
        &[0, 10, 150],
        Arc::clone(&is_done),
        Arc::clone(&flips),
    ));
    let mut generations = std::collections::BTreeSet::new();
    let (mut complete, mut refused) = (0, 0);
    let began = Instant::now();
    while complete < 150 || generations.len() < 12 {
        assert!(
            began.elapsed() < Duration::from_mins(2),
            "{complete} {refused}"
        );
        // Cached responses come so fast that they would use up the rate limit.
        tokio::time::sleep(Duration::from_millis(8)).await;
        for server in [&server, &other] {
            let response = server.send(json!({"query": EVERYTHING})).await;
            if let Some(errors) = response.body.get("errors") {
                // The rules changed during each of several executions.
                assert_eq!(errors[0]["extensions"]["code"], "UNAVAILABLE", "{errors}");
                refused += 1;
            } else {
                check(&response.body["data"]);
                generations.insert(number(&response.body["data"]["first"]["generation"]));
                complete += 1;
            }
        }
    }
    is_done.store(true, Relaxed);
    writer.await.unwrap();
    assert!(flips.load(Relaxed) > 20);
    assert!(refused < complete, "{refused} of {complete} were refused");
}

/// Returns the number of films whose stored score is not that under the current rules.
const WRONG_SCORES: &str = "SELECT count(*)::text FROM film_tally, site_rules
    WHERE film_tally.score IS DISTINCT FROM film_score(film_tally, site_rules)";

#[tokio::test]
async fn no_review_that_is_written_meanwhile_counts_by_earlier_rules() {
    let server = TestServer::demo().await;
    let database = Arc::clone(&server.database);
    let (is_done, flips) = (
        Arc::new(AtomicBool::new(false)),
        Arc::<AtomicU32>::default(),
    );
    let flipper = tokio::spawn(flip(
        Arc::clone(&database),
        &[0],
        Arc::clone(&is_done),
        Arc::clone(&flips),
    ));
    let films = database
        .texts("SELECT id::text FROM film ORDER BY id")
        .await;
    let writers = (0..3).map(|writer| {
        let films = films.clone();
        let database = Arc::clone(&database);
        tokio::spawn(async move {
            let connection = database.connect(1);
            for number in 0..80 {
                // Two statements of a transaction, which both change the tally of a film.
                let sql = format!(
                    "BEGIN;
                     INSERT INTO review (film_id, score, score_rule) VALUES ({film}, {score}, 'given');
                     DELETE FROM review WHERE id = (SELECT min(id) FROM review WHERE film_id = {film});
                     COMMIT",
                    film = films[(number + writer) % films.len()],
                    score = number % 101
                );
                connection.execute_unprepared(&sql).await.unwrap();
            }
            connection.close().await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    is_done.store(true, Relaxed);
    flipper.await.unwrap();
    assert!(flips.load(Relaxed) > 5);
    assert_eq!(database.texts(WRONG_SCORES).await, ["0"]);
}

#[tokio::test]
async fn a_writer_with_an_earlier_snapshot_fails_instead_of_counting_by_earlier_rules() {
    let database = TestDatabase::demo().await;
    let writer = database.connect(1);
    let run = async |sql: &str| writer.execute_unprepared(sql).await;
    run("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    run("SELECT count(*) FROM review").await.unwrap();
    let [strict, _] = strict_and_lenient();
    database.execute(&set_rules(&strict)).await;
    let add =
        "INSERT INTO review (film_id, score, score_rule) SELECT min(id), 5, 'given' FROM film";
    let error = run(add).await.unwrap_err();
    assert!(error.to_string().contains("could not serialize"), "{error}");
    run("ROLLBACK").await.unwrap();
    writer.close().await.unwrap();
    assert_eq!(database.texts(WRONG_SCORES).await, ["0"]);
}
