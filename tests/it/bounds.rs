//! Every list and every string that the API takes as input has a bound. The inputs come from the served schema.

mod inputs;
mod statements;

use async_graphql::parser::types::OperationType;
use marquee::access::Role;
use serde_json::{Value, json};

use self::inputs::{Inputs, Leaf, Shape};
use crate::support::{TestDatabase, TestServer};

#[test]
fn every_list_and_string_of_the_schema_has_a_bound() {
    let inputs = Inputs::of_served_schema();
    let leaves = inputs.leaves();
    // Guards against a walk that finds no inputs.
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
    let server = TestServer::with_database(database);
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
        // In queries, surrounding blanks count towards the length of a string. Mutations trim them first.
        if leaf.operation != OperationType::Mutation && leaf.shape == Shape::Text {
            let blanks = json!(" ".repeat(leaf.limit_and_value().1));
            let response = server.send_as(&token, request(blanks)).await;
            assert!(
                Reported::of(&response.body, leaf.code()).is_some(),
                "{name}"
            );
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

/// How a response reports that an input exceeds its bound.
enum Reported {
    /// A top-level error.
    Error(Value),
    /// An error in a mutation's payload.
    UserError(Value),
}

impl Reported {
    /// Finds an error with this code in a response. Returns `None` if there is none.
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

/// Inputs that once crashed the process or cost the database much time, as found by a search.
#[tokio::test]
async fn inputs_over_a_bound_never_reach_the_database() {
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
        let response = server
            .send(json!({"query": query, "variables": variables}))
            .await;
        assert_eq!(response.status, 400, "{}", response.body);
        assert_eq!(response.body["errors"][0]["extensions"]["code"], code);
        assert_eq!(response.cost, None);
    }
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
