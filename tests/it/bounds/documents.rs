//! Bounds of documents, and inputs that match nothing.

use marquee::access::Role;
use serde_json::json;

use crate::support::{TestDatabase, TestServer};

/// Inputs below a mutation's root field are reported as top-level errors.
#[tokio::test]
async fn inputs_inside_a_mutation_payload_have_the_bounds_of_queries() {
    let database = TestDatabase::empty().await;
    let token = database.token(Role::Editor, None).await;
    let server = TestServer::with_database(database);
    let query = "mutation($c: String) { addFilm(input: {title: \"Lamp\"}) { film { reviews(after: $c) { totalCount } } } }";
    let request = json!({"query": query, "variables": {"c": "x".repeat(2_001)}});
    let response = server.send_as(&token, request).await;
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"], "TOO_LONG",
        "{}",
        response.body
    );
    let films = server.query("{ films { totalCount } }").await;
    assert_eq!(films["films"]["totalCount"], 0);
}

/// The list is in a fragment that is spread many times.
#[tokio::test]
async fn repeated_fragment_spreads_are_bounded() {
    let server = TestServer::empty().await;
    let mixed = "MIXED ".repeat(9_000);
    let list = format!(
        "fragment L on Film {{ reviews(filter: {{sentiment: [{mixed}]}}) {{ totalCount }} }}"
    );
    let levels = [("F1", "L"), ("F2", "F1"), ("F3", "F2")].map(|(level, next)| {
        let film = format!("film {{ ...{next} }}");
        format!("fragment {level} on Film {{ reviews {{ nodes {{ {film} critic {{ reviews {{ nodes {{ {film} }} }} }} }} edges {{ node {{ {film} }} }} }} }}")
    });
    let aliases = [0, 1, 2, 3, 4].map(|n| format!("a{n}: film(by: {{slug: \"x\"}}) {{ ...F3 }}"));
    let query = format!("{{ {} }} {list} {}", aliases.join(" "), levels.join(" "));
    let response = server.send(json!({"query": query})).await;
    assert_eq!(
        response.body["errors"][0]["extensions"]["code"],
        "VARIABLES_TOO_LARGE"
    );
}

#[tokio::test]
async fn filters_that_match_nothing_cost_no_statement() {
    let server = TestServer::demo().await;
    for (query, list) in [
        (
            "{ films(filter: {title: \"a\\tb\"}) { totalCount nodes { id } } }",
            "films",
        ),
        (
            "{ films(filter: {genre: \"a\\nb\"}) { totalCount nodes { id } } }",
            "films",
        ),
        (
            "{ films(filter: {year: {from: 2001, to: 2000}}) { totalCount nodes { id } } }",
            "films",
        ),
        (
            "{ films(filter: {score: {from: 101}}) { totalCount nodes { id } } }",
            "films",
        ),
        (
            "{ critics(filter: {name: \"\\u0007\"}) { totalCount nodes { id } } }",
            "critics",
        ),
        (
            "{ publications(filter: {name: \"\\u0007\"}) { totalCount nodes { id } } }",
            "publications",
        ),
        (
            "{ reviews(filter: {sentiment: []}) { totalCount nodes { id } } }",
            "reviews",
        ),
        (
            "{ reviews(filter: {since: \"2020-01-02\", until: \"2020-01-01\"}) { totalCount nodes { id } } }",
            "reviews",
        ),
    ] {
        let response = server.query(query).await;
        assert_eq!(
            response[list],
            json!({"totalCount": 0, "nodes": []}),
            "{query}"
        );
        assert_eq!(server.cost(query).await, (0, 0), "{query}");
    }
    let of_each = "{ films(first: 3) { nodes { reviews(filter: {sentiment: []}) { totalCount nodes { id } } score(filter: {sentiment: []}) { value } } } }";
    assert_eq!(server.cost(of_each).await, (1, 1));
}

#[tokio::test]
async fn decomposed_unicode_finds_composed_text() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "INSERT INTO film (slug, title, genres) VALUES ('cafe-lumen', U&'Caf\\00E9 Lumen', ARRAY[U&'Cin\\00E9']);
             INSERT INTO critic (slug, name) VALUES ('rene', U&'Ren\\00E9');
             INSERT INTO publication (slug, name) VALUES ('cafe', U&'Caf\\00E9')",
        )
        .await;
    let server = TestServer::with_database(database);
    for document in [
        "{ list: films(filter: {title: \"cafe\\u0301\"}) { totalCount } }",
        "{ list: films(filter: {genre: \"Cine\\u0301\"}) { totalCount } }",
        "{ list: critics(filter: {name: \"RENE\\u0301\"}) { totalCount } }",
        "{ list: publications(filter: {name: \"fe\\u0301\"}) { totalCount } }",
    ] {
        let found = server.query(document).await;
        assert_eq!(found["list"]["totalCount"], 1, "{document}");
    }
}
