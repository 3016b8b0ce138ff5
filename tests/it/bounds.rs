//! Every list and every text that the API takes has a bound. The inputs are those of the schema as it is served.

mod inputs;
mod statements;

use async_graphql::parser::types::OperationType;
use marquee::access::Role;
use serde_json::{Value, json};

use self::inputs::{Inputs, Leaf, Shape};
use crate::support::{TestDatabase, TestServer};

#[test]
fn every_list_and_every_text_of_the_schema_has_a_bound() {
    let inputs = Inputs::of_served_schema();
    let leaves = inputs.leaves();
    // A schema that can't be walked would pass otherwise.
    assert!(leaves.len() > 150, "{}", leaves.len());
    let without: Vec<_> = leaves
        .iter()
        .filter(|leaf| leaf.bound.is_none())
        .map(Leaf::name)
        .collect();
    assert!(without.is_empty(), "{without:#?}");
}

#[tokio::test]
async fn each_bound_of_the_schema_is_reported_with_its_limit_and_the_value() {
    let inputs = Inputs::of_served_schema();
    let database = TestDatabase::empty().await;
    let token = database.token(Role::Admin, None).await;
    let server = TestServer::over(database);
    for leaf in inputs.leaves() {
        let name = leaf.name();
        let request = |value| inputs.request(&leaf, value);
        let over = server.send_as(&token, request(inputs.beyond(&leaf))).await;
        if leaf.shape == Shape::Formatted {
            assert_eq!(over.status, 400, "{name}: {}", over.body);
            let code = &over.body["errors"][0]["extensions"]["code"];
            assert_eq!(code, "VALIDATION_FAILED", "{name}");
            continue;
        }
        let reported = Reported::of(&over.body, leaf.code());
        let reported = reported.unwrap_or_else(|| panic!("{name}: {}", over.body));
        reported.check(&leaf, &over.body);
        let at = server.send_as(&token, request(inputs.within(&leaf))).await;
        assert!(
            Reported::of(&at.body, leaf.code()).is_none(),
            "{name}: {}",
            at.body
        );
        // Blanks around a text are characters of it, but a mutation drops them.
        if leaf.operation != OperationType::Mutation && leaf.shape == Shape::Text {
            let blanks = json!(" ".repeat(leaf.limit_and_value().1));
            let answer = server.send_as(&token, request(blanks)).await;
            assert!(Reported::of(&answer.body, leaf.code()).is_some(), "{name}");
        }
        if let Some(value) = inputs.far_beyond(&leaf) {
            let far = server.send_as(&token, request(value)).await;
            assert_eq!(far.status, 400, "{name}: {}", far.body);
            assert!(matches!(
                Reported::of(&far.body, leaf.code()),
                Some(Reported::Error(_))
            ));
        }
    }
}

/// How an answer reports an exceeded bound.
enum Reported {
    /// By an error of the whole request.
    Error(Value),
    /// By an error in a mutation's payload.
    UserError(Value),
}

impl Reported {
    /// How an answer reports an error code, or `None` if it does not.
    fn of(body: &Value, code: &str) -> Option<Self> {
        let errors = body["errors"].as_array().into_iter().flatten();
        let mut errors = errors.filter(|error| error["extensions"]["code"] == code);
        let payloads = body["data"]
            .as_object()
            .into_iter()
            .flat_map(|data| data.values());
        let user_errors = payloads.filter_map(|payload| payload["userErrors"].as_array());
        let mut user_errors = user_errors.flatten().filter(|error| error["code"] == code);
        let error = errors.next().cloned().map(Self::Error);
        error.or_else(|| user_errors.next().cloned().map(Self::UserError))
    }

    fn check(&self, leaf: &Leaf<'_>, body: &Value) {
        let (limit, value) = leaf.limit_and_value();
        match self {
            Self::Error(error) => {
                let extensions = &error["extensions"];
                assert_eq!(extensions["limit"], limit, "{body}");
                assert_eq!(extensions["value"], value, "{body}");
                let message = error["message"].as_str().unwrap();
                let name = leaf.path().pop().unwrap();
                assert!(message.contains(&name), "{name} in {message}");
            }
            Self::UserError(error) => {
                let mut path = leaf.path();
                if leaf.shape == Shape::TextOfList {
                    path.push("0".to_owned());
                }
                assert_eq!(error["field"], json!(path), "{body}");
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(&limit.to_string()), "{message}");
            }
        }
    }
}

/// Below a mutation's root field nothing is reported in the payload.
#[tokio::test]
async fn what_a_payload_shows_has_the_bounds_of_queries() {
    let database = TestDatabase::empty().await;
    let token = database.token(Role::Editor, None).await;
    let server = TestServer::over(database);
    let query = "mutation($c: String) { addFilm(input: {title: \"Lamp\"}) { film { reviews(after: $c) { totalCount } } } }";
    let request = json!({"query": query, "variables": {"c": "x".repeat(2_001)}});
    let answer = server.send_as(&token, request).await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"], "TOO_LONG",
        "{}",
        answer.body
    );
    let films = server.query("{ films { totalCount } }").await;
    assert_eq!(films["films"]["totalCount"], 0);
}

/// A list in a fragment that is spread two thousand times.
#[tokio::test]
async fn a_fragment_is_not_copied_without_end() {
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
    let answer = server.send(json!({"query": query})).await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "VARIABLES_TOO_LARGE"
    );
}

/// Those that a search found which end the process, or take a database's time.
#[tokio::test]
async fn what_is_beyond_a_bound_never_reaches_the_database() {
    let server = TestServer::demo().await;
    let reviews = "query($s: [Sentiment!]) { reviews(first: 1, filter: {sentiment: $s}) { totalCount nodes { id } } }";
    let films = "query($t: String) { films(filter: {title: $t}) { totalCount } }";
    let critics = "query($t: String) { critics(filter: {name: $t}) { totalCount } }";
    let nodes = format!(
        "query($a: ID!) {{ nodes(ids: [{}]) {{ id }} }}",
        "$a ".repeat(4_900)
    );
    for (query, variables, code) in [
        (
            reviews,
            json!({"s": vec!["MIXED"; 3_000]}),
            "TOO_MANY_VALUES",
        ),
        (
            reviews,
            json!({"s": vec!["MIXED"; 40_000]}),
            "TOO_MANY_VALUES",
        ),
        (films, json!({"t": "e".repeat(400_000)}), "TOO_LONG"),
        (critics, json!({"t": "\u{6f22}".repeat(30_000)}), "TOO_LONG"),
        (films, json!({"t": " ".repeat(490_000)}), "TOO_LONG"),
        (
            &nodes,
            json!({"a": "x".repeat(490_000)}),
            "VARIABLES_TOO_LARGE",
        ),
    ] {
        let answer = server
            .send(json!({"query": query, "variables": variables}))
            .await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.body["errors"][0]["extensions"]["code"], code);
        assert_eq!(answer.cost, None);
    }
}

#[tokio::test]
async fn what_nothing_can_match_is_answered_without_the_table() {
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
        let answer = server.query(query).await;
        assert_eq!(
            answer[list],
            json!({"totalCount": 0, "nodes": []}),
            "{query}"
        );
        assert_eq!(server.cost(query).await, (0, 0), "{query}");
    }
    let of_each = "{ films(first: 3) { nodes { reviews(filter: {sentiment: []}) { totalCount nodes { id } } score(filter: {sentiment: []}) { value } } } }";
    assert_eq!(server.cost(of_each).await, (1, 1));
}

#[tokio::test]
async fn a_text_in_pieces_finds_what_the_whole_one_finds() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "INSERT INTO film (slug, title, genres) VALUES ('cafe-lumen', U&'Caf\\00E9 Lumen', ARRAY[U&'Cin\\00E9']);
             INSERT INTO critic (slug, name) VALUES ('rene', U&'Ren\\00E9');
             INSERT INTO publication (slug, name) VALUES ('cafe', U&'Caf\\00E9')",
        )
        .await;
    let server = TestServer::over(database);
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
