//! Concurrent writers, and writers that wait for locks.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{Fixture, codes, killed_at_commit};

#[tokio::test]
async fn concurrent_additions_of_one_review_add_it_once() {
    let desk = Fixture::new().await;
    let reviews = (0..16).map(|_| {
        let input = json!({ "film": desk.film, "critic": { "name": "Nora New" }, "publication": { "name": "New Post" }, "score": 50 });
        desk.write("addReview", "review { id } userErrors { field code message }", input)
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
    let films = (0..8).map(|_| desk.wrong("addFilm", json!({ "title": "Twice", "year": 2000 })));
    let responses = futures_util::future::join_all(films).await;
    assert_eq!(
        responses.iter().filter(|errors| errors.is_empty()).count(),
        1,
        "{responses:?}"
    );
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM critic WHERE name = 'Nora New'), (SELECT count(*) FROM publication
        WHERE name = 'New Post'), (SELECT count(*) FROM review), (SELECT count(*) FROM film WHERE title = 'Twice'))";
    assert_eq!(desk.database().texts(counts).await, ["1 1 1 1"]);
}

#[tokio::test]
async fn concurrent_additions_of_one_name_add_it_once() {
    let desk = Fixture::new().await;
    for round in 0..50 {
        let name = format!("New {round}");
        let each = (0..10_u64).map(async |number| {
            let place = number % 5;
            // The delays vary so that one request looks the name up before another commits it, and chooses a slug
            // afterwards.
            tokio::time::sleep(Duration::from_micros(number * round * 20)).await;
            let film = json!({ "title": name, "year": 2000 });
            let review = json!({ "film": desk.film, "publication": { "name": name }, "score": 50 });
            let (named, wrong) = match place {
                0 => (
                    "name",
                    desk.wrong("addPublication", json!({ "name": name })).await,
                ),
                1 => (
                    "name",
                    desk.wrong("addCritic", json!({ "name": name })).await,
                ),
                2 => ("title", desk.wrong("addFilm", film.clone()).await),
                _ => ("", desk.wrong("addReview", review).await),
            };
            let expected = format!("{named} ALREADY_EXISTS");
            assert!(
                wrong.is_empty() || wrong == [expected],
                "{place}: {wrong:?}"
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
        assert_eq!(desk.database().texts(&twice).await, [""; 0], "{table}");
    }
}

#[tokio::test]
async fn many_reviews_of_one_film_by_many_critics_are_all_counted() {
    let desk = Fixture::new().await;
    let reviews = (0..40).map(|number| {
        let input = json!({ "film": desk.film, "critic": { "name": format!("Critic {number}") }, "publication": { "id": desk.post }, "score": number });
        desk.wrong("addReview", input)
    });
    let responses = futures_util::future::join_all(reviews).await;
    assert!(responses.iter().all(Vec::is_empty), "{responses:?}");
    let connection = desk.database().connect(1);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
    let tally = "SELECT concat_ws(' ', review_count, weighted_sum) FROM film_tally";
    assert_eq!(desk.database().texts(tally).await, ["40 78000"]);
}

#[tokio::test]
async fn merges_and_additions_of_the_same_critics_do_not_deadlock() {
    let desk = Fixture::new().await;
    for number in 0..6 {
        let input = json!({ "name": format!("Twin {number}") });
        desk.write("addCritic", "userErrors { code }", input).await;
    }
    let ids = desk
        .server
        .query("{ critics(filter: {name: \"Twin\"}) { nodes { id } } }")
        .await;
    let ids: Vec<_> = ids["critics"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["id"].clone())
        .collect();
    let merges = ids.windows(2).flat_map(|pair| {
        [
            (pair[0].clone(), pair[1].clone()),
            (pair[1].clone(), pair[0].clone()),
        ]
    });
    let merges = merges
        .map(|(from, into)| desk.wrong("mergeCritics", json!({ "from": from, "into": into })));
    let reviews = ids.iter().enumerate().map(|(number, id)| {
        let publication = format!("Paper {number}");
        desk.wrong("addReview", json!({ "film": desk.film, "critic": { "id": id }, "publication": { "name": publication }, "score": 50 }))
    });
    let (merged, added) = futures_util::future::join(
        futures_util::future::join_all(merges),
        futures_util::future::join_all(reviews),
    )
    .await;
    for errors in merged.iter().chain(&added) {
        let possible = ["from NOT_FOUND", "into NOT_FOUND", "critic.id NOT_FOUND"];
        assert!(
            errors
                .iter()
                .all(|error| possible.contains(&error.as_str())),
            "{errors:?}"
        );
    }
    let stored = added.iter().filter(|errors| errors.is_empty()).count();
    assert_eq!(
        desk.database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        [stored.to_string()]
    );
    let connection = desk.database().connect(1);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_mutation_that_waits_too_long_for_a_lock_is_unavailable() {
    let desk = Fixture::new().await;
    let other = desk.database().connect(1);
    let holder = other.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM film FOR UPDATE")
        .await
        .unwrap();
    let input = json!({ "id": desk.film, "title": "Late" });
    let refused = tokio::time::timeout(
        Duration::from_secs(20),
        desk.error_code(&desk.editor, "updateFilm", input),
    )
    .await;
    assert_eq!(refused.unwrap(), "UNAVAILABLE");
    holder.rollback().await.unwrap();
    assert_eq!(
        desk.database().texts("SELECT title FROM film").await,
        ["Lamp"]
    );
}

#[tokio::test]
async fn a_broken_pooled_connection_fails_no_mutation() {
    let desk = Fixture::new().await;
    for round in 0..4 {
        // All other connections to the database.
        desk.database()
            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
        let input = json!({ "title": format!("Round {round}") });
        let response = desk
            .server
            .send_as(
                &desk.editor,
                super::request("addFilm", "film { title } userErrors { code }", &input),
            )
            .await;
        assert_eq!(
            response.body["data"]["addFilm"]["film"]["title"],
            format!("Round {round}"),
            "{}",
            response.body
        );
    }
}

#[tokio::test]
async fn an_unconfirmed_commit_is_unknown_or_retried_with_the_key() {
    let desk = Fixture::new().await;
    desk.database().execute(&killed_at_commit("film", "")).await;
    let bare = desk
        .error_code(&desk.editor, "addFilm", json!({ "title": "Bare" }))
        .await;
    assert_eq!(bare, "OUTCOME_UNKNOWN");
    // After an unconfirmed commit, no later error may state that nothing was changed.
    let keyed = json!({ "title": "Keyed", "idempotencyKey": "k" });
    let hopeless = desk
        .error_code(&desk.editor, "addFilm", keyed.clone())
        .await;
    assert_eq!(hopeless, "OUTCOME_UNKNOWN");
    let (mended, payload) = futures_util::future::join(
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            desk.database()
                .execute("DROP TRIGGER killed_at_commit ON film")
                .await;
        },
        desk.write("addFilm", "film { title } userErrors { code }", keyed),
    )
    .await;
    let () = mended;
    assert_eq!(payload["film"]["title"], "Keyed");
    let films = "SELECT string_agg(title, ' ' ORDER BY title) FROM film";
    assert_eq!(desk.database().texts(films).await, ["Keyed Lamp"]);
}

#[tokio::test]
async fn a_page_and_a_writer_that_name_the_same_critic_add_it_once() {
    let desk = Fixture::new().await;
    let page = include_str!("../fixtures/page.txt");
    let titled = json!({ "titled": { "title": "The Quiet Ferry", "year": 2001 } });
    let pages = (0..4).map(|number| {
        let source = format!("source {number}");
        desk.wrong(
            "importPage",
            json!({ "text": page, "film": titled, "source": source }),
        )
    });
    let reviews = (0..4).map(|number| {
        let publication = format!("Paper {number}");
        let input = json!({
            "film": desk.film, "critic": { "name": "Renée Ashgrove" }, "publication": { "name": publication }, "score": 50,
        });
        desk.wrong("addReview", input)
    });
    let film = desk.wrong(
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
    assert_eq!(desk.database().texts(counts).await, ["1 1 24"]);
}
