//! `cynic`: types that are written by hand and checked against the schema.

use cynic::{GraphQlResponse, MutationBuilder, QueryBuilder};
use serde_json::{Value, json};

use crate::Server;

#[cynic::schema("marquee")]
mod schema {}

/// A scalar of ours: the client keeps its text.
#[derive(cynic::Scalar, Debug, Clone)]
pub struct DateTime(pub String);

/// A scalar of ours: the client keeps its text.
#[derive(cynic::Scalar, Debug, Clone)]
pub struct Date(pub String);

#[derive(cynic::QueryVariables)]
struct FilmsVariables {
    first: i32,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Query", variables = "FilmsVariables")]
struct Films {
    #[arguments(first: $first)]
    films: FilmConnection,
}

#[derive(cynic::QueryFragment, Debug)]
struct FilmConnection {
    total_count: i32,
    nodes: Vec<Film>,
}

#[derive(cynic::QueryFragment, Debug)]
struct Film {
    id: cynic::Id,
    title: String,
    release_date: Option<Date>,
    score: Score,
}

#[derive(cynic::QueryFragment, Debug)]
struct Score {
    value: Option<i32>,
    verdict: Option<Verdict>,
}

#[derive(cynic::Enum, Debug, Clone, Copy)]
enum Verdict {
    UniversalAcclaim,
    GenerallyFavorable,
    MixedOrAverage,
    GenerallyUnfavorable,
    OverwhelmingDislike,
}

/// Without the option, `None` is sent as null, which clears the excerpt.
#[derive(cynic::InputObject)]
struct UpdateReviewInput {
    id: cynic::Id,
    #[cynic(skip_serializing_if = "Option::is_none")]
    score: Option<i32>,
    #[cynic(skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
}

/// A struct of its own for what is to be cleared: without the option, `None` is null. The score is not a part of it.
#[derive(cynic::InputObject)]
#[cynic(graphql_type = "UpdateReviewInput")]
struct ClearReviewInput {
    id: cynic::Id,
    excerpt: Option<String>,
}

#[derive(cynic::InputObject)]
struct AddReviewInput {
    film: cynic::Id,
    score: Option<i32>,
    excerpt: Option<String>,
}

#[derive(cynic::QueryVariables)]
struct Add {
    input: AddReviewInput,
}

#[derive(cynic::QueryVariables)]
struct Update {
    input: UpdateReviewInput,
}

#[derive(cynic::QueryVariables)]
struct Clear {
    input: ClearReviewInput,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "Add")]
struct AddReview {
    #[arguments(input: $input)]
    add_review: Option<AddReviewPayload>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "Update")]
struct UpdateReview {
    #[arguments(input: $input)]
    update_review: Option<UpdateReviewPayload>,
}

#[derive(cynic::QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "Clear")]
struct ClearReview {
    #[arguments(input: $input)]
    update_review: Option<UpdateReviewPayload>,
}

#[derive(cynic::QueryFragment, Debug)]
struct AddReviewPayload {
    review: Option<Review>,
}

#[derive(cynic::QueryFragment, Debug)]
struct UpdateReviewPayload {
    review: Option<Review>,
}

#[derive(cynic::QueryFragment, Debug)]
struct Review {
    id: cynic::Id,
    version: i32,
    score: Option<i32>,
    excerpt: Option<String>,
    created_at: DateTime,
}

/// Runs all checks; the first that fails is a panic.
pub fn run(server: &Server) {
    let films: Films = data(server.send(&Films::build(FilmsVariables { first: 100 })));
    let nodes = &films.films.nodes;
    assert_eq!(usize::try_from(films.films.total_count), Ok(nodes.len()));
    assert!(nodes.iter().all(|film| !film.title.is_empty()));
    assert!(nodes.iter().any(|film| film.release_date.is_some()));
    let is_judged = |film: &&Film| film.score.value.is_some() && film.score.verdict.is_some();
    assert!(nodes.iter().filter(is_judged).count() > 0);

    let input = AddReviewInput {
        film: nodes[0].id.clone(),
        score: Some(70),
        excerpt: Some("A lamp, by cynic.".to_owned()),
    };
    let added: AddReview = data(server.send(&AddReview::build(Add { input })));
    let added = added
        .add_review
        .and_then(|payload| payload.review)
        .expect("the review is added");
    assert!(added.created_at.0.ends_with('Z'));

    let input = UpdateReviewInput {
        id: added.id.clone(),
        score: Some(71),
        excerpt: None,
    };
    let operation = UpdateReview::build(Update { input });
    let sent = serde_json::to_value(&operation).unwrap();
    let expected = json!({ "id": added.id, "score": 71 });
    assert_eq!(sent["variables"]["input"], expected);
    let updated: UpdateReview = data(server.send(&operation));
    let updated = updated.update_review.unwrap().review.unwrap();
    assert_eq!((updated.version, updated.score), (2, Some(71)));
    assert_eq!(updated.excerpt, added.excerpt);

    let input = ClearReviewInput {
        id: added.id,
        excerpt: None,
    };
    let cleared: ClearReview = data(server.send(&ClearReview::build(Clear { input })));
    let cleared = cleared.update_review.unwrap().review.unwrap();
    assert_eq!((cleared.score, cleared.excerpt), (Some(71), None));

    let refused: GraphQlResponse<Films, Value> =
        server.send(&Films::build(FilmsVariables { first: 101 }));
    let errors = refused.errors.expect("101 is too many");
    assert_eq!(
        errors[0].extensions.as_ref().unwrap()["code"],
        "INVALID_PAGE"
    );
}

fn data<T: std::fmt::Debug>(response: GraphQlResponse<T>) -> T {
    assert!(response.errors.is_none(), "{response:?}");
    response.data.expect("there is data")
}
