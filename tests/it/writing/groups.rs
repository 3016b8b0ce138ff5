//! Reviews that are added in company: each gets what it would get alone.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};

use super::{Desk, codes, killed_at_commit, merged, request};
use crate::support::chance::Chance;

const SELECTION: &str = "review { id version score excerpt critic { id } publication { id } } userErrors { field code message }";

/// Holds a film, for which whoever reviews it has to wait.
async fn held(desk: &Desk, film: &str) -> DatabaseTransaction {
    let holder = desk.database().connect(1).begin().await.unwrap();
    let statement = format!("SELECT FROM film WHERE slug = '{film}' FOR UPDATE");
    holder.execute_unprepared(&statement).await.unwrap();
    holder
}

/// The id of another film.
async fn other_film(desk: &Desk) -> Value {
    let payload = desk
        .write(
            "addFilm",
            "film { id }",
            json!({ "title": "Ferry", "year": 2001 }),
        )
        .await;
    payload["film"]["id"].clone()
}

/// How many transactions have added the reviews that are there.
async fn transactions(desk: &Desk) -> usize {
    let count = "SELECT count(DISTINCT xmin::text)::text FROM review";
    desk.database().texts(count).await[0].parse().unwrap()
}

async fn assert_recounted(desk: &Desk) {
    let connection = desk.database().connect(1);
    let wrong = marquee::review::store::tally::recount(&connection)
        .await
        .unwrap();
    assert_eq!(wrong, []);
}

/// Adds reviews all at once, while the first of them is held up for a moment. Gives what came of each, and what it cost.
async fn add_together(desk: &Desk, inputs: &[Value]) -> Vec<(Value, Option<(u32, u32)>)> {
    let writes = inputs.iter().map(async |input| {
        let request = request("addReview", SELECTION, input);
        let mut answer = desk.server.send_as(&desk.editor, request).await;
        (answer.body["data"]["addReview"].take(), answer.cost)
    });
    behind_a_first(desk, join_all(writes)).await
}

/// Does what it is given while a first review is being added, which is held up for a moment.
async fn behind_a_first<T>(desk: &Desk, others: impl Future<Output = T>) -> T {
    let holder = held(desk, "lamp-1999").await;
    let first = json!({ "film": desk.film, "byline": "First", "score": 1 });
    let first = desk.wrong("addReview", first);
    let others = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let release = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            holder.rollback().await.unwrap();
        };
        join(others, release).await.0
    };
    let (first, others) = join(first, others).await;
    assert_eq!(first, [""; 0]);
    others
}

#[tokio::test]
async fn those_that_come_while_one_is_added_are_added_by_one_transaction() {
    let desk = Desk::new().await;
    let inputs: Vec<_> = (0..12)
        .map(|score| json!({ "film": desk.film, "byline": format!("By {score}"), "score": score }))
        .collect();
    let answers = add_together(&desk, &inputs).await;
    for (score, (answer, cost)) in answers.iter().enumerate() {
        assert_eq!(codes(answer), [""; 0]);
        // Each is shown its own.
        assert_eq!(answer["review"]["score"], score);
        // The token; and for all of them BEGIN, what they name, the reviews, COMMIT.
        assert_eq!(*cost, Some((5, 5)));
    }
    // The first by itself.
    assert_eq!(transactions(&desk).await, 2);
    let mut ids: Vec<_> = answers
        .iter()
        .map(|(answer, _)| answer["review"]["id"].to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 12);
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn nobody_fails_for_what_another_asked() {
    let desk = Desk::new().await;
    let good = json!({ "film": desk.film, "critic": { "id": desk.ann }, "score": 50 });
    let inputs = [
        good.clone(),
        // The same once more, in the same company.
        good.clone(),
        merged(
            good.clone(),
            json!({ "critic": { "slug": "bob" }, "publication": { "name": "Post" } }),
        ),
        merged(good.clone(), json!({ "film": "RmlsbTo5OTk5OTk" })),
        merged(good.clone(), json!({ "critic": { "slug": "nobody" } })),
        merged(good.clone(), json!({ "critic": { "name": "Nora New" } })),
        merged(
            good.clone(),
            json!({ "publication": { "name": "New Post" } }),
        ),
        merged(good.clone(), json!({ "critic": null, "score": 101 })),
        merged(good, json!({ "critic": null, "byline": "Somebody" })),
    ];
    let answers = add_together(&desk, &inputs).await;
    let mut told: Vec<_> = answers.iter().map(|(answer, _)| codes(answer)).collect();
    // Which of two that are the same is first is for chance to say.
    told[..2].sort_unstable();
    let expected: [&[&str]; 9] = [
        &[],
        &[" ALREADY_REVIEWED"],
        &[],
        &["film NOT_FOUND"],
        &["critic.slug NOT_FOUND"],
        &[],
        &[],
        &["score OUT_OF_RANGE"],
        &[],
    ];
    assert_eq!(told, expected);
    assert_eq!(answers[2].0["review"]["critic"]["id"], desk.bob);
    assert_eq!(answers[2].0["review"]["publication"]["id"], desk.post);
    // The first, all that are simply added, and the two that add a name beside.
    assert_eq!(transactions(&desk).await, 4);
    assert_recounted(&desk).await;
}

/// Inputs of a few films, critics and publications, of which many are not there or are the same.
fn any_input(desk: &Desk, other: &Value, chance: &mut Chance) -> Value {
    let films = [json!(desk.film), other.clone(), json!("RmlsbTo5OTk5OTk")];
    let critics = [
        json!({ "id": desk.ann }),
        json!({ "slug": "bob" }),
        json!({ "name": "ann" }),
        json!({ "name": "Two of them" }),
        json!({ "slug": "nobody" }),
        json!({ "name": "Nora New" }),
        Value::Null,
    ];
    let publications = [
        json!({ "id": desk.post }),
        json!({ "slug": "post" }),
        json!({ "name": "New Post" }),
        Value::Null,
        Value::Null,
    ];
    let mut pick = |from: &[Value]| from[chance.below(from.len())].clone();
    let mut input = json!({ "film": pick(&films), "critic": pick(&critics), "publication": pick(&publications), "score": 50 });
    if chance.once_in(3) {
        input["idempotencyKey"] = json!(format!("key {}", chance.below(12)));
    }
    input
}

/// What is wrong with an input whoever else adds what; none if that depends on the others alone.
fn surely_wrong(input: &Value) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if input["film"] == "RmlsbTo5OTk5OTk" {
        wrong.push("film NOT_FOUND");
    }
    if input["critic"]["slug"] == "nobody" {
        wrong.push("critic.slug NOT_FOUND");
    }
    if input["critic"]["name"] == "Two of them" {
        wrong.push("critic.name AMBIGUOUS");
    }
    wrong
}

#[tokio::test]
async fn whatever_comes_together_each_is_added_once_or_refused_for_a_reason() {
    let desk = Desk::new().await;
    let twins =
        "INSERT INTO critic (slug, name) VALUES ('two-1', 'Two of them'), ('two-2', 'Two of them')";
    desk.database().execute(twins).await;
    let other = other_film(&desk).await;
    let (mut shown, mut of_keys) = (HashSet::new(), HashMap::new());
    for round in 0..12 {
        let mut chance = Chance::new(6, round);
        let inputs: Vec<_> = (0..24)
            .map(|_| any_input(&desk, &other, &mut chance))
            .collect();
        let writes = inputs.iter().cloned();
        let writes = writes.map(|input| desk.write("addReview", SELECTION, input));
        for (input, answer) in inputs.iter().zip(join_all(writes).await) {
            let told = codes(&answer);
            let id = answer["review"]["id"].as_str().map(str::to_owned);
            assert_eq!(id.is_some(), told.is_empty(), "{answer}");
            if let Some(key) = input["idempotencyKey"].as_str() {
                if told == ["idempotencyKey KEY_REUSED"] {
                    continue;
                }
                // Whoever has used a key first, also in an earlier round, has settled what comes of it.
                let first = of_keys.entry(key.to_owned());
                let first = first.or_insert_with(|| (input.clone(), answer.clone()));
                assert_eq!(*first, (input.clone(), answer.clone()));
            }
            let wrong = surely_wrong(input);
            if wrong.is_empty() {
                let known: [&[&str]; 2] = [&[], &[" ALREADY_REVIEWED"]];
                assert!(
                    known.contains(
                        &told
                            .iter()
                            .map(String::as_str)
                            .collect::<Vec<_>>()
                            .as_slice()
                    ),
                    "{input}: {told:?}"
                );
            } else {
                assert_eq!(told, wrong, "{input}");
            }
            shown.extend(id);
        }
    }
    let count = "SELECT count(*)::text FROM review";
    assert_eq!(
        desk.database().texts(count).await,
        [shown.len().to_string()]
    );
    assert!(shown.len() > 30 && of_keys.len() == 12, "{shown:?}");
    assert!(transactions(&desk).await < shown.len());
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn a_film_that_another_holds_holds_up_no_other() {
    let desk = Desk::new().await;
    let other = other_film(&desk).await;
    let holder = held(&desk, "lamp-1999").await;
    let waiting = desk.wrong(
        "addReview",
        json!({ "film": desk.film, "byline": "Waits", "score": 2 }),
    );
    let others = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let begun = Instant::now();
        let others = (0..20).map(|score| {
            desk.wrong(
                "addReview",
                json!({ "film": other, "byline": "Goes", "score": score }),
            )
        });
        let others = join_all(others).await;
        // Not a measure of speed: who waits for the film waits ten seconds.
        assert!(begun.elapsed() < Duration::from_secs(5));
        // The film is still held, and whoever wants it still waits.
        holder.rollback().await.unwrap();
        others
    };
    let (waited, others) = join(waiting, others).await;
    assert_eq!(waited, [""; 0]);
    assert!(others.iter().all(Vec::is_empty), "{others:?}");
    assert_recounted(&desk).await;
}

/// How many statements that add reviews wait for a lock.
async fn waiting_insertions(desk: &Desk) -> String {
    let sql = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"review\"%'";
    desk.database().texts(sql).await.concat()
}

#[tokio::test]
async fn of_two_that_are_alike_each_is_told_of_its_own_whatever_goes_in_between() {
    let desk = Desk::new().await;
    let other = other_film(&desk).await;
    let old =
        json!({ "film": desk.film, "critic": { "id": desk.ann }, "excerpt": "Old", "score": 1 });
    assert_eq!(desk.wrong("addReview", old).await, [""; 0]);
    // Somebody is about to review the other film as Bob, and for that the group's insertion waits between the two that are alike.
    let bob = desk.database().connect(1).begin().await.unwrap();
    let sql = "INSERT INTO review (film_id, critic_id, sentiment)
        SELECT film.id, critic.id, 'mixed' FROM film, critic WHERE title = 'Ferry' AND critic.slug = 'bob'";
    bob.execute_unprepared(sql).await.unwrap();
    let alike = |excerpt: &str| json!({ "film": desk.film, "critic": { "id": desk.ann }, "excerpt": excerpt, "score": 50 });
    let inputs = [
        alike("One"),
        json!({ "film": other, "critic": { "id": desk.bob }, "excerpt": "Bob", "score": 50 }),
        alike("Two"),
    ];
    let gone = async {
        for _ in 0..1_000 {
            if waiting_insertions(&desk).await != "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let old = "DELETE FROM review WHERE excerpt = 'Old'";
        desk.database().execute(old).await;
        bob.commit().await.unwrap();
    };
    let (answers, ()) = join(add_together(&desk, &inputs), gone).await;
    for (input, (answer, _)) in inputs.iter().zip(&answers) {
        let shown = &answer["review"]["excerpt"];
        let excerpt = input["excerpt"].as_str().unwrap();
        let stored = format!("SELECT excerpt FROM review WHERE excerpt = '{excerpt}'");
        let stored = desk.database().texts(&stored).await;
        if codes(answer).is_empty() {
            assert_eq!(
                (shown, &stored[..]),
                (&input["excerpt"], &[excerpt.to_owned()][..])
            );
        } else {
            assert_eq!(
                (codes(answer), stored),
                (vec![" ALREADY_REVIEWED".to_owned()], Vec::new())
            );
        }
    }
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn however_many_come_together_they_stay_together() {
    let desk = Desk::new().await;
    let inputs: Vec<_> = (0..200)
        .map(|score| json!({ "film": desk.film, "byline": format!("By {score}"), "score": score % 100 }))
        .collect();
    for (answer, _) in add_together(&desk, &inputs).await {
        assert_eq!(codes(&answer), [""; 0]);
    }
    // At most 32 go into one. Some may have come so late that they are fewer.
    let count = transactions(&desk).await;
    assert!(count <= 30, "{count}");
    assert_recounted(&desk).await;
}

#[tokio::test]
async fn a_commit_whose_end_nobody_heard_of_is_told_to_all_or_settled_by_their_keys() {
    let desk = Desk::new().await;
    let killed = killed_at_commit("review", "WHEN (NEW.byline = 'Fatal')");
    desk.database().execute(&killed).await;
    let input = |byline: &str| json!({ "film": desk.film, "byline": byline, "score": 50 });
    let fatal = desk.refused(&desk.editor, "addReview", input("Fatal"));
    let bare = desk.refused(&desk.editor, "addReview", input("Bare"));
    let keyed = merged(input("Keyed"), json!({ "idempotencyKey": "k" }));
    let keyed = desk.wrong("addReview", keyed);
    let ((fatal, bare), keyed) = behind_a_first(&desk, join(join(fatal, bare), keyed)).await;
    assert_eq!(keyed, [""; 0]);
    assert_eq!([fatal, bare], ["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
    let added = "SELECT string_agg(byline, ' ' ORDER BY byline) FROM review";
    assert_eq!(desk.database().texts(added).await, ["First Keyed"]);
}
