//! The field `search`: what it finds, in which order, on which pages, and how fresh it is.

mod excerpts;
mod folding;
mod freshness;
mod misspelt;
mod paging;

use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// Names in several scripts. The films of the same title have different numbers of reviews.
const CATALOGUE: &str = "
INSERT INTO film (slug, title) VALUES
    ('pusher', 'Pusher'), ('pele', 'Pelé'), ('odos', 'ΟΔΟΣ'), ('istoriya', 'История одной зимы'), ('strasse', 'Die lange Straße'),
    ('garasu', 'ガラスの夜'), ('lodz', 'Łódź'), ('spider', 'Spider-Man'), ('godfather', 'The Godfather'),
    ('long-road', 'The Long Road'), ('aurora-1', 'Aurora'), ('aurora-2', 'Aurora'), ('aurora-3', 'Aurora');
INSERT INTO critic (slug, name) VALUES ('scorsese', 'Martin Scorsese'), ('aurora-c', 'Aurora');
INSERT INTO publication (slug, name) VALUES ('aurora-p', 'Aurora'), ('road-post', 'Road Post');
INSERT INTO review (film_id, byline, score, score_rule, excerpt)
SELECT film.id, 'x', 70, 'given', 'A long walk at dawn, number ' || n FROM film, generate_series(1, 4) AS n
WHERE slug = 'aurora-2' AND n <= 4 OR slug = 'aurora-3' AND n <= 2;
INSERT INTO review (film_id, byline, excerpt) SELECT id, 'x', 'Ein Film über die Straße; crème brûlée.' FROM film WHERE slug = 'strasse';
";

async fn server_with(arguments: &[&str]) -> TestServer {
    let database = TestDatabase::empty().await;
    database.execute(CATALOGUE).await;
    let server = TestServer::with_arguments(database, arguments);
    if !arguments.contains(&"--notifications=false") {
        server.clear_caches().await;
    }
    server
}

async fn server() -> TestServer {
    server_with(&["--answer-cache=8", "--row-cache=8"]).await
}

const SEARCH: &str = "query Search($text: String!, $kinds: [SearchKind!], $first: Int, $after: String) {
    search(text: $text, kinds: $kinds, first: $first, after: $after) {
        edges { score cursor snippet { text isMatch } node { __typename id
            ... on Film { name: slug } ... on Critic { name: slug } ... on Publication { name: slug } ... on Review { excerpt } } }
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// Searches, and returns the connection.
async fn search(server: &TestServer, variables: Value) -> Value {
    let request = json!({ "query": SEARCH, "variables": variables });
    let mut body = server.send(request).await.body;
    assert_eq!(body.get("errors"), None, "{variables}: {body}");
    body["data"]["search"].take()
}

/// Returns the slugs or excerpts of the results.
async fn found(server: &TestServer, variables: Value) -> Vec<String> {
    let connection = search(server, variables).await;
    names(&connection)
}

fn names(connection: &Value) -> Vec<String> {
    let edges = connection["edges"].as_array().unwrap();
    let nodes = edges.iter().map(|edge| &edge["node"]);
    nodes
        .map(|node| node["name"].as_str().or(node["excerpt"].as_str()))
        .map(|name| name.unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn names_are_found_in_spite_of_errors_and_in_every_script() {
    let server = server().await;
    for (text, slug) in [
        ("puhser", "pusher"),
        ("scorcese", "scorsese"),
        ("pele", "pele"),
        ("PELE\u{301}", "pele"),
        ("οδος", "odos"),
        ("οδοσ", "odos"),
        ("истор", "istoriya"),
        ("STRASSE", "strasse"),
        ("strasse lange", "strasse"),
        ("ｶﾞﾗｽ", "garasu"),
        ("lodz", "lodz"),
        ("spiderman", "spider"),
        ("godf", "godfather"),
        ("godfather the", "godfather"),
        ("martin", "scorsese"),
        ("  pusher!  ", "pusher"),
    ] {
        let found = found(&server, json!({ "text": text })).await;
        assert_eq!(
            found.first().map(String::as_str),
            Some(slug),
            "{text}: {found:?}"
        );
    }
    for text in ["xqzw", "qqqqqqqq wwww", "12345"] {
        assert_eq!(
            found(&server, json!({ "text": text })).await,
            [""; 0],
            "{text}"
        );
    }
}

#[tokio::test]
async fn titles_come_first_and_then_the_better_known() {
    let server = server().await;
    let names = ["aurora-2", "aurora-3", "aurora-1", "aurora-c", "aurora-p"];
    assert_eq!(found(&server, json!({ "text": "aurora" })).await, names);
    let kinds = |kinds: &[&str]| json!({ "text": "aurora", "kinds": kinds });
    assert_eq!(found(&server, kinds(&["CRITIC"])).await, ["aurora-c"]);
    assert_eq!(
        found(&server, kinds(&["PUBLICATION", "CRITIC"])).await,
        ["aurora-c", "aurora-p"]
    );
    assert_eq!(found(&server, kinds(&[])).await, [""; 0]);
    // Names come before excerpts.
    let long = found(&server, json!({ "text": "long" })).await;
    assert_eq!(long[0], "long-road");
    assert_eq!(long.last().unwrap(), "A long walk at dawn, number 1");
    let connection = search(&server, json!({ "text": "long" })).await;
    let scores = connection["edges"].as_array().unwrap().iter();
    let scores: Vec<f64> = scores.map(|edge| edge["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
}

#[tokio::test]
async fn what_matches_is_marked_without_markup() {
    let server = server().await;
    let snippet = async |text: &str| {
        let connection = search(&server, json!({ "text": text, "first": 1 })).await;
        connection["edges"][0]["snippet"].clone()
    };
    assert_eq!(
        snippet("pele").await,
        json!([{ "text": "Pelé", "isMatch": true }])
    );
    assert_eq!(
        snippet("godf").await,
        json!([
            { "text": "The ", "isMatch": false },
            { "text": "Godf", "isMatch": true },
            { "text": "ather", "isMatch": false }
        ])
    );
    assert_eq!(
        snippet("brulee").await,
        json!([
            { "text": "Ein Film über die Straße; crème ", "isMatch": false },
            { "text": "brûlée", "isMatch": true },
            { "text": ".", "isMatch": false }
        ])
    );
}

#[tokio::test]
async fn a_text_without_a_letter_or_digit_is_an_error() {
    let server = server().await;
    for text in ["", "   ", "…!", "\u{301}"] {
        let request = json!({ "query": SEARCH, "variables": { "text": text } });
        let body = server.send(request).await.body;
        let error = &body["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID_VALUE", "{body}");
        assert_eq!(
            error["message"],
            "`text` has no letter and no digit to look for; give at least one"
        );
    }
    // Only the first hundred characters are looked at.
    let long = format!("pusher {}", "x".repeat(293));
    assert_eq!(
        found(&server, json!({ "text": long, "kinds": ["FILM"] })).await,
        [""; 0]
    );
    let blank = format!("pusher{}", " x".repeat(147));
    assert_eq!(blank.len(), 300);
    search(&server, json!({ "text": blank })).await;
    let longer = json!({ "query": SEARCH, "variables": { "text": "x".repeat(301) } });
    let body = server.send(longer).await.body;
    assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_LONG");
}
