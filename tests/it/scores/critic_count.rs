//! The number of critics of a film, which its label has: several reviews by one critic count once, and a review without
//! a critic counts as one.

use marquee::review::store::tally::{recount, repair};
use serde_json::{Value, json};

use crate::support::{TestServer, eventually};

const CATALOGUE: &str = "
INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp'), ('moth', 'Moth');
INSERT INTO critic (slug, name) VALUES ('ann', 'Ann'), ('bob', 'Bob');
INSERT INTO publication (slug, name) VALUES ('post', 'Post'), ('herald', 'Herald');
INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, reviewed_on, source, external_id)
SELECT 1, critic, publication, score, 'given', date '2020-01-01' + score, 'wire', row_number() OVER ()
FROM (VALUES (1, 1, 50), (1, 2, 60), (1, NULL, 70), (2, 1, 80), (NULL, 1, 90), (NULL, 2, 95)) AS data (critic, publication, score)";

async fn server() -> TestServer {
    let server = TestServer::empty().await;
    server.database.execute(CATALOGUE).await;
    server
}

/// Returns the label and the counts of a film, of its reviews that match a filter.
async fn score(server: &TestServer, film: &str, filter: &str) -> Value {
    let filter = if filter.is_empty() {
        String::new()
    } else {
        format!("(filter: {{{filter}}})")
    };
    let document = format!(
        "{{ film(by: {{slug: \"{film}\"}}) {{ score{filter} {{ label criticCount reviewCount }} }} }}"
    );
    server.query(&document).await["film"]["score"].clone()
}

fn expected(verdict: &str, critics: &str, counts: [u32; 2]) -> Value {
    json!({
        "label": format!("{verdict} - based on {critics}"), "criticCount": counts[0], "reviewCount": counts[1],
    })
}

#[tokio::test]
async fn the_label_of_a_film_counts_each_critic_once() {
    let server = server().await;
    let favorable = "Generally favorable reviews";
    assert_eq!(
        score(&server, "lamp", "").await,
        expected(favorable, "4 Critics", [4, 6])
    );
    assert_eq!(
        score(&server, "moth", "").await,
        json!({ "label": "No score yet - 0 of 4 reviews", "criticCount": 0, "reviewCount": 0 })
    );
    // Filtered scores count alike.
    let data = server
        .query(r#"{ publication(by: {slug: "post"}) { id } }"#)
        .await;
    let of_post = format!("publication: {}", data["publication"]["id"]);
    for (filter, critics, counts) in [
        (
            "until: \"2020-03-11\"",
            "No score yet - 3 of 4 reviews",
            [1, 3],
        ),
        ("since: \"2020-03-01\"", "based on 4 Critics", [4, 5]),
        (&*of_post, "No score yet - 3 of 4 reviews", [3, 3]),
    ] {
        let found = score(&server, "lamp", filter).await;
        assert_eq!(
            (&found["criticCount"], &found["reviewCount"]),
            (&json!(counts[0]), &json!(counts[1])),
            "{filter}"
        );
        let label = found["label"].as_str().unwrap();
        assert!(label.ends_with(critics), "{filter}: {label}");
    }
    // Critics and publications have reviews.
    let data = server
        .query(r#"{ critic(by: {slug: "ann"}) { score { label criticCount reviewCount } }
            publication(by: {slug: "post"}) { score(filter: {since: "2020-01-01"}) { label criticCount reviewCount } } }"#)
        .await;
    let unscored = "No score yet - 3 of 4 reviews";
    for owner in ["critic", "publication"] {
        assert_eq!(
            data[owner]["score"],
            json!({ "label": unscored, "criticCount": 3, "reviewCount": 3 })
        );
    }
}

#[tokio::test]
async fn every_change_of_the_critics_of_a_film_changes_its_label() {
    let server = server().await;
    // A server that has just started may not listen yet, and a change from before that is not heard.
    server.clear_caches().await;
    for (change, lamp, moth) in [
        ("UPDATE review SET critic_id = 2 WHERE score = 50", 4, 0),
        ("UPDATE review SET critic_id = 2 WHERE critic_id = 1", 3, 0),
        ("UPDATE review SET film_id = 2 WHERE score <= 60", 3, 1),
        ("UPDATE review SET critic_id = NULL WHERE score = 60", 3, 2),
        (
            "INSERT INTO review (film_id, critic_id, publication_id) VALUES (2, 2, 1)",
            3,
            2,
        ),
        (
            "INSERT INTO review (film_id, critic_id, publication_id) VALUES (2, 1, 1), (2, 1, 2), (1, 2, 1)",
            3,
            3,
        ),
        (
            "DELETE FROM review WHERE film_id = 2 AND critic_id = 1 AND publication_id = 2",
            3,
            3,
        ),
        ("DELETE FROM critic WHERE id = 2", 5, 4),
        ("TRUNCATE review", 0, 0),
    ] {
        server
            .after_notification(|| server.database.execute(change))
            .await;
        // A change of several tables has several notifications.
        for (film, critics) in [("lamp", lamp), ("moth", moth)] {
            let what = format!("{film} has {critics} critics after {change}");
            let is_counted = async || score(&server, film, "").await["criticCount"] == critics;
            eventually(&what, is_counted).await;
        }
        let connection = server.database.connect(1);
        assert_eq!(recount(&connection).await.unwrap(), [], "{change}");
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_number_of_repeated_reviews_is_found_and_repaired() {
    let server = server().await;
    let connection = server.database.connect(1);
    server
        .database
        .execute("UPDATE film_tally SET repeated = 0")
        .await;
    let differences = recount(&connection).await.unwrap();
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(
        (&*differences[0].kind, &*differences[0].slug),
        ("film", "lamp")
    );
    repair(&connection).await.unwrap();
    assert_eq!(recount(&connection).await.unwrap(), []);
    assert_eq!(score(&server, "lamp", "").await["criticCount"], 4);
    connection.close().await.unwrap();
}
