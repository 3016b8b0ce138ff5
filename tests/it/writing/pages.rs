//! The paste box.

use serde_json::{Value, json};

use super::{Desk, codes};

const PAGE: &str = include_str!("../fixtures/page.txt");

const SELECTION: &str = "film { slug title reviews { totalCount } } score { value label estimated } scoreDistribution { positive { label } }
    reviews { added changed same } critics { added } missingReviewCount lineErrors { line message } userErrors { field code message }";

fn page(text: &str, more: Value) -> Value {
    super::merged(
        json!({ "text": text, "film": { "titled": { "title": "The Quiet Ferry", "year": 2001 } } }),
        more,
    )
}

#[tokio::test]
async fn a_page_is_tried_and_then_taken_in() {
    let desk = Desk::new().await;
    let tried = desk
        .write(
            "importPage",
            SELECTION,
            page(PAGE, json!({ "dryRun": true })),
        )
        .await;
    assert_eq!(tried["film"], Value::Null);
    assert_eq!(
        tried["score"]["label"],
        "Generally favorable reviews - based on 5 Critics"
    );
    assert_eq!(
        tried["reviews"],
        json!({ "added": 5, "changed": 0, "same": 0 })
    );
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        ["0"]
    );
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM film")
            .await,
        ["1"]
    );

    let done = desk
        .write(
            "importPage",
            SELECTION,
            page(PAGE, json!({ "idempotencyKey": "k" })),
        )
        .await;
    assert_eq!(
        done["film"],
        json!({ "slug": "the-quiet-ferry-2001", "title": "The Quiet Ferry", "reviews": { "totalCount": 5 } })
    );
    assert_eq!(
        (&done["score"], &done["scoreDistribution"]),
        (&tried["score"], &tried["scoreDistribution"])
    );
    let retried = desk
        .write(
            "importPage",
            SELECTION,
            page(PAGE, json!({ "idempotencyKey": "k" })),
        )
        .await;
    assert_eq!(retried, done);
    let again = desk
        .write("importPage", SELECTION, page(PAGE, json!({})))
        .await;
    assert_eq!(
        again["reviews"],
        json!({ "added": 0, "changed": 0, "same": 5 })
    );
    let by = "SELECT DISTINCT replaced_by FROM review_revision";
    assert_eq!(desk.database().texts(by).await, [""; 0]);
}

#[tokio::test]
async fn a_page_is_of_a_film_that_is_there_too() {
    let desk = Desk::new().await;
    let input = json!({ "text": PAGE, "film": { "id": desk.film }, "source": "herald" });
    let done = desk.write("importPage", SELECTION, input).await;
    assert_eq!(done["film"]["slug"], "lamp-1999");
    assert_eq!(
        desk.database()
            .texts("SELECT DISTINCT source FROM review")
            .await,
        ["herald"]
    );
    let input = json!({ "text": PAGE, "film": { "id": desk.ann } });
    assert_eq!(desk.wrong("importPage", input).await, ["film.id NOT_FOUND"]);
    desk.database().execute("DELETE FROM film").await;
    let input = json!({ "text": PAGE, "film": { "id": desk.film } });
    assert_eq!(desk.wrong("importPage", input).await, ["film.id NOT_FOUND"]);
}

#[tokio::test]
async fn each_line_that_is_wrong_is_told_and_what_else_is_wrong() {
    let desk = Desk::new().await;
    let broken = PAGE
        .replacen("85", "850", 1)
        .replacen("Jul 1, 2001", "Jul 41, 2001", 1);
    assert_ne!(broken, PAGE);
    let input = json!({ "text": broken, "film": { "titled": { "title": " ", "year": 1 } }, "source": "a\u{7}" });
    let payload = desk.write("importPage", SELECTION, input).await;
    assert_eq!(
        codes(&payload),
        [
            "film.titled.title BLANK",
            "film.titled.year OUT_OF_RANGE",
            "source INVALID",
            "text INVALID"
        ]
    );
    let lines = payload["lineErrors"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{payload}");
    for error in lines {
        let line = usize::try_from(error["line"].as_u64().unwrap()).unwrap();
        let text = broken.lines().nth(line - 1).unwrap();
        assert!(
            text.contains("850") || text.contains("41"),
            "{error}: {text}"
        );
    }
    assert_eq!(
        (&payload["film"], &payload["score"]),
        (&Value::Null, &Value::Null)
    );
}
