//! Mutations of films.

use serde_json::{Value, json};

use super::{Fixture, codes};

#[tokio::test]
async fn a_film_is_added_with_all_of_its_attributes() {
    let desk = Fixture::new().await;
    let input = json!({
        "title": " Ame\u{301}lie ", "releaseDate": "2001-04-25", "runtimeMinutes": 122, "directors": ["Jean-Pierre Jeunet", " "],
        "genres": ["Comedy", "Romance"], "synopsis": "She mends lives.", "url": "https://films.example/amelie",
    });
    let selection = "film { slug title year releaseDate runtimeMinutes directors genres synopsis url version score { label } } userErrors { code }";
    let payload = desk.write("addFilm", selection, input).await;
    assert_eq!(
        payload,
        json!({
            "film": {
                "slug": "amelie", "title": "Amélie", "year": null, "releaseDate": "2001-04-25", "runtimeMinutes": 122,
                "directors": ["Jean-Pierre Jeunet"], "genres": ["Comedy", "Romance"], "synopsis": "She mends lives.",
                "url": "https://films.example/amelie", "version": 1, "score": { "label": "No score yet - based on 0 Critics" },
            },
            "userErrors": [],
        })
    );
}

#[tokio::test]
async fn a_film_is_not_added_twice_unless_duplicates_are_allowed() {
    let desk = Fixture::new().await;
    let same = json!({ "title": "Lamp", "year": 1999 });
    assert_eq!(desk.wrong("addFilm", same).await, ["title ALREADY_EXISTS"]);
    let taken = json!({ "title": "Lamp", "year": 1999, "slug": "lamp-1999" });
    assert_eq!(desk.wrong("addFilm", taken).await, ["slug ALREADY_EXISTS"]);
    let another = json!({ "title": "Lamp", "year": 1999, "slug": "lamp-1999-short" });
    assert_eq!(desk.wrong("addFilm", another).await, [""; 0]);
    // A different title may have the same slug.
    let input = json!({ "title": "Lamp!", "year": 1999 });
    let payload = desk
        .write("addFilm", "film { slug } userErrors { code }", input)
        .await;
    assert_eq!(payload["film"]["slug"], "lamp-1999-2");
}

#[tokio::test]
async fn a_film_is_updated_partially() {
    let desk = Fixture::new().await;
    let selection = "film { slug title year genres version } userErrors { field code message }";
    let input = json!({ "id": desk.film, "expectedVersion": 1, "title": "The Lamp", "slug": "the-lamp", "genres": ["Noir"] });
    let payload = desk.write("updateFilm", selection, input).await;
    assert_eq!(
        payload["film"],
        json!({ "slug": "the-lamp", "title": "The Lamp", "year": 1999, "genres": ["Noir"], "version": 2 })
    );
    let input = json!({ "id": desk.film, "expectedVersion": 1, "title": null, "year": 1, "slug": "The Lamp", "runtimeMinutes": 0 });
    let payload = desk.write("updateFilm", selection, input).await;
    assert_eq!(
        codes(&payload),
        [
            "expectedVersion STALE",
            "slug INVALID",
            "title BLANK",
            "year OUT_OF_RANGE",
            "runtimeMinutes OUT_OF_RANGE"
        ]
    );
    assert_eq!(payload["film"]["version"], 2);
    let input = json!({ "id": desk.film, "year": null, "genres": null });
    let payload = desk.write("updateFilm", selection, input).await;
    assert_eq!(
        (&payload["film"]["year"], &payload["film"]["genres"]),
        (&Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn deleting_a_film_with_reviews_requires_consent() {
    let desk = Fixture::new().await;
    desk.add_review(json!({ "score": 50 })).await;
    let selection =
        "deletedFilmId deletedReviewCount film { title } userErrors { field code message }";
    let payload = desk
        .write("deleteFilm", selection, json!({ "id": desk.film }))
        .await;
    assert_eq!(codes(&payload), ["withReviews IN_USE"]);
    assert_eq!(payload["film"]["title"], "Lamp");
    let input = json!({ "id": desk.film, "withReviews": true, "expectedVersion": 1 });
    let payload = desk.write("deleteFilm", selection, input).await;
    assert_eq!(
        payload,
        json!({ "deletedFilmId": desk.film, "deletedReviewCount": 1, "film": null, "userErrors": [] })
    );
    assert_eq!(
        desk.database()
            .texts("SELECT review_count::text FROM critic_tally ORDER BY 1")
            .await,
        ["0", "0"]
    );
}

#[tokio::test]
async fn mutations_of_one_request_are_separate_transactions_in_order() {
    let desk = Fixture::new().await;
    let document = r#"mutation {
        one: addFilm(input: {title: "One"}) { film { slug } userErrors { code } }
        again: addFilm(input: {title: "One"}) { film { slug } userErrors { code } }
        bad: createToken(input: {name: "x", role: EDITOR}) { secret }
        two: addFilm(input: {title: "Two"}) { film { slug } userErrors { code } } }"#;
    let response = desk
        .server
        .send_as(&desk.editor, json!({ "query": document }))
        .await;
    assert_eq!(
        response.body["data"],
        json!({
            "one": { "film": { "slug": "one" }, "userErrors": [] },
            "again": { "film": null, "userErrors": [{ "code": "ALREADY_EXISTS" }] },
            "bad": null,
            "two": { "film": { "slug": "two" }, "userErrors": [] },
        })
    );
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
}
