//! Every list and every string that the API takes as input has a bound. The inputs come from the served schema.

mod documents;
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
                // The path of a value in a list of objects has the index of the object.
                let mut field = error["field"].clone();
                if leaf.shape == Shape::Text {
                    field.as_array_mut().unwrap().retain(|step| step != "0");
                }
                assert_eq!(field, json!(path), "{body}");
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(&limit.to_string()), "{message}");
            }
        }
    }
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
