//! Each default that the schema documents for an argument of a query is the one that the server uses.

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{InputValueDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

use crate::support::TestServer;

/// The inputs with a default, each with the query that has the input at `#`, and the default as it is documented.
const DEFAULTS: [(&str, &str, &str); 26] = [
    (
        "Query.films.orderBy",
        "{ films(orderBy: #) { nodes { slug } } }",
        "{field: TITLE, direction: ASC}",
    ),
    (
        "Query.critics.orderBy",
        "{ critics(orderBy: #) { nodes { slug } } }",
        "{field: NAME, direction: ASC}",
    ),
    (
        "Query.publications.orderBy",
        "{ publications(orderBy: #) { nodes { slug } } }",
        "{field: NAME, direction: ASC}",
    ),
    (
        "Query.reviews.orderBy",
        "{ reviews(orderBy: #) { nodes { id } } }",
        "{field: ADDED, direction: ASC}",
    ),
    (
        "Film.reviews.orderBy",
        "{ films { nodes { reviews(orderBy: #) { nodes { id } } } } }",
        "{field: ADDED, direction: ASC}",
    ),
    (
        "Critic.reviews.orderBy",
        "{ critics { nodes { reviews(orderBy: #) { nodes { id } } } } }",
        "{field: ADDED, direction: ASC}",
    ),
    (
        "Publication.reviews.orderBy",
        "{ publications { nodes { reviews(orderBy: #) { nodes { id } } } } }",
        "{field: ADDED, direction: ASC}",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: TITLE, direction: #}) { nodes { slug } } }",
        "ASC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: RELEASE_DATE, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: SCORE, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: REVIEW_COUNT, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: SORT_TITLE, direction: #}) { nodes { slug } } }",
        "ASC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: LATEST_REVIEW, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: STANDARD_DEVIATION, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "FilmOrder.direction",
        "{ films(orderBy: {field: HIDDEN_GEM, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "CriticOrder.direction",
        "{ critics(orderBy: {field: NAME, direction: #}) { nodes { slug } } }",
        "ASC",
    ),
    (
        "CriticOrder.direction",
        "{ critics(orderBy: {field: REVIEW_COUNT, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "PublicationOrder.direction",
        "{ publications(orderBy: {field: NAME, direction: #}) { nodes { slug } } }",
        "ASC",
    ),
    (
        "PublicationOrder.direction",
        "{ publications(orderBy: {field: REVIEW_COUNT, direction: #}) { nodes { slug } } }",
        "DESC",
    ),
    (
        "ReviewOrder.direction",
        "{ reviews(orderBy: {field: ADDED, direction: #}) { nodes { id } } }",
        "DESC",
    ),
    (
        "ReviewOrder.direction",
        "{ reviews(orderBy: {field: SCORE, direction: #}) { nodes { id } } }",
        "DESC",
    ),
    (
        "ReviewOrder.direction",
        "{ reviews(orderBy: {field: DATE, direction: #}) { nodes { id } } }",
        "DESC",
    ),
    (
        "Query.reviews.first",
        "{ reviews(first: #) { nodes { id } } }",
        "20",
    ),
    (
        "Query.films.filter",
        "{ films(filter: #) { totalCount } }",
        "{}",
    ),
    (
        "Query.reviews.filter",
        "{ reviews(filter: #) { totalCount } }",
        "{}",
    ),
    (
        "Film.score.policy",
        "{ films { nodes { score(policy: #) { value label } } } }",
        "{}",
    ),
];

/// The fields of a scoring policy with their defaults, and a value that changes a score or a verdict.
const POLICY: [(&str, &str, &str); 6] = [
    ("minimumReviews", "4", "1"),
    ("acclaimFrom", "81", "62"),
    ("positiveFrom", "61", "41"),
    ("mixedFrom", "40", "60"),
    ("dislikeBelow", "20", "39"),
    ("estimate", "true", "false"),
];

/// Returns the inputs of queries with a documented default: orders, directions, and scoring policies.
fn documented() -> BTreeSet<String> {
    let document = parse_schema(marquee::graphql::schema::sdl()).unwrap();
    let mut found = BTreeSet::new();
    let has_default = |input: &InputValueDefinition| {
        let description = input.description.as_ref().map(|text| text.node.as_str());
        description.is_some_and(|text| text.contains("when null"))
    };
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let name = ty.node.name.node.to_string();
        match ty.node.kind {
            TypeKind::InputObject(object)
                if name.ends_with("Order") || name == "ScoringPolicyInput" =>
            {
                let fields = object.fields.iter().map(|field| &field.node);
                let fields = fields.filter(|field| has_default(field));
                found.extend(fields.map(|field| format!("{name}.{}", field.name.node)));
            }
            TypeKind::Object(object) => {
                for field in object.fields {
                    let field = field.node;
                    let orders = field.arguments.iter().map(|argument| &argument.node);
                    let orders = orders.filter(|order| order.name.node == "orderBy");
                    found
                        .extend(orders.map(|order| {
                            format!("{name}.{}.{}", field.name.node, order.name.node)
                        }));
                }
            }
            _ => {}
        }
    }
    found
}

async fn answer(server: &TestServer, document: &str) -> Value {
    let response = server.send(json!({ "query": document })).await;
    assert_eq!(
        response.body.get("errors"),
        None,
        "{document}: {}",
        response.body
    );
    response.body["data"].clone()
}

#[tokio::test]
async fn null_means_the_documented_default() {
    let server = TestServer::demo().await;
    let mut listed: BTreeSet<String> = DEFAULTS
        .iter()
        .map(|(input, ..)| (*input).to_owned())
        .collect();
    listed.extend(POLICY.map(|(field, ..)| format!("ScoringPolicyInput.{field}")));
    let missing: Vec<_> = documented().difference(&listed).cloned().collect();
    assert_eq!(missing, [""; 0]);
    for (input, document, default) in DEFAULTS {
        let by_null = answer(&server, &document.replace('#', "null")).await;
        let by_default = answer(&server, &document.replace('#', default)).await;
        assert_eq!(by_null, by_default, "{input}: {document}");
    }
    // Every score of the demo catalogue, under one filter each, so that some have few reviews.
    let scores = |policy: &str| {
        format!(
            "{{ films(first: 50) {{ nodes {{ all: score(policy: {policy}) {{ value verdict }}
                scored: score(policy: {policy}, filter: {{scored: true}}) {{ value verdict }}
                unscored: score(policy: {policy}, filter: {{scored: false}}) {{ value verdict }} }} }} }}"
        )
    };
    let default = answer(&server, &scores("null")).await;
    for (field, value, other) in POLICY {
        for same in ["null", value] {
            let given = answer(&server, &scores(&format!("{{{field}: {same}}}"))).await;
            assert_eq!(given, default, "{field}: {same}");
        }
        let given = answer(&server, &scores(&format!("{{{field}: {other}}}"))).await;
        assert_ne!(given, default, "{field}: {other}");
    }
}
