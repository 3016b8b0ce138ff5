//! `importPage`: importing a pasted page.

use serde_json::{Value, json};

use super::{Fixture, codes};

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
async fn a_page_is_imported_after_a_dry_run() {
    let fixture = Fixture::new().await;
    let dry_run = fixture
        .write(
            "importPage",
            SELECTION,
            page(PAGE, json!({ "dryRun": true })),
        )
        .await;
    assert_eq!(dry_run["film"], Value::Null);
    assert_eq!(
        dry_run["score"]["label"],
        "Generally favorable reviews - based on 5 Critics"
    );
    assert_eq!(
        dry_run["reviews"],
        json!({ "added": 5, "changed": 0, "same": 0 })
    );
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        ["0"]
    );
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM film")
            .await,
        ["1"]
    );

    let result = fixture
        .write("importPage", SELECTION, page(PAGE, json!({})))
        .await;
    assert_eq!(
        result["film"],
        json!({ "slug": "the-quiet-ferry-2001", "title": "The Quiet Ferry", "reviews": { "totalCount": 5 } })
    );
    assert_eq!(
        (&result["score"], &result["scoreDistribution"]),
        (&dry_run["score"], &dry_run["scoreDistribution"])
    );
}

#[tokio::test]
async fn importing_a_page_again_changes_nothing() {
    let fixture = Fixture::new().await;
    let with_key = || page(PAGE, json!({ "idempotencyKey": "k" }));
    let result = fixture.write("importPage", SELECTION, with_key()).await;
    assert_eq!(result["film"]["reviews"], json!({ "totalCount": 5 }));
    let retried = fixture.write("importPage", SELECTION, with_key()).await;
    assert_eq!(retried, result);
    let again = fixture
        .write("importPage", SELECTION, page(PAGE, json!({})))
        .await;
    assert_eq!(
        again["reviews"],
        json!({ "added": 0, "changed": 0, "same": 5 })
    );
    let by = "SELECT DISTINCT replaced_by FROM review_revision";
    assert_eq!(fixture.database().texts(by).await, [""; 0]);
}

#[tokio::test]
async fn a_page_can_be_imported_into_an_existing_film() {
    let fixture = Fixture::new().await;
    let input = json!({ "text": PAGE, "film": { "id": fixture.film }, "source": "herald" });
    let result = fixture.write("importPage", SELECTION, input).await;
    assert_eq!(result["film"]["slug"], "lamp-1999");
    assert_eq!(
        fixture
            .database()
            .texts("SELECT DISTINCT source FROM review")
            .await,
        ["herald"]
    );
    let input = json!({ "text": PAGE, "film": { "id": fixture.ann } });
    assert_eq!(
        fixture.user_errors("importPage", input).await,
        ["film.id NOT_FOUND"]
    );
    fixture.database().execute("DELETE FROM film").await;
    let input = json!({ "text": PAGE, "film": { "id": fixture.film } });
    assert_eq!(
        fixture.user_errors("importPage", input).await,
        ["film.id NOT_FOUND"]
    );
}

#[tokio::test]
async fn line_errors_and_user_errors_are_reported_together() {
    let fixture = Fixture::new().await;
    let broken = PAGE
        .replacen("85", "850", 1)
        .replacen("Jul 1, 2001", "Jul 41, 2001", 1);
    assert_ne!(broken, PAGE);
    let input = json!({ "text": broken, "film": { "titled": { "title": " ", "year": 1 } }, "source": "a\u{7}" });
    let payload = fixture.write("importPage", SELECTION, input).await;
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

/// Returns a page of reviews by different critics with the same score. Ten critics share each slug.
fn page_of(reviews: usize, score: u8) -> String {
    let heading = format!(
        "Universal acclaim - based on {reviews} Critics\n\nPositive: {reviews} out of {reviews}\n\nCritic Reviews\n"
    );
    let mark = ["", "!", "?", "…", "!!", "??", "?!", "!?", "!!!", "???"];
    (1..=reviews).fold(heading, |page, n| {
        let (ten, mark) = (n / 10, mark[n % 10]);
        page + &format!("{n}. Reviewed by: Critic {ten}{mark}\n{score}\nGood.\n")
    })
}

#[tokio::test]
async fn a_page_of_any_length_costs_the_same_statements() {
    let fixture = Fixture::new().await;
    let send = async |reviews: usize, score: u8| {
        let input = page(&page_of(reviews, score), json!({}));
        let request = super::request(
            "importPage",
            "reviews { added changed same } critics { added same } lineErrors { line message } userErrors { message }",
            &input,
        );
        let response = fixture.server.send_as(&fixture.editor, request).await;
        (
            response.body["data"]["importPage"].clone(),
            response.cost.unwrap(),
        )
    };
    let (few, cost_of_few) = send(12, 90).await;
    assert_eq!(few["reviews"]["added"], 12, "{few}");
    let (many, cost_of_many) = send(2_012, 90).await;
    assert_eq!(
        many["reviews"],
        json!({ "added": 2_000, "changed": 0, "same": 12 })
    );
    assert_eq!(many["critics"], json!({ "added": 2_000, "same": 12 }));
    // The film exists by then, so no similar title is looked for and no slug is chosen.
    assert_eq!(cost_of_many.0 + 3, cost_of_few.0);
    let (changed, cost_of_changed) = send(2_012, 91).await;
    assert_eq!(changed["reviews"]["changed"], 2_012);
    assert!(cost_of_changed.0 <= cost_of_many.0);
    let (same, _) = send(2_012, 91).await;
    assert_eq!(same["reviews"]["same"], 2_012);
    // Each name with a taken slug gets its own suffix, and ids follow the order of the page.
    let slugs =
        "SELECT slug FROM critic WHERE slug = 'critic-7' OR slug LIKE 'critic-7-%' ORDER BY id";
    let slugs = fixture.database().texts(slugs).await;
    let expected: Vec<_> = (1..=10)
        .map(|n| match n {
            1 => "critic-7".to_owned(),
            n => format!("critic-7-{n}"),
        })
        .collect();
    assert_eq!(slugs, expected);
}

#[tokio::test]
async fn a_page_is_imported_for_a_film_by_its_slug_and_ambiguous_names_are_user_errors() {
    let fixture = Fixture::new().await;
    let by_slug = page(PAGE, json!({ "film": { "slug": "lamp-1999" } }));
    let result = fixture.write("importPage", SELECTION, by_slug).await;
    assert_eq!(result["film"]["slug"], "lamp-1999");
    fixture
        .database()
        .execute(
            "INSERT INTO film (slug, title, year) VALUES ('quay-a', 'Quay', 2001), ('quay-b', 'QUAY', 2001);
             INSERT INTO critic (slug, name) VALUES ('orla-2', 'Orla Quill')",
        )
        .await;
    let titled = |title: &str| json!({ "film": { "titled": { "title": title, "year": 2001 } } });
    for (film, error) in [
        (
            json!({ "film": { "slug": "nothing" } }),
            "film.slug NOT_FOUND",
        ),
        (
            json!({ "film": { "slug": "No Slug" } }),
            "film.slug NOT_FOUND",
        ),
        (titled("quay"), "film.titled.title AMBIGUOUS"),
        (titled("Ferry"), "text AMBIGUOUS"),
    ] {
        let selection = "reviews { added } userErrors { field code message candidates { slug } }";
        let payload = fixture
            .write("importPage", selection, page(PAGE, film))
            .await;
        assert_eq!(codes(&payload), [error]);
        assert_eq!(payload["reviews"], Value::Null);
        if error.ends_with("AMBIGUOUS") {
            let candidates = payload["userErrors"][0]["candidates"].as_array().unwrap();
            assert_eq!(candidates.len(), 2, "{payload}");
        }
    }
}
