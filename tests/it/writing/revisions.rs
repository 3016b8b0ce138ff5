//! The revisions of a review, and the actors that they name.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, merged};
use crate::support::TestDatabase;

#[tokio::test]
async fn revisions_show_previous_states_actors_and_changed_fields() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    for change in [
        json!({ "score": 60 }),
        json!({ "excerpt": "Fine.", "score": 65 }),
    ] {
        let input = merged(json!({ "id": review["id"] }), change);
        fixture
            .write_as(&ann, "updateReview", "userErrors { code }", input)
            .await;
    }
    let id = review["id"].as_str().unwrap();
    let document = format!(
        r#"{{ review(id: "{id}") {{ version revisions(first: 1) {{ totalCount pageInfo {{ hasNextPage endCursor }}
            nodes {{ version score excerpt changed end replacedBy critic {{ name }} }} }} }} }}"#
    );
    let request = json!({ "query": document });
    let response = fixture
        .server
        .send_as(&fixture.editor, request.clone())
        .await;
    let revisions = &response.body["data"]["review"]["revisions"];
    assert_eq!(revisions["totalCount"], 2);
    let node = &revisions["nodes"][0];
    let by = node["replacedBy"].as_str().unwrap();
    assert!(by.starts_with("critic (token "), "{by}");
    assert_eq!(node["changed"], json!(["SCORE", "EXCERPT"]));
    assert_eq!(
        (&node["version"], &node["score"], &node["end"]),
        (&json!(2), &json!(60), &json!("UPDATED"))
    );
    // The actor is hidden from callers without the right to write.
    let response = fixture.server.send(request).await;
    assert_eq!(
        response.body["data"]["review"]["revisions"]["nodes"][0]["replacedBy"],
        Value::Null
    );
    let cursor = revisions["pageInfo"]["endCursor"].as_str().unwrap();
    let next = format!(
        r#"{{ review(id: "{id}") {{ revisions(first: 5, after: "{cursor}") {{ pageInfo {{ hasNextPage }} nodes {{ version score }} }} }} }}"#
    );
    assert_eq!(
        fixture.server.query(&next).await["review"]["revisions"],
        json!({ "pageInfo": { "hasNextPage": false }, "nodes": [{ "version": 1, "score": 50 }] })
    );
}

#[tokio::test]
async fn revisions_of_many_reviews_are_batched() {
    let fixture = Fixture::new().await;
    for critic in ["A", "B", "C", "D"] {
        let review = fixture
            .add_review(json!({ "score": 50, "critic": { "name": critic } }))
            .await;
        let input = json!({ "id": review["id"], "score": 60 });
        fixture
            .write("updateReview", "userErrors { code }", input)
            .await;
    }
    let document = "{ reviews { nodes { revisions(first: 2) { totalCount nodes { score } } } } }";
    let response = fixture.server.query(document).await;
    for node in response["reviews"]["nodes"].as_array().unwrap() {
        assert_eq!(
            node["revisions"],
            json!({ "totalCount": 1, "nodes": [{ "score": 50 }] })
        );
    }
    assert_eq!(fixture.server.cost(document).await, (3, 2));
}

/// The actor is passed to PostgreSQL as a string literal, so any name must be preserved.
#[tokio::test]
async fn names_of_actors_are_preserved() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    for actor in [
        "",
        "O'Neil",
        r"\'; DROP TABLE review; --",
        "$$ \\\\ E'x'",
        "token \"å\" 漢\n\t\u{1}\u{8}\u{1a}\u{7f}",
    ] {
        let begin = marquee::database::sql::begin(&[("marquee.actor", actor)]);
        let (_, settings) = begin.split_once("; ").unwrap();
        let setting = "SELECT current_setting('marquee.actor')";
        for escape_setting in [
            "",
            "SET LOCAL backslash_quote = off; ",
            "SET LOCAL standard_conforming_strings = off; ",
        ] {
            let transaction = connection.begin().await.unwrap();
            transaction
                .execute_unprepared(&format!("{escape_setting}{settings}"))
                .await
                .unwrap();
            let setting = Statement::from_string(DbBackend::Postgres, setting);
            let row = transaction.query_one_raw(setting).await.unwrap();
            let recorded: String = row.unwrap().try_get_by_index(0).unwrap();
            assert_eq!(recorded, actor);
            transaction.rollback().await.unwrap();
        }
    }
    connection.close().await.unwrap();
}
