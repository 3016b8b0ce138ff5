//! A search finds what was committed before it.

use marquee::access::Role;
use serde_json::{Value, json};

use super::{SEARCH, found, server, server_with};
use crate::support::{TestDatabase, TestServer, test_rng::TestRng};

/// Runs a mutation, and returns its payload.
async fn mutate(server: &TestServer, token: &str, field: &str, input: Value) -> Value {
    let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let document = format!(
        "mutation($input: {ty}!) {{ payload: {field}(input: $input) {{ userErrors {{ code message }} }} }}"
    );
    let request = json!({ "query": document, "variables": { "input": input } });
    let mut body = server.send_as(token, request).await.body;
    assert_eq!(body["data"]["payload"]["userErrors"], json!([]), "{body}");
    body["data"]["payload"].take()
}

#[tokio::test]
async fn the_next_search_finds_a_change_of_any_mode() {
    for arguments in [
        &["--answer-cache=8", "--row-cache=8"][..],
        &["--answer-cache=0", "--row-cache=0"],
        &["--notifications=false"],
    ] {
        let server = server_with(arguments).await;
        let editor = server.database.token(Role::Editor, None).await;
        let text = |text: &str| json!({ "text": text });
        assert_eq!(found(&server, text("zephyr")).await, [""; 0]);
        let zephyr = json!({ "title": "Zephyr", "slug": "zephyr" });
        mutate(&server, &editor, "addFilm", zephyr).await;
        assert_eq!(found(&server, text("zephyr")).await, ["zephyr"]);
        assert_eq!(found(&server, text("zehpyr")).await, ["zephyr"]);
        let renamed = json!({ "by": { "slug": "zephyr" }, "title": "Mistral" });
        mutate(&server, &editor, "updateFilm", renamed).await;
        assert_eq!(found(&server, text("zephyr")).await, [""; 0]);
        assert_eq!(found(&server, text("mistral")).await, ["zephyr"]);
        let review = json!({ "filmBy": { "slug": "zephyr" }, "byline": "x", "score": 60, "excerpt": "Full of Bora." });
        mutate(&server, &editor, "addReview", review).await;
        assert_eq!(found(&server, text("bora")).await, ["Full of Bora."]);
        let deleted = json!({ "by": { "slug": "aurora-1" } });
        mutate(&server, &editor, "deleteFilm", deleted).await;
        let films = json!({ "text": "aurora", "kinds": ["FILM"] });
        assert_eq!(
            found(&server, films.clone()).await,
            ["aurora-2", "aurora-3"]
        );
        // More reviews make a film better known.
        for number in 1..=3 {
            let review = json!({ "filmBy": { "slug": "aurora-3" }, "byline": format!("{number}"), "score": 50 });
            mutate(&server, &editor, "addReview", review).await;
        }
        assert_eq!(found(&server, films).await, ["aurora-3", "aurora-2"]);
    }
}

#[tokio::test]
async fn a_film_is_found_by_its_other_titles_which_are_its_snippet_then() {
    let server = server_with(&[]).await;
    let editor = server.database.token(Role::Editor, None).await;
    let titles = json!([{ "title": "Ostwind", "language": "de" }, { "title": "Vent d’est" }]);
    let film = json!({ "title": "Zephyr", "slug": "zephyr", "alternativeTitles": titles });
    mutate(&server, &editor, "addFilm", film).await;
    for (text, snippet) in [
        ("ostwnid", "Ostwind"),
        ("vent d'est", "Vent d’est"),
        ("zephyr", "Zephyr"),
    ] {
        assert_eq!(found(&server, json!({ "text": text })).await, ["zephyr"]);
        let query = format!("{{ search(text: \"{text}\") {{ edges {{ snippet {{ text }} }} }} }}");
        let data = server.query(&query).await;
        let segments = data["search"]["edges"][0]["snippet"].as_array().unwrap();
        let segments = segments.iter().map(|part| part["text"].as_str().unwrap());
        assert_eq!(segments.collect::<String>(), snippet, "{text}");
    }
    let titles = json!({ "by": { "slug": "zephyr" }, "alternativeTitles": null });
    mutate(&server, &editor, "updateFilm", titles).await;
    assert_eq!(found(&server, json!({ "text": "ostwind" })).await, [""; 0]);
}

#[tokio::test]
async fn a_search_of_names_costs_a_statement_only_after_a_change() {
    let server = server_with(&["--answer-cache=0", "--row-cache=8"]).await;
    let send = async |text: &str| {
        let variables = json!({ "text": text, "kinds": ["FILM", "CRITIC", "PUBLICATION"] });
        let request = json!({ "query": SEARCH, "variables": variables });
        server.send(request).await.cost.unwrap()
    };
    send("pusher").await;
    // The row is cached as well.
    assert_eq!(send("puhser").await, (0, 0));
    assert_eq!(send("nothing like it").await, (0, 0));
    let change = || {
        server
            .database
            .execute("UPDATE film SET title = 'Pusher III' WHERE slug = 'lodz'")
    };
    server.after_notification(change).await;
    // One statement for the changed name, one for the film that is found.
    assert_eq!(send("pusher iii").await, (2, 2));
    assert_eq!(send("pusher iii").await, (0, 0));
}

#[tokio::test]
async fn a_search_of_excerpts_costs_one_statement() {
    let server = server_with(&["--answer-cache=0", "--row-cache=8"]).await;
    let send = async |text: &str| {
        let variables = json!({ "text": text, "kinds": ["REVIEW"] });
        server
            .send(json!({ "query": SEARCH, "variables": variables }))
            .await
            .cost
            .unwrap()
    };
    assert_eq!(send("nowhere").await, (1, 1));
    // The reviews are read by their keys.
    assert_eq!(send("dawn").await, (2, 2));
}

#[tokio::test]
async fn a_cached_response_is_used_until_a_name_changes() {
    let server = server().await;
    let send = async || {
        let variables = json!({ "text": "pusher", "kinds": ["FILM"] });
        server
            .send(json!({ "query": SEARCH, "variables": variables }))
            .await
    };
    send().await;
    assert_eq!(send().await.cost, Some((0, 0)));
    let hits = server.metric("marquee_answer_cache_hits_total").await;
    assert_eq!(hits, 1);
    // A review of another film changes neither the names nor their order.
    let review =
        "INSERT INTO review (film_id, byline) SELECT id, 'y' FROM film WHERE slug = 'lodz'";
    server
        .after_notification(|| server.database.execute(review))
        .await;
    send().await;
    assert_eq!(server.metric("marquee_answer_cache_hits_total").await, 2);
    let rename = "UPDATE film SET title = 'Pushers' WHERE slug = 'spider'";
    server
        .after_notification(|| server.database.execute(rename))
        .await;
    let body = send().await.body;
    assert_eq!(
        body["data"]["search"]["edges"].as_array().unwrap().len(),
        2,
        "{body}"
    );
}

/// Changes of names by SQL. The last makes the trigger send that anything may have changed.
const CHANGES: [&str; 6] = [
    "UPDATE film SET title = 'Title {n}' WHERE id % 20 = {n} % 20",
    "INSERT INTO film (slug, title) VALUES ('new-{n}', 'Étude {n}') ON CONFLICT DO NOTHING",
    "DELETE FROM film WHERE id IN (SELECT id FROM film ORDER BY id DESC LIMIT 2)",
    "UPDATE critic SET name = 'Critic {n}' WHERE id % 7 = {n} % 7",
    "INSERT INTO review (film_id, byline) SELECT id, 'x' FROM film WHERE id % 9 = {n} % 9",
    "UPDATE film SET title = title || ' {n}'",
];

#[tokio::test]
async fn two_servers_find_the_same_after_any_changes() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--answer-cache=0"]);
    server
        .database
        .execute(
            "INSERT INTO film (slug, title) SELECT 'film-' || n, 'Étude ' || n % 50 FROM generate_series(1, 400) AS n;
             INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Title ' || n FROM generate_series(1, 30) AS n",
        )
        .await;
    // Its index is read anew for each search.
    let plain = TestServer::sharing_database_with(&server, &["--notifications=false"]);
    server.clear_caches().await;
    let mut rng = TestRng::new(7, 1);
    for _ in 0..30 {
        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(60).to_string());
        let editor = server.database.connect(1);
        let sql = format!("{change}; SELECT pg_notify('marquee_stale', 'f999999')");
        let before = server.notification_count().await;
        sea_orm::ConnectionTrait::execute_unprepared(&editor, &sql)
            .await
            .unwrap();
        editor.close().await.unwrap();
        server.wait_for_notification(before).await;
        let text = ["etude", "title", "title 1", "critic", "etdue 12"][rng.below(5)];
        let variables = json!({ "text": text, "first": 100, "kinds": ["FILM", "CRITIC"] });
        let expected = found(&plain, variables.clone()).await;
        assert_eq!(
            found(&server, variables).await,
            expected,
            "{text} after {change}"
        );
    }
}
