//! Reviews that are moved to another film.

use serde_json::{Value, json};

use super::{Fixture, codes, merged};
use crate::support::socket::Socket;

const SELECTION: &str = "changed review { version film { slug } critic { name } }
    film { slug score { reviewCount } } previousFilm { slug score { reviewCount } } userErrors { field code message }";

/// Adds a second film, and returns its id.
async fn moth(fixture: &Fixture) -> Value {
    let input = json!({ "title": "Moth", "slug": "moth" });
    fixture.write("addFilm", "film { id }", input).await["film"]["id"].take()
}

#[tokio::test]
async fn a_moved_review_counts_for_the_other_film() {
    let fixture = Fixture::new().await;
    let moth = moth(&fixture).await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let input = json!({ "id": review["id"], "film": moth, "idempotencyKey": "move" });
    let payload = fixture
        .write("updateReview", SELECTION, input.clone())
        .await;
    let expected = json!({
        "changed": ["FILM"],
        "review": { "version": 2, "film": { "slug": "moth" }, "critic": { "name": "Ann" } },
        "film": { "slug": "moth", "score": { "reviewCount": 1 } },
        "previousFilm": { "slug": "lamp-1999", "score": { "reviewCount": 0 } },
        "userErrors": [],
    });
    assert_eq!(payload, expected);
    // A retry returns the same, and so does a read.
    assert_eq!(
        fixture.write("updateReview", SELECTION, input).await,
        expected
    );
    let read = fixture
        .server
        .query("{ films { nodes { slug score { reviewCount } reviews { totalCount nodes { version } } } } }")
        .await;
    assert_eq!(
        read["films"]["nodes"],
        json!([
            { "slug": "lamp-1999", "score": { "reviewCount": 0 }, "reviews": { "totalCount": 0, "nodes": [] } },
            { "slug": "moth", "score": { "reviewCount": 1 }, "reviews": { "totalCount": 1, "nodes": [{ "version": 2 }] } },
        ])
    );
    // The revision shows it, and the tallies are right.
    let id = review["id"].as_str().unwrap();
    let query =
        format!("{{ review(id: \"{id}\") {{ revisions {{ nodes {{ version changed }} }} }} }}");
    assert_eq!(
        fixture.read(&query).await["review"]["revisions"]["nodes"],
        json!([{ "version": 1, "changed": ["FILM"] }])
    );
    // The film that a review has already, and null, change nothing.
    for film in [moth, Value::Null] {
        let input = json!({ "id": review["id"], "film": film, "expectedVersion": 2 });
        let payload = fixture.write("updateReview", SELECTION, input).await;
        assert_eq!(
            (&payload["changed"], &payload["previousFilm"]),
            (&json!([]), &Value::Null)
        );
        assert_eq!(payload["review"]["version"], 2);
    }
}

#[tokio::test]
async fn a_move_is_rejected_if_the_critic_has_reviewed_the_other_film() {
    let fixture = Fixture::new().await;
    let moth = moth(&fixture).await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    fixture
        .add_review(json!({ "score": 60, "film": moth }))
        .await;
    let move_to =
        |film: &Value, more: Value| merged(json!({ "id": review["id"], "film": film }), more);
    let errors = fixture
        .user_errors("updateReview", move_to(&moth, json!({})))
        .await;
    assert_eq!(errors, [" ALREADY_REVIEWED"]);
    // As another critic's it can be moved.
    let errors = fixture
        .user_errors(
            "updateReview",
            move_to(&moth, json!({ "critic": { "slug": "bob" } })),
        )
        .await;
    assert_eq!(errors, [""; 0]);
    for film in [json!("RmlsbTo5OTk"), json!("nonsense"), json!(fixture.ann)] {
        let input = move_to(&film, json!({ "score": 101 }));
        let errors = fixture.user_errors("updateReview", input).await;
        assert_eq!(errors, ["film NOT_FOUND", "score OUT_OF_RANGE"], "{film}");
    }
}

#[tokio::test]
async fn a_critic_moves_only_their_own_reviews() {
    let fixture = Fixture::new().await;
    let moth = moth(&fixture).await;
    let ann = fixture.ann_token().await;
    let own = fixture.add_review(json!({ "score": 50 })).await;
    let other = fixture
        .add_review(json!({ "score": 50, "critic": { "id": fixture.bob } }))
        .await;
    let input = json!({ "id": own["id"], "film": moth });
    let payload = fixture
        .write_as(&ann, "updateReview", SELECTION, input)
        .await;
    assert_eq!(
        (codes(&payload), &payload["changed"]),
        (Vec::new(), &json!(["FILM"]))
    );
    let input = json!({ "id": other["id"], "film": moth });
    assert_eq!(
        fixture.error_code(&ann, "updateReview", input).await,
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn the_subscribers_of_both_films_receive_a_move() {
    let fixture = Fixture::new().await;
    let moth = moth(&fixture).await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let mut socket = Socket::open(fixture.server.address()).await;
    let films = [json!(fixture.film), moth.clone()];
    for film in &films {
        let document = format!(
            "subscription {{ reviewChanged(film: {film}) {{ kind version film {{ slug }} }} }}"
        );
        socket.subscribe(film.as_str().unwrap(), &document).await;
    }
    let input = json!({ "id": review["id"], "film": moth });
    fixture.write("updateReview", SELECTION, input).await;
    let mut receivers = Vec::new();
    while receivers.len() < 2 {
        let mut message = socket.message().await;
        if message["payload"]["data"]["reviewChanged"]["kind"] == "ADDED" {
            // The subscription began before this event was delivered.
            continue;
        }
        assert_eq!(
            message["payload"]["data"]["reviewChanged"],
            json!({ "kind": "UPDATED", "version": 2, "film": { "slug": "moth" } })
        );
        receivers.push(message["id"].take());
    }
    receivers.sort_by_key(ToString::to_string);
    let mut expected = films.to_vec();
    expected.sort_by_key(ToString::to_string);
    assert_eq!(receivers, expected);
}
