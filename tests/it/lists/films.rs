//! Filtered lists of films from the index in memory, compared with those from the database.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer, eventually, test_rng::TestRng};

/// Films with few different values, so that filters match many of them and sort keys are equal.
const FILMS: &str = "
INSERT INTO film (slug, title, year, release_date, genres)
SELECT 'film-' || n,
    (ARRAY['Éclipse', 'ÉTUDE', 'Straße', 'ΟΔΟΣ', 'Истоки', 'ひかりの夜', '100% Sure', 'a_b'])[1 + n % 8] || ' ' || n % 37,
    nullif(1990 + n % 12, 1990), nullif(date '2000-01-01' + n % 5, date '2000-01-01'),
    (ARRAY['{}', '{Drama}', '{Drama,Comedy}', '{Horror}'])[1 + n % 4]::text[]
FROM generate_series(1, 900) AS n";

const REVIEWS: &str = "
INSERT INTO review (film_id, byline, score, score_rule)
SELECT film.id, 'x', (film.id * 7 + n) % 101, 'given'
FROM film, generate_series(1, 9) AS n WHERE n <= film.id % 10 ORDER BY film.id, n";

/// Changes; `{n}` is a random number. The first makes all films be read again.
const CHANGES: [&str; 7] = [
    "UPDATE film SET year = 1990 + (id + {n}) % 12",
    "UPDATE film SET title = 'Étude {n}', genres = '{Drama}' WHERE id = 1 + {n} % 400",
    "UPDATE film SET release_date = NULL WHERE id % 50 = {n} % 50",
    "INSERT INTO film (slug, title) VALUES ('new-{n}', 'NEW {n}') ON CONFLICT DO NOTHING",
    "DELETE FROM film WHERE id IN (SELECT id FROM film ORDER BY id DESC LIMIT 1)",
    "INSERT INTO review (film_id, byline, score, score_rule) SELECT id, 'x', {n} % 101, 'given' FROM film WHERE id % 20 = {n} % 20",
    "DELETE FROM review WHERE film_id % 30 = {n} % 30",
];

/// Returns a random filter with one to three fields.
fn filter(rng: &mut TestRng) -> String {
    const FIELDS: [&[&str]; 5] = [
        &[
            "{from: 1995}",
            "{to: 1992}",
            "{from: 1993, to: 1999}",
            "{from: 2100}",
        ],
        &["\"Drama\"", "\"Horror\"", "\"drama\"", "\"Western\""],
        &[
            "\"é\"",
            "\"ÉTUDE 1\"",
            "\"strasse\"",
            "\"οδος\"",
            "\"ИСТ\"",
            "\"の\"",
            "\"%\"",
            "\"_\"",
            "\"zzz\"",
            "\"\"",
        ],
        &["{from: 60}", "{to: 40}", "{from: 0}", "{from: 45, to: 55}"],
        &["0", "3", "8", "99"],
    ];
    const NAMES: [&str; 5] = ["year", "genre", "title", "score", "minimumReviews"];
    let mut fields = Vec::new();
    while fields.is_empty() {
        for (name, values) in NAMES.iter().zip(FIELDS) {
            if rng.one_in(3) {
                fields.push(format!("{name}: {}", values[rng.below(values.len())]));
            }
        }
    }
    fields.join(", ")
}

/// Fetches all pages of a list, and returns the slugs with the total count.
async fn walk(server: &TestServer, arguments: &str, forwards: bool) -> (Vec<String>, Value) {
    let (size, cursor, end, more) = if forwards {
        ("first", "after", "endCursor", "hasNextPage")
    } else {
        ("last", "before", "startCursor", "hasPreviousPage")
    };
    let mut slugs = Vec::new();
    let mut position = Value::Null;
    loop {
        let document = format!(
            "query($at: String) {{ films({arguments}, {size}: 40, {cursor}: $at) {{ totalCount nodes {{ slug }} pageInfo {{ {end} {more} }} }} }}"
        );
        let request = json!({ "query": document, "variables": { "at": position } });
        let body = server.send(request).await.body;
        let list = &body["data"]["films"];
        let page = list["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{document}: {body}"));
        let page = page
            .iter()
            .map(|film| film["slug"].as_str().unwrap().to_owned());
        if forwards {
            slugs.extend(page);
        } else {
            slugs.splice(0..0, page);
        }
        if list["pageInfo"][more] == json!(false) {
            return (slugs, list["totalCount"].clone());
        }
        position = list["pageInfo"][end].clone();
    }
}

#[tokio::test]
async fn the_index_and_the_database_find_the_same_films_after_any_change() {
    let server = TestServer::with_arguments(
        TestDatabase::empty().await,
        &["--answer-cache=0", "--row-cache=8"],
    );
    let plain = TestServer::sharing_database_with(
        &server,
        &["--answer-cache=0", "--row-cache=0", "--film-index=false"],
    );
    let connection = server.database.connect(1);
    for sql in [FILMS, REVIEWS] {
        connection.execute_unprepared(sql).await.unwrap();
    }
    server.clear_caches().await;
    let mut rng = TestRng::new(5, 1);
    let mut found = 0;
    for _ in 0..60 {
        let order = [
            "TITLE",
            "RELEASE_DATE",
            "SCORE",
            "REVIEW_COUNT",
            "SORT_TITLE",
            "LATEST_REVIEW",
            "STANDARD_DEVIATION",
            "HIDDEN_GEM",
        ][rng.below(8)];
        let direction = ["ASC", "DESC"][rng.below(2)];
        let filter = filter(&mut rng);
        let arguments =
            format!("filter: {{{filter}}}, orderBy: {{field: {order}, direction: {direction}}}");
        let forwards = rng.one_in(2);
        let expected = walk(&plain, &arguments, forwards).await;
        assert_eq!(
            walk(&server, &arguments, forwards).await,
            expected,
            "{arguments}"
        );
        assert_eq!(expected.1, json!(expected.0.len()), "{arguments}");
        found += expected.0.len();

        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(1000).to_string());
        let notifications = server.notification_count().await;
        let changed = connection.execute_unprepared(&change).await.unwrap();
        if changed.rows_affected() > 0 {
            server.wait_for_notification(notifications).await;
        }
    }
    assert!(found > 1_000, "only {found} films were found");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_filtered_count_costs_no_statement_and_one_after_a_change() {
    let server = TestServer::with_arguments(
        TestDatabase::demo().await,
        &["--answer-cache=0", "--row-cache=8"],
    );
    server.clear_caches().await;
    let cost = async |letter: &str| {
        let document = format!("{{ films(filter: {{title: \"{letter}\"}}) {{ totalCount }} }}");
        let response = server.send(json!({ "query": document })).await;
        let count = response.body["data"]["films"]["totalCount"]
            .as_u64()
            .unwrap();
        (response.cost.unwrap(), count)
    };
    // The first filters read the index, and the database filters if that takes long.
    assert_eq!(cost("a").await.0, (1, 1));
    let is_read = async || cost("e").await.0 == (0, 0);
    eventually("the index is read", is_read).await;
    let notifications = server.notification_count().await;
    server
        .database
        .execute("UPDATE film SET title = title || '¡' WHERE id = 1")
        .await;
    server.wait_for_notification(notifications).await;
    assert_eq!(
        cost("¡").await,
        ((1, 1), 1),
        "the changed film is read again"
    );
}

/// The rows of a page are read after the index has found them.
#[tokio::test]
async fn a_film_that_is_deleted_during_the_request_does_not_end_the_list() {
    let server = TestServer::with_arguments(
        TestDatabase::empty().await,
        &["--answer-cache=0", "--row-cache=8"],
    );
    let connection = server.database.connect(1);
    connection.execute_unprepared(FILMS).await.unwrap();
    server.clear_caches().await;
    let list = "{ films(filter: {year: {from: 1991}}, first: 3, orderBy: {field: RELEASE_DATE}) { nodes { slug } pageInfo { hasNextPage } } }";
    let before = server.query(list).await;
    let slug = before["films"]["nodes"][1]["slug"].as_str().unwrap();
    connection
        .execute_unprepared("BEGIN; LOCK TABLE film IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let (page, ()) = tokio::join!(server.query(list), async {
        let is_waiting = async || {
            let waiting =
                "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'film'::regclass";
            let found = connection.execute_unprepared(waiting).await.unwrap();
            found.rows_affected() > 0
        };
        eventually("the statement of the page waits", is_waiting).await;
        let delete = format!("DELETE FROM film WHERE slug = '{slug}'; COMMIT");
        connection.execute_unprepared(&delete).await.unwrap();
    });
    let slugs = |data: &Value| {
        let nodes = data["films"]["nodes"].as_array().unwrap();
        nodes
            .iter()
            .map(|film| film["slug"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(slugs(&page).len(), 3);
    assert!(!slugs(&page).contains(&json!(slug)));
    assert_eq!(page["films"]["pageInfo"]["hasNextPage"], true);
    connection.close().await.unwrap();
}
