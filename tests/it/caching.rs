//! What is kept beyond a request: it is never shown once it is known to be old, whoever changed it.

mod http;
mod law;

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use marquee::access::Role;

use crate::support::{TestDatabase, TestServer, eventually, socket::Socket};

/// Shows a bit of everything that can change.
const FILM: &str = "query Film($slug: String!) { film(by: { slug: $slug }) { title version score { value reviewCount }
    publishedScores { source value }
    reviews(first: 50) { totalCount nodes { score excerpt version critic { name score { reviewCount } } publication { name } } } } }";

/// Two servers would share a process's caches in nothing: what one keeps, the other may change.
async fn film(server: &TestServer, slug: &str) -> Value {
    let request = json!({ "query": FILM, "variables": { "slug": slug } });
    let mut answer = server.send(request).await;
    assert_eq!(answer.body.get("errors"), None);
    answer.body["data"]["film"].take()
}

/// The id of a film.
async fn id_of(server: &TestServer, slug: &str) -> Value {
    let document = format!("{{ film(by: {{slug: \"{slug}\"}}) {{ id }} }}");
    server.query(&document).await["film"]["id"].take()
}

/// How many answers were found kept.
async fn hits(server: &TestServer) -> u64 {
    server.metric("marquee_answer_cache_hits_total").await
}

/// A server that keeps what it may, and hears of changes by now: before, it keeps nothing.
async fn with_caches(database: TestDatabase) -> TestServer {
    let server = TestServer::with(database, &["--answer-cache=8", "--row-cache=8"]);
    server.forget().await;
    server
}

#[tokio::test]
async fn what_was_asked_before_costs_no_statement_until_it_changes() {
    let server = with_caches(TestDatabase::demo().await).await;
    let request = json!({ "query": "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { title } films(first: 3) { nodes { title } } }" });
    let first = server.send(request.clone()).await;
    let again = server.send(request.clone()).await;
    assert_eq!((first.cost, again.cost), (Some((2, 1)), Some((0, 0))));
    assert_eq!(first.body, again.body);
    assert_eq!(hits(&server).await, 1);
    // Other variables, another operation or a cost that is told are other questions.
    let other = json!({ "query": request["query"], "extensions": { "cost": true } });
    assert_ne!(server.send(other).await.body, again.body);
    server
        .after_hearing(|| {
            server
                .database
                .execute("UPDATE film SET title = title || '!'")
        })
        .await;
    let changed = server.send(request).await;
    assert_eq!(changed.cost, Some((2, 1)));
    assert_ne!(changed.body, again.body);
}

#[tokio::test]
async fn what_is_written_is_seen_at_once() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    let before = film(&server, slug).await["score"]["reviewCount"]
        .as_u64()
        .unwrap();
    for number in 1..=50 {
        let input = json!({ "film": id, "byline": format!("Guest {number}"), "score": number });
        let add = json!({
            "query": "mutation Add($input: AddReviewInput!) { addReview(input: $input) { film { score { reviewCount } } userErrors { message } } }",
            "variables": { "input": input },
        });
        let added = server.send_as(&editor, add).await.body;
        assert_eq!(
            added["data"]["addReview"]["userErrors"],
            json!([]),
            "{added}"
        );
        let shown = &added["data"]["addReview"]["film"]["score"]["reviewCount"];
        assert_eq!(shown, before + number);
        assert_eq!(
            film(&server, slug).await["score"]["reviewCount"],
            before + number
        );
    }
}

/// Read, changed, heard, kept: the order in which a cache that is told what to drop goes wrong.
#[tokio::test]
async fn what_was_read_before_a_change_is_not_kept_after_it() {
    let server = with_caches(TestDatabase::demo().await).await;
    let slug = "the-lighthouse-tax-2019";
    let connection = server.database.connect(2);
    // The film and its reviews are read, and then the answer waits for their critics.
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE critic IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    server.forget().await;
    let reading = film(&server, slug);
    let changing = async {
        crate::outage::wait_for_running(&connection, 1).await;
        server
            .after_hearing(|| {
                server.database.execute(
                    "UPDATE film SET title = 'Afterwards' WHERE slug = 'the-lighthouse-tax-2019'",
                )
            })
            .await;
        held.rollback().await.unwrap();
    };
    let (before, ()) = futures_util::future::join(reading, changing).await;
    assert_ne!(before["title"], "Afterwards");
    assert_eq!(film(&server, slug).await["title"], "Afterwards");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn who_asks_the_same_at_the_same_time_waits_for_one_statement() {
    let server = with_caches(TestDatabase::demo().await).await;
    let connection = server.database.connect(2);
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE film IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let asked = (0..20).map(|_| server.send(json!({ "query": "{ films { nodes { title } } }" })));
    let asked = futures_util::future::join_all(asked);
    let counting = async {
        crate::outage::wait_for_running(&connection, 1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(crate::outage::running(&connection).await, 1);
        held.rollback().await.unwrap();
    };
    let (answers, ()) = futures_util::future::join(asked, counting).await;
    let costs: u32 = answers.iter().map(|answer| answer.cost.unwrap().0).sum();
    assert_eq!(costs, 1);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    connection.close().await.unwrap();
}

#[tokio::test]
async fn nothing_kept_is_shown_while_changes_are_not_heard() {
    let flags = [
        "--answer-cache=8",
        "--row-cache=8",
        "--worker-connections=1",
    ];
    let server = TestServer::with(TestDatabase::demo().await, &flags);
    let slug = "the-lighthouse-tax-2019";
    server.forget().await;
    film(&server, slug).await;
    film(&server, slug).await;
    assert_eq!(hits(&server).await, 1);
    // Nobody may listen any more, and who did is gone: what happens now is not heard. Who reads has a connection already.
    let admin = server.database.connect(1);
    admin
        .execute_unprepared(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'marquee live';
             UPDATE film SET title = 'Unheard' WHERE slug = 'the-lighthouse-tax-2019'",
        )
        .await
        .unwrap();
    let shown = async || film(&server, slug).await["title"] == "Unheard";
    eventually("the loss is noticed", shown).await;
    // What was kept may have been shown until then.
    let shown_before = hits(&server).await;
    film(&server, slug).await;
    assert_eq!(hits(&server).await, shown_before);
    admin
        .execute_unprepared(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT -1', current_database()); END $$",
        )
        .await
        .unwrap();
    admin.close().await.unwrap();
    let kept = async || {
        film(&server, slug).await;
        hits(&server).await > shown_before
    };
    eventually("changes are heard again", kept).await;
}

#[tokio::test]
async fn what_another_server_writes_is_heard() {
    let server = with_caches(TestDatabase::demo().await).await;
    let other = TestServer::beside(&server);
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    for title in ["One", "Two", "Three"] {
        film(&server, slug).await;
        let update = json!({
            "query": "mutation Update($input: UpdateFilmInput!) { updateFilm(input: $input) { film { title } } }",
            "variables": { "input": { "id": id, "title": title } },
        });
        let updated = other.send_as(&editor, update).await.body;
        assert_eq!(
            updated["data"]["updateFilm"]["film"]["title"], title,
            "{updated}"
        );
        let shown = async || film(&server, slug).await["title"] == title;
        eventually("the change is heard", shown).await;
    }
}

/// Who hears of a change looks at once, and must not be shown what was kept from before it.
#[tokio::test]
async fn a_subscriber_who_looks_sees_the_change() {
    let server = with_caches(TestDatabase::demo().await).await;
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe(
            "1",
            "subscription { reviewAdded { film { score { reviewCount } } } }",
        )
        .await;
    let slug = "the-lighthouse-tax-2019";
    let before = film(&server, slug).await["score"]["reviewCount"]
        .as_u64()
        .unwrap();
    let insert = "INSERT INTO review (film_id, byline, score, score_rule) SELECT id, 'x', 50, 'given' FROM film WHERE slug = 'the-lighthouse-tax-2019'";
    for number in 1..=30 {
        film(&server, slug).await;
        server.database.execute(insert).await;
        let event = socket.next("1").await;
        let count = event["reviewAdded"]["film"]["score"]["reviewCount"]
            .as_u64()
            .unwrap();
        assert_eq!(count, before + number, "{event}");
    }
}

/// What a mutation shows is of no earlier moment than what it looked at: of several that come at once, those that come too late are shown what
/// there is by then.
#[tokio::test]
async fn who_comes_too_late_is_shown_what_is_there() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    let version = film(&server, slug).await["version"].as_i64().unwrap();
    for round in version..version + 30 {
        film(&server, slug).await;
        let update = |title: &str| {
            json!({
                "query": "mutation Update($input: UpdateFilmInput!) { updateFilm(input: $input) { film { title version } userErrors { code } } }",
                "variables": { "input": { "id": id, "title": format!("{title} {round}"), "expectedVersion": round } },
            })
        };
        let [one, other] = ["One", "Other"].map(|title| server.send_as(&editor, update(title)));
        let (one, other) = futures_util::future::join(one, other).await;
        let shown = [one, other].map(|answer| answer.body["data"]["updateFilm"].clone());
        let refused = |shown: &&Value| shown["userErrors"][0]["code"] == "STALE";
        assert_eq!(shown.iter().filter(refused).count(), 1, "{shown:?}");
        for shown in &shown {
            assert_eq!(shown["film"]["version"], round + 1, "{shown}");
        }
        assert_eq!(film(&server, slug).await["version"], round + 1);
    }
}

#[tokio::test]
async fn of_two_mutations_of_a_request_each_shows_its_own_state() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let data = server.query("{ films(first: 1) { nodes { id } } }").await;
    let id = data["films"]["nodes"][0]["id"].as_str().unwrap();
    let update = |title: &str| {
        format!("updateFilm(input: {{id: \"{id}\", title: \"{title}\"}}) {{ film {{ title }} }}")
    };
    let document = format!("mutation {{ a: {} b: {} }}", update("A"), update("B"));
    let answer = server
        .send_as(&editor, json!({ "query": document }))
        .await
        .body;
    for (name, title) in [("a", "A"), ("b", "B")] {
        assert_eq!(answer["data"][name]["film"]["title"], title, "{answer}");
    }
}

/// PostgreSQL ends sessions with other codes, too, than those of a server that goes away.
#[tokio::test]
async fn a_connection_that_was_idle_for_too_long_is_opened_again() {
    let database = TestDatabase::demo().await;
    database
        .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = ''300ms''', current_database()); END $$")
        .await;
    let server = TestServer::with(database, &["--answer-cache=0", "--row-cache=0"]);
    for _ in 0..4 {
        let documents: Vec<_> = (1..=8)
            .map(|count| format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}"))
            .collect();
        let asked = documents
            .iter()
            .map(|document| server.send(json!({ "query": document })));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.body.get("errors"), None, "{}", answer.body);
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}
