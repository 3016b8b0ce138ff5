//! Writers at the same time, and writers in whose way others are.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{Desk, codes, killed_at_commit};

#[tokio::test]
async fn of_many_who_add_the_same_at_once_one_does() {
    let desk = Desk::new().await;
    let reviews = (0..16).map(|_| {
        let input = json!({ "film": desk.film, "critic": { "name": "Nora New" }, "publication": { "name": "New Post" }, "score": 50 });
        desk.write("addReview", "review { id } userErrors { field code message }", input)
    });
    let answers = futures_util::future::join_all(reviews).await;
    let added = answers
        .iter()
        .filter(|answer| codes(answer).is_empty())
        .count();
    assert_eq!(added, 1, "{answers:?}");
    let refused = answers
        .iter()
        .filter(|answer| codes(answer) == [" ALREADY_REVIEWED"])
        .count();
    assert_eq!(refused, 15, "{answers:?}");
    let films = (0..8).map(|_| desk.wrong("addFilm", json!({ "title": "Twice", "year": 2000 })));
    let answers = futures_util::future::join_all(films).await;
    assert_eq!(
        answers.iter().filter(|errors| errors.is_empty()).count(),
        1,
        "{answers:?}"
    );
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM critic WHERE name = 'Nora New'), (SELECT count(*) FROM publication
        WHERE name = 'New Post'), (SELECT count(*) FROM review), (SELECT count(*) FROM film WHERE title = 'Twice'))";
    assert_eq!(desk.database().texts(counts).await, ["1 1 1 1"]);
}

#[tokio::test]
async fn what_many_name_and_add_at_about_the_same_moment_is_added_once() {
    let desk = Desk::new().await;
    for round in 0..50 {
        let name = format!("New {round}");
        let each = (0..10_u64).map(async |number| {
            let place = number % 5;
            // One finds nothing, and another's is there before the first has chosen a slug: that takes the right moment.
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
            let told = format!("{named} ALREADY_EXISTS");
            assert!(wrong.is_empty() || wrong == [told], "{place}: {wrong:?}");
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
    let desk = Desk::new().await;
    let reviews = (0..40).map(|number| {
        let input = json!({ "film": desk.film, "critic": { "name": format!("Critic {number}") }, "publication": { "id": desk.post }, "score": number });
        desk.wrong("addReview", input)
    });
    let answers = futures_util::future::join_all(reviews).await;
    assert!(answers.iter().all(Vec::is_empty), "{answers:?}");
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
async fn gone_and_writers_of_the_same_critics_do_not_wait_in_a_circle() {
    let desk = Desk::new().await;
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
    let (gone, added) = futures_util::future::join(
        futures_util::future::join_all(merges),
        futures_util::future::join_all(reviews),
    )
    .await;
    for errors in gone.iter().chain(&added) {
        let known = ["from NOT_FOUND", "into NOT_FOUND", "critic.id NOT_FOUND"];
        assert!(
            errors.iter().all(|error| known.contains(&error.as_str())),
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
async fn who_waits_for_an_import_too_long_is_told_that_nothing_was_changed() {
    let desk = Desk::new().await;
    let other = desk.database().connect(1);
    let holder = other.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM film FOR UPDATE")
        .await
        .unwrap();
    let input = json!({ "id": desk.film, "title": "Late" });
    let refused = tokio::time::timeout(
        Duration::from_secs(20),
        desk.refused(&desk.editor, "updateFilm", input),
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
async fn a_connection_that_died_in_the_pool_costs_no_mutation() {
    let desk = Desk::new().await;
    for round in 0..4 {
        // Every connection of the server's, but not this one.
        desk.database()
            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
        let input = json!({ "title": format!("Round {round}") });
        let answer = desk
            .server
            .send_as(
                &desk.editor,
                super::request("addFilm", "film { title } userErrors { code }", &input),
            )
            .await;
        assert_eq!(
            answer.body["data"]["addFilm"]["film"]["title"],
            format!("Round {round}"),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_commit_whose_end_nobody_heard_of_is_told_as_that_or_settled_by_the_key() {
    let desk = Desk::new().await;
    desk.database().execute(&killed_at_commit("film", "")).await;
    let bare = desk
        .refused(&desk.editor, "addFilm", json!({ "title": "Bare" }))
        .await;
    assert_eq!(bare, "OUTCOME_UNKNOWN");
    // Whatever fails afterwards, nobody says that nothing was changed.
    let keyed = json!({ "title": "Keyed", "idempotencyKey": "k" });
    let hopeless = desk.refused(&desk.editor, "addFilm", keyed.clone()).await;
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
async fn a_page_and_a_writer_who_name_the_same_at_once_add_it_once() {
    let desk = Desk::new().await;
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
