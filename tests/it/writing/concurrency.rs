//! Concurrent writers, and writers that wait for locks.

mod connections;
mod locks;

use std::time::Duration;

use serde_json::json;

use super::{Fixture, codes};

#[tokio::test]
async fn concurrent_additions_of_one_review_add_it_once() {
    let fixture = Fixture::new().await;
    let reviews = (0..16).map(|_| {
        let input = json!({ "film": fixture.film, "critic": { "name": "Nora New" }, "publication": { "name": "New Post" }, "score": 50 });
        fixture.write("addReview", "review { id } userErrors { field code message }", input)
    });
    let responses = futures_util::future::join_all(reviews).await;
    let added = responses
        .iter()
        .filter(|response| codes(response).is_empty())
        .count();
    assert_eq!(added, 1, "{responses:?}");
    let refused = responses
        .iter()
        .filter(|response| codes(response) == [" ALREADY_REVIEWED"])
        .count();
    assert_eq!(refused, 15, "{responses:?}");
    let films =
        (0..8).map(|_| fixture.user_errors("addFilm", json!({ "title": "Twice", "year": 2000 })));
    let responses = futures_util::future::join_all(films).await;
    assert_eq!(
        responses.iter().filter(|errors| errors.is_empty()).count(),
        1,
        "{responses:?}"
    );
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM critic WHERE name = 'Nora New'), (SELECT count(*) FROM publication
        WHERE name = 'New Post'), (SELECT count(*) FROM review), (SELECT count(*) FROM film WHERE title = 'Twice'))";
    assert_eq!(fixture.database().texts(counts).await, ["1 1 1 1"]);
}

#[tokio::test]
async fn concurrent_additions_of_one_name_add_it_once() {
    let fixture = Fixture::new().await;
    for round in 0..50 {
        let name = format!("New {round}");
        let each = (0..10_u64).map(async |number| {
            let place = number % 5;
            // The delays vary so that one request looks the name up before another commits it, and chooses a slug
            // afterwards.
            tokio::time::sleep(Duration::from_micros(number * round * 20)).await;
            let film = json!({ "title": name, "year": 2000 });
            let review =
                json!({ "film": fixture.film, "publication": { "name": name }, "score": 50 });
            let (named, user_errors) = match place {
                0 => (
                    "name",
                    fixture
                        .user_errors("addPublication", json!({ "name": name }))
                        .await,
                ),
                1 => (
                    "name",
                    fixture
                        .user_errors("addCritic", json!({ "name": name }))
                        .await,
                ),
                2 => ("title", fixture.user_errors("addFilm", film.clone()).await),
                _ => ("", fixture.user_errors("addReview", review).await),
            };
            let expected = format!("{named} ALREADY_EXISTS");
            assert!(
                user_errors.is_empty() || user_errors == [expected],
                "{place}: {user_errors:?}"
            );
        });
        futures_util::future::join_all(each).await;
    }
    for (table, name) in [
        ("film", "title"),
        ("critic", "name"),
        ("publication", "name"),
    ] {
        let twice = format!("SELECT {name}::text FROM {table} GROUP BY {name} HAVING count(*) > 1");
        assert_eq!(fixture.database().texts(&twice).await, [""; 0], "{table}");
    }
}

#[tokio::test]
async fn many_reviews_of_one_film_by_many_critics_are_all_counted() {
    let fixture = Fixture::new().await;
    let reviews = (0..40).map(|number| {
        let input = json!({ "film": fixture.film, "critic": { "name": format!("Critic {number}") }, "publication": { "id": fixture.post }, "score": number });
        fixture.user_errors("addReview", input)
    });
    let responses = futures_util::future::join_all(reviews).await;
    assert!(responses.iter().all(Vec::is_empty), "{responses:?}");
    let connection = fixture.database().connect(1);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
    let tally = "SELECT concat_ws(' ', review_count, weighted_sum) FROM film_tally";
    assert_eq!(fixture.database().texts(tally).await, ["40 78000"]);
}

#[tokio::test]
async fn a_page_and_a_writer_that_name_the_same_critic_add_it_once() {
    let fixture = Fixture::new().await;
    let page = include_str!("../fixtures/page.txt");
    let titled = json!({ "titled": { "title": "The Quiet Ferry", "year": 2001 } });
    let pages = (0..4).map(|number| {
        let source = format!("source {number}");
        fixture.user_errors(
            "importPage",
            json!({ "text": page, "film": titled, "source": source }),
        )
    });
    let mut films = Vec::new();
    for number in 0..4 {
        films.push(fixture.other_film(&format!("film-{number}")).await);
    }
    let reviews = films.iter().enumerate().map(|(number, film)| {
        let publication = format!("Paper {number}");
        let input = json!({
            "film": film, "critic": { "name": "Renée Ashgrove" }, "publication": { "name": publication }, "score": 50,
        });
        fixture.user_errors("addReview", input)
    });
    let film = fixture.user_errors(
        "addFilm",
        json!({ "title": "The Quiet Ferry", "year": 2001 }),
    );
    let ((pages, reviews), film) = futures_util::future::join(
        futures_util::future::join(
            futures_util::future::join_all(pages),
            futures_util::future::join_all(reviews),
        ),
        film,
    )
    .await;
    for errors in pages.iter().chain(&reviews) {
        assert_eq!(*errors, [""; 0]);
    }
    assert!(
        film.is_empty() || film == ["title ALREADY_EXISTS"],
        "{film:?}"
    );
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM critic WHERE name = 'Renée Ashgrove'),
        (SELECT count(*) FROM film WHERE title = 'The Quiet Ferry'), (SELECT count(*) FROM review))";
    assert_eq!(fixture.database().texts(counts).await, ["1 1 24"]);
}
