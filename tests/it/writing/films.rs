//! Mutations of films.

use serde_json::{Value, json};

use super::{Fixture, codes, merged};

#[tokio::test]
async fn a_film_is_added_with_all_of_its_attributes() {
    let fixture = Fixture::new().await;
    let input = json!({
        "title": " Ame\u{301}lie ", "releaseDate": "2001-04-25", "runtimeMinutes": 122, "directors": ["Jean-Pierre Jeunet", " "],
        "genres": ["Comedy", "Romance"], "synopsis": "She mends lives.", "url": "https://films.example/amelie",
    });
    let selection = "film { slug title year releaseDate runtimeMinutes directors genres synopsis url version score { label } } userErrors { code }";
    let payload = fixture.write("addFilm", selection, input).await;
    assert_eq!(
        payload,
        json!({
            "film": {
                "slug": "amelie-2001", "title": "Amélie", "year": 2001, "releaseDate": "2001-04-25", "runtimeMinutes": 122,
                "directors": ["Jean-Pierre Jeunet"], "genres": ["Comedy", "Romance"], "synopsis": "She mends lives.",
                "url": "https://films.example/amelie", "version": 1, "score": { "label": "No score yet - 0 of 4 reviews" },
            },
            "userErrors": [],
        })
    );
}

#[tokio::test]
async fn the_year_is_that_of_the_release_date() {
    let fixture = Fixture::new().await;
    let selection = "film { slug year releaseDate } userErrors { field code message }";
    let input = json!({ "title": "Quay", "releaseDate": "2023-05-12" });
    let payload = fixture.write("addFilm", selection, input).await;
    assert_eq!(
        payload["film"],
        json!({ "slug": "quay-2023", "year": 2023, "releaseDate": "2023-05-12" })
    );
    for (date, year, error) in [
        ("2023-05-12", json!(2022), "releaseDate CONTRADICTION"),
        ("1869-12-31", Value::Null, "releaseDate OUT_OF_RANGE"),
        ("2201-01-01", Value::Null, "releaseDate OUT_OF_RANGE"),
    ] {
        let input = json!({ "title": "Ferry", "year": year, "releaseDate": date });
        assert_eq!(fixture.user_errors("addFilm", input).await, [error]);
    }
    fixture
        .database()
        .execute("INSERT INTO film (slug, title) VALUES ('salt', 'Salt')")
        .await;
    let salt = fixture
        .server
        .query(r#"{ film(by: {slug: "salt"}) { id } }"#)
        .await;
    let update = |input| merged(json!({ "id": salt["film"]["id"] }), input);
    for (input, year) in [
        (json!({ "releaseDate": "2001-02-03" }), json!(2001)),
        (json!({ "year": null }), json!(2001)),
        (json!({ "releaseDate": null }), json!(2001)),
        (json!({ "year": null }), Value::Null),
    ] {
        let payload = fixture.write("updateFilm", selection, update(input)).await;
        assert_eq!(
            (&payload["film"]["year"], &payload["userErrors"]),
            (&year, &json!([]))
        );
    }
}

#[tokio::test]
async fn a_film_is_not_added_twice_unless_duplicates_are_allowed() {
    let fixture = Fixture::new().await;
    let same = json!({ "title": "Lamp", "year": 1999 });
    assert_eq!(
        fixture.user_errors("addFilm", same).await,
        ["title ALREADY_EXISTS"]
    );
    let taken = json!({ "title": "Lamp", "year": 1999, "slug": "lamp-1999" });
    assert_eq!(
        fixture.user_errors("addFilm", taken).await,
        ["slug ALREADY_EXISTS"]
    );
    let another = json!({ "title": "Lamp", "year": 1999, "slug": "lamp-1999-short" });
    assert_eq!(fixture.user_errors("addFilm", another).await, [""; 0]);
    // A different title may have the same slug.
    let input = json!({ "title": "Lamp 1999" });
    let payload = fixture
        .write("addFilm", "film { slug } userErrors { code }", input)
        .await;
    assert_eq!(payload["film"]["slug"], "lamp-1999-2");
}

#[tokio::test]
async fn a_film_is_updated_partially() {
    let fixture = Fixture::new().await;
    let selection = "film { slug title year genres version } userErrors { field code message }";
    let input = json!({ "id": fixture.film, "expectedVersion": 1, "title": "The Lamp", "slug": "the-lamp", "genres": ["Noir"] });
    let payload = fixture.write("updateFilm", selection, input).await;
    assert_eq!(
        payload["film"],
        json!({ "slug": "the-lamp", "title": "The Lamp", "year": 1999, "genres": ["Noir"], "version": 2 })
    );
    let input = json!({ "id": fixture.film, "expectedVersion": 1, "title": null, "year": 1, "slug": "The Lamp", "runtimeMinutes": 0 });
    let payload = fixture.write("updateFilm", selection, input).await;
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
    let input = json!({ "id": fixture.film, "year": null, "genres": null });
    let payload = fixture.write("updateFilm", selection, input).await;
    assert_eq!(
        (&payload["film"]["year"], &payload["film"]["genres"]),
        (&Value::Null, &json!([]))
    );
}

#[tokio::test]
async fn deleting_a_film_with_reviews_requires_consent() {
    let fixture = Fixture::new().await;
    fixture.add_review(json!({ "score": 50 })).await;
    let selection =
        "deletedFilmId deletedReviewCount film { title } userErrors { field code message }";
    let payload = fixture
        .write("deleteFilm", selection, json!({ "id": fixture.film }))
        .await;
    assert_eq!(codes(&payload), ["withReviews IN_USE"]);
    assert_eq!(payload["film"]["title"], "Lamp");
    let input = json!({ "id": fixture.film, "withReviews": true, "expectedVersion": 1 });
    let payload = fixture.write("deleteFilm", selection, input).await;
    assert_eq!(
        payload,
        json!({ "deletedFilmId": fixture.film, "deletedReviewCount": 1, "film": null, "userErrors": [] })
    );
    assert_eq!(
        fixture
            .database()
            .texts("SELECT review_count::text FROM critic_tally ORDER BY 1")
            .await,
        ["0", "0"]
    );
}

#[tokio::test]
async fn mutations_of_one_request_are_separate_transactions_in_order() {
    let fixture = Fixture::new().await;
    let document = r#"mutation {
        one: addFilm(input: {title: "One"}) { film { slug } userErrors { code } }
        again: addFilm(input: {title: "One"}) { film { slug } userErrors { code } }
        bad: createToken(input: {name: "x", role: EDITOR}) { secret }
        two: addFilm(input: {title: "Two"}) { film { slug } userErrors { code } } }"#;
    let response = fixture
        .server
        .send_as(&fixture.editor, json!({ "query": document }))
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
