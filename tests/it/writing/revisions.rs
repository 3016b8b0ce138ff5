//! The revisions of a review, and the actors that they name.

use marquee::access::Role;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use super::{Fixture, merged};
use crate::support::{TestDatabase, TestServer};

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
    // The actor is hidden from the critic.
    let response = fixture.server.send_as(&ann, request).await;
    let node = &response.body["data"]["review"]["revisions"]["nodes"][0];
    assert_eq!(
        (&node["score"], &node["replacedBy"]),
        (&json!(60), &Value::Null)
    );
    let cursor = revisions["pageInfo"]["endCursor"].as_str().unwrap();
    let next = format!(
        r#"{{ review(id: "{id}") {{ revisions(first: 5, after: "{cursor}") {{ pageInfo {{ hasNextPage }} nodes {{ version score }} }} }} }}"#
    );
    assert_eq!(
        fixture.read(&next).await["review"]["revisions"],
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
    let public = TestServer::sharing_database_with(&fixture.server, &["--public-revisions=true"]);
    let response = public.query(document).await;
    for node in response["reviews"]["nodes"].as_array().unwrap() {
        assert_eq!(
            node["revisions"],
            json!({ "totalCount": 1, "nodes": [{ "score": 50 }] })
        );
    }
    assert_eq!(public.cost(document).await, (3, 2));
}

/// Returns the response to a query for the revisions of two reviews, by a caller.
async fn read_both(server: &TestServer, token: Option<&str>, ids: &[Value; 2]) -> Value {
    let document = format!(
        "{{ own: review(id: {}) {{ score revisions {{ totalCount }} }} other: review(id: {}) {{ score revisions {{ totalCount }} }} }}",
        ids[0], ids[1]
    );
    let request = json!({ "query": document });
    match token {
        Some(token) => server.send_as(token, request).await.body,
        None => server.send(request).await.body,
    }
}

/// The caches must not give one caller what another one may read, in any order.
#[tokio::test]
async fn revisions_are_for_editors_and_for_the_critic_of_the_review() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    let own = fixture.add_review(json!({ "score": 50 })).await;
    let other = fixture
        .add_review(json!({ "score": 60, "critic": { "slug": "bob" } }))
        .await;
    let ids = [own["id"].clone(), other["id"].clone()];
    for id in &ids {
        let input = json!({ "id": id, "excerpt": "Again." });
        assert_eq!(fixture.user_errors("updateReview", input).await, [""; 0]);
    }
    let bob = fixture
        .database()
        .texts("SELECT id::text FROM critic WHERE slug = 'bob'")
        .await;
    let bob = fixture
        .database()
        .token(Role::Critic, Some(bob[0].parse().unwrap()))
        .await;
    let callers = [
        (Some(&fixture.editor), [true, true]),
        (None, [false, false]),
        (Some(&ann), [true, false]),
        (Some(&bob), [false, true]),
    ];
    for round in 0..2 {
        for (token, may) in &callers {
            let body = read_both(&fixture.server, token.map(String::as_str), &ids).await;
            let shown = |field: &str| body["data"][field]["revisions"]["totalCount"] == 1;
            assert_eq!([shown("own"), shown("other")], *may, "{round}: {body}");
            // The rest of the reviews is there.
            assert_eq!(
                (
                    &body["data"]["own"]["score"],
                    &body["data"]["other"]["score"]
                ),
                (&json!(50), &json!(60))
            );
            let codes: Vec<_> = body["errors"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|error| (&error["extensions"]["code"], &error["path"][1]))
                .collect();
            let expected: Vec<_> = may
                .iter()
                .filter(|may| !**may)
                .map(|_| (json!("FORBIDDEN"), json!("revisions")))
                .collect();
            let expected: Vec<_> = expected.iter().map(|(code, path)| (code, path)).collect();
            assert_eq!(codes, expected, "{round}: {body}");
        }
    }
    let public = TestServer::sharing_database_with(&fixture.server, &["--public-revisions=true"]);
    for (token, _) in &callers {
        let body = read_both(&public, token.map(String::as_str), &ids).await;
        assert_eq!(body.get("errors"), None);
    }
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
