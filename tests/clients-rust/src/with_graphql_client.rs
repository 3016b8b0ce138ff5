//! `graphql_client`: types that are generated from the schema and the operations.

use std::fmt::Debug;

use graphql_client::{GraphQLQuery, Response};
use serde_json::json;

use crate::Server;

/// The scalars of the schema, as text.
type DateTime = String;
type Date = String;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "operations.graphql",
    response_derives = "Debug"
)]
struct Films;

/// Without `skip_serializing_none`, all fields that are `None` are sent as null, which clears them.
#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "operations.graphql",
    response_derives = "Debug",
    variables_derives = "Deserialize",
    skip_serializing_none
)]
struct AddReview;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema.graphql",
    query_path = "operations.graphql",
    response_derives = "Debug",
    variables_derives = "Deserialize",
    skip_serializing_none
)]
struct UpdateReview;

/// Runs all checks; the first that fails is a panic.
pub fn run(server: &Server) {
    let variables = films::Variables { first: 100 };
    let films: films::ResponseData = data(server.send(&Films::build_query(variables)));
    let nodes = films.films.nodes;
    assert_eq!(usize::try_from(films.films.total_count), Ok(nodes.len()));
    assert!(nodes.iter().all(|film| !film.title.is_empty()));
    assert!(nodes.iter().any(|film| film.release_date.is_some()));
    let is_judged = |film: &&films::FilmsFilmsNodes| film.score.verdict.is_some();
    assert!(
        nodes
            .iter()
            .filter(is_judged)
            .all(|film| film.score.value.is_some())
    );

    // From JSON, since the structs of inputs need a value for each field.
    let input = serde_json::from_value(json!({
        "film": nodes[0].id,
        "score": 70,
        "excerpt": "A lamp, by graphql_client.",
    }));
    let input = input.unwrap();
    let operation = AddReview::build_query(add_review::Variables { input });
    let added: add_review::ResponseData = data(server.send(&operation));
    let added = added
        .add_review
        .and_then(|payload| payload.review)
        .expect("the review is added");
    assert!(added.created_at.ends_with('Z'));

    let input = serde_json::from_value(json!({ "id": added.id, "score": 71 })).unwrap();
    let operation = UpdateReview::build_query(update_review::Variables { input });
    let sent = serde_json::to_value(&operation).unwrap();
    let expected = json!({ "id": added.id, "score": 71 });
    assert_eq!(sent["variables"]["input"], expected);
    let updated: update_review::ResponseData = data(server.send(&operation));
    let updated = updated.update_review.unwrap().review.unwrap();
    assert_eq!((updated.version, updated.score), (2, Some(71)));
    assert_eq!(updated.excerpt, added.excerpt);
}

fn data<T: Debug>(response: Response<T>) -> T {
    assert!(response.errors.is_none(), "{response:?}");
    response.data.expect("there is data")
}
