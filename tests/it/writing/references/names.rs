//! Critics and publications by name.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::writing::{Fixture, codes, merged};

const SELECTION: &str = "review { critic { name slug } publication { name slug } byline }
    userErrors { field code message candidates { nodeId slug name } }";

/// Adds a review with these references as the editor.
async fn add(fixture: &Fixture, input: Value) -> Value {
    let input = merged(json!({ "film": fixture.film, "score": 70 }), input);
    fixture.write("addReview", SELECTION, input).await
}

async fn insert(fixture: &Fixture, sql: &str) {
    fixture.database().execute(sql).await;
}

#[tokio::test]
async fn a_name_that_differs_in_case_means_the_existing_row() {
    let fixture = Fixture::new().await;
    insert(
        &fixture,
        "INSERT INTO critic (slug, name) VALUES ('renee-dubois', 'Renée Dubois'), ('strasse', 'Anna Straße');
         INSERT INTO publication (slug, name, weight) VALUES ('kino-kiez', 'Kino & Kiez', 200)",
    )
    .await;
    for (name, slug) in [
        ("renée dubois", "renee-dubois"),
        ("RENE\u{301}E DUBOIS", "renee-dubois"),
        ("anna strasse", "strasse"),
    ] {
        let publication = json!({ "name": "kino & kiez" });
        let input = json!({ "critic": { "name": name }, "publication": publication });
        let payload = add(&fixture, input.clone()).await;
        if slug == "renee-dubois" && name.starts_with('R') {
            assert_eq!(codes(&payload), [" ALREADY_REVIEWED"]);
            continue;
        }
        assert_eq!(codes(&payload), [""; 0]);
        assert_eq!(payload["review"]["critic"]["slug"], slug);
        assert_eq!(payload["review"]["publication"]["name"], "Kino & Kiez");
    }
    // Another letter is another name.
    let another = json!({ "named": { "name": "Renee Dubois", "create": true } });
    let payload = add(&fixture, json!({ "critic": another })).await;
    assert_eq!(payload["review"]["critic"]["slug"], "renee-dubois-2");
    let names = "SELECT name FROM critic ORDER BY id";
    assert_eq!(
        fixture.database().texts(names).await,
        ["Ann", "Bob", "Renée Dubois", "Anna Straße", "Renee Dubois"]
    );
    let names = "SELECT name FROM publication ORDER BY id";
    assert_eq!(
        fixture.database().texts(names).await,
        ["Post", "Kino & Kiez"]
    );
}

#[tokio::test]
async fn an_exact_name_takes_precedence_and_an_ambiguous_one_lists_its_candidates() {
    let fixture = Fixture::new().await;
    fixture.allow_more_reviews().await;
    insert(
        &fixture,
        "INSERT INTO critic (slug, name) VALUES ('ida-1', 'Ida Fern'), ('ida-2', 'IDA FERN'), ('bo-1', 'Bo'), ('bo-2', 'Bo')",
    )
    .await;
    let payload = add(&fixture, json!({ "critic": { "name": "IDA FERN" } })).await;
    assert_eq!(payload["review"]["critic"]["slug"], "ida-2");
    for (name, slugs) in [("ida fern", ["ida-1", "ida-2"]), ("Bo", ["bo-1", "bo-2"])] {
        let payload = add(&fixture, json!({ "critic": { "name": name } })).await;
        assert_eq!(codes(&payload), ["critic.name AMBIGUOUS"]);
        let error = &payload["userErrors"][0];
        let candidates = error["candidates"].as_array().unwrap();
        let found: Vec<_> = candidates.iter().map(|found| &found["slug"]).collect();
        assert_eq!(found, slugs);
        assert!(
            error["message"].as_str().unwrap().contains(slugs[1]),
            "{error}"
        );
        let input =
            json!({ "critic": { "id": candidates[1]["nodeId"] }, "publication": { "name": name } });
        let payload = add(&fixture, input).await;
        assert_eq!(payload["review"]["critic"]["slug"], slugs[1]);
    }
}

#[tokio::test]
async fn a_new_row_can_be_added_beside_one_of_the_same_name() {
    let fixture = Fixture::new().await;
    fixture.allow_more_reviews().await;
    let named = |name: &str, create: Value| json!({ "named": { "name": name, "create": create } });
    for (name, create, slug) in [
        ("ann", Value::Null, "ann"),
        ("ANN", json!(false), "ann"),
        ("ann", json!(true), "ann-2"),
        ("Ann", json!(true), "ann-3"),
    ] {
        let publication = json!({ "name": format!("{name} {create}") });
        let input = json!({ "critic": named(name, create), "publication": publication });
        let payload = add(&fixture, input).await;
        assert_eq!(codes(&payload), [""; 0]);
        assert_eq!(payload["review"]["critic"]["slug"], slug);
    }
    let blank = json!({ "critic": named(" ", json!(true)) });
    assert_eq!(
        codes(&add(&fixture, blank).await),
        ["critic.named.name BLANK"]
    );
    let publication = json!({ "publication": named("POST", json!(true)) });
    let payload = add(&fixture, publication).await;
    assert_eq!(payload["review"]["publication"]["slug"], "post-2");
    // A critic can't add a publication, whatever its name.
    let ann = fixture.ann_token().await;
    let input =
        json!({ "film": fixture.film, "score": 1, "publication": named("POST", json!(true)) });
    let payload = fixture.write_as(&ann, "addReview", SELECTION, input).await;
    assert_eq!(codes(&payload), ["publication NOT_FOUND"]);
}

#[tokio::test]
async fn concurrent_requests_add_a_name_in_any_case_once() {
    let fixture = Fixture::new().await;
    let spellings = ["Kino & Kiez", "kino & kiez", "KINO & KIEZ", "Kino & kiez"];
    let requests = (0..12).map(|number| {
        let critic = json!({ "named": { "name": "Guest", "create": true } });
        let publication = json!({ "name": spellings[number % spellings.len()] });
        add(
            &fixture,
            json!({ "critic": critic, "publication": publication }),
        )
    });
    for payload in join_all(requests).await {
        assert_eq!(codes(&payload), [""; 0]);
    }
    let count = "SELECT count(*)::text FROM publication WHERE name_folded = 'kino & kiez'";
    assert_eq!(fixture.database().texts(count).await, ["1"]);
    let count = "SELECT count(*)::text FROM critic WHERE name = 'Guest'";
    assert_eq!(fixture.database().texts(count).await, ["12"]);
}

#[tokio::test]
async fn a_row_is_not_added_beside_one_whose_name_differs_in_case() {
    let fixture = Fixture::new().await;
    let selection = "userErrors { field code message candidates { slug name } }";
    for (mutation, input, field, candidate) in [
        (
            "addCritic",
            json!({ "name": "aNN" }),
            "name",
            ["ann", "Ann"],
        ),
        (
            "addPublication",
            json!({ "name": "POST" }),
            "name",
            ["post", "Post"],
        ),
        (
            "addFilm",
            json!({ "title": "LAMP", "year": 1999 }),
            "title",
            ["lamp-1999", "Lamp"],
        ),
    ] {
        let payload = fixture.write(mutation, selection, input.clone()).await;
        assert_eq!(codes(&payload), [format!("{field} ALREADY_EXISTS")]);
        let [slug, name] = candidate;
        assert_eq!(
            payload["userErrors"][0]["candidates"],
            json!([{ "slug": slug, "name": name }])
        );
        let insisting = merged(input, json!({ "slug": "another" }));
        assert_eq!(fixture.user_errors(mutation, insisting).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_query_finds_critics_and_publications_by_name() {
    let fixture = Fixture::new().await;
    insert(
        &fixture,
        "INSERT INTO critic (slug, name) VALUES ('bo-1', 'Bo'), ('bo-2', 'Bo')",
    )
    .await;
    let query = |by: &str| {
        format!(
            r#"{{ critic(by: {{name: "{by}"}}) {{ slug }} publication(by: {{name: "post"}}) {{ slug }} }}"#
        )
    };
    let found = fixture.server.query(&query(" ANN ")).await;
    assert_eq!(
        found,
        json!({ "critic": { "slug": "ann" }, "publication": { "slug": "post" } })
    );
    for missing in ["Nobody", "", "a\\u0000"] {
        assert_eq!(
            fixture.server.query(&query(missing)).await["critic"],
            Value::Null
        );
    }
    let response = fixture.server.send(json!({ "query": query("bo") })).await;
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "AMBIGUOUS"
    );
    // A new critic of the name is found at once.
    assert_eq!(
        fixture
            .user_errors("addCritic", json!({ "name": "Nobody" }))
            .await,
        [""; 0]
    );
    let found = fixture.server.query(&query("nobody")).await;
    assert_eq!(found["critic"]["slug"], "nobody");
}
