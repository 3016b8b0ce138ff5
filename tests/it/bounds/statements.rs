//! The text of a SQL statement does not depend on the size of its inputs, so PostgreSQL prepares it only once.

use std::{collections::BTreeSet, time::Duration};

use async_graphql::parser::types::OperationType;

use marquee::{access::Role, global_id::Kind};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::inputs::{Inputs, Leaf, Shape, requests::ids};
use crate::support::{TestDatabase, TestServer};

/// Returns some sizes up to the bound of a string, and every size of a list.
fn sizes(leaf: &Leaf<'_>) -> Vec<usize> {
    let most = leaf.bound.unwrap();
    match leaf.shape {
        Shape::List => (1..=most).collect(),
        _ => [1, 2, 3, 17, most - 1, most].into(),
    }
}

/// Starts a server without caches, with a PostgreSQL that logs every statement.
async fn server() -> TestServer {
    let database = TestDatabase::demo().await;
    database.log_statements().await;
    TestServer::with_arguments(
        database,
        &["--row-cache=0", "--answer-cache=0", "--film-index=false"],
    )
}

/// Sends requests and returns the distinct statements that they execute.
async fn statements(
    server: &TestServer,
    requests: impl Iterator<Item = Value>,
) -> BTreeSet<String> {
    let before = server.database.logged_texts().len();
    for request in requests {
        server.send(request).await;
    }
    let texts = server.database.logged_texts().split_off(before);
    texts.into_iter().collect()
}

/// The inputs that execute a statement. Those that are rejected for another reason, such as an invalid cursor, execute none.
const EXPECTED: [&str; 50] = [
    "critic(by.external.id): Text",
    "critic(by.external.source): Text",
    "critic(by.name): Text",
    "critic(by.slug): Text",
    "critics(filter.name): Text",
    "film(by.external.id): Text",
    "film(by.external.source): Text",
    "film(by.slug): Text",
    "film(by.titled.title): Text",
    "filmFacets(filter.allGenres): List",
    "filmFacets(filter.allGenres): TextOfList",
    "filmFacets(filter.anyGenre): List",
    "filmFacets(filter.anyGenre): TextOfList",
    "filmFacets(filter.director): Text",
    "filmFacets(filter.genre): Text",
    "filmFacets(filter.reviewedBy.external.id): Text",
    "filmFacets(filter.reviewedBy.external.source): Text",
    "filmFacets(filter.reviewedBy.name): Text",
    "filmFacets(filter.reviewedBy.slug): Text",
    "filmFacets(filter.reviewedIn.name): Text",
    "filmFacets(filter.reviewedIn.slug): Text",
    "filmFacets(filter.title): Text",
    "filmFacets(filter.verdict): List",
    "films(filter.allGenres): List",
    "films(filter.allGenres): TextOfList",
    "films(filter.anyGenre): List",
    "films(filter.anyGenre): TextOfList",
    "films(filter.director): Text",
    "films(filter.genre): Text",
    "films(filter.reviewedBy.external.id): Text",
    "films(filter.reviewedBy.external.source): Text",
    "films(filter.reviewedBy.name): Text",
    "films(filter.reviewedBy.slug): Text",
    "films(filter.reviewedIn.name): Text",
    "films(filter.reviewedIn.slug): Text",
    "films(filter.title): Text",
    "films(filter.verdict): List",
    "nodes(ids): List",
    "publication(by.name): Text",
    "publication(by.slug): Text",
    "publications(filter.name): Text",
    "reviews(filter.criticBy.external.id): Text",
    "reviews(filter.criticBy.external.source): Text",
    "reviews(filter.criticBy.name): Text",
    "reviews(filter.criticBy.slug): Text",
    "reviews(filter.filmGenre): Text",
    "reviews(filter.publicationBy.name): Text",
    "reviews(filter.publicationBy.slug): Text",
    "reviews(filter.sentiment): List",
    "search(text): Text",
];

#[tokio::test]
async fn values_of_any_size_share_one_prepared_statement() {
    let inputs = Inputs::of_served_schema();
    let server = server().await;
    let mut reached = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for leaf in inputs.leaves() {
        if leaf.operation != OperationType::Query || leaf.shape == Shape::Formatted {
            continue;
        }
        let sizes = sizes(&leaf).into_iter();
        let requests = sizes.map(|size| inputs.request(&leaf, inputs.of_size(&leaf, size)));
        let statements = statements(&server, requests).await;
        assert!(statements.len() <= 1, "{}: {statements:#?}", leaf.name());
        if !statements.is_empty() {
            reached.insert(leaf.name());
        }
        texts.extend(statements);
    }
    assert!(reached.iter().eq(EXPECTED), "{reached:#?}");
    // The six references of each of three filters are looked up as those of `by` are, and the source of an external id with
    // its id. The texts of a list share the statement of the list, and the genre of a filter that of `allGenres`.
    assert!(
        texts.len() + 3 * 6 + 2 + 4 + 2 >= EXPECTED.len(),
        "{texts:#?}"
    );
}

/// Sends a mutation with inputs of several sizes, and asserts that only the first one prepares new statements.
async fn check_mutation(
    server: &TestServer,
    token: &str,
    mutation: &str,
    input: impl Fn(usize) -> Value,
) {
    let query = format!(
        "mutation($input: {}{}Input!) {{ {mutation}(input: $input) {{ userErrors {{ message }} }} }}",
        mutation[..1].to_uppercase(),
        &mutation[1..]
    );
    let send = async |size: usize| {
        let before = server.database.logged_texts().len();
        let request = json!({"query": query, "variables": {"input": input(size)}});
        let response = server.send_as(token, request).await;
        let errors = &response.body["data"][mutation]["userErrors"];
        assert_eq!(*errors, json!([]), "{}", response.body);
        let texts: BTreeSet<_> = server
            .database
            .logged_texts()
            .split_off(before)
            .into_iter()
            .collect();
        texts
    };
    let first = send(1).await;
    for size in [2, 3, 10, 49] {
        let new: Vec<_> = send(size).await.difference(&first).cloned().collect();
        assert!(new.is_empty(), "{mutation} of {size}: {new:#?}");
    }
}

#[tokio::test]
async fn mutations_of_any_size_share_their_prepared_statements() {
    let server = server().await;
    let token = server.database.token(Role::Editor, None).await;
    // A task records the first use of a token in the background. It must not run during the first mutation.
    server
        .send_as(&token, json!({"query": "{ viewer { role } }"}))
        .await;
    let recorded = "SELECT 'recorded' FROM api_token WHERE last_used_at IS NOT NULL";
    while server.database.texts(recorded).await.is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    let names = |size: usize| {
        (0..size)
            .map(|name| format!("name {name}"))
            .collect::<Vec<_>>()
    };
    check_mutation(&server, &token, "addFilm", |size| {
        json!({"title": "x".repeat(size), "genres": names(size), "directors": names(size), "synopsis": "x".repeat(size * 100)})
    })
    .await;
    let film = ids(Kind::Film, 1)[0].clone();
    check_mutation(&server, &token, "addReview", |size| {
        json!({"film": film, "critic": {"name": format!("critic {size}")}, "excerpt": "x".repeat(size * 100), "score": 50})
    })
    .await;
    // Each page has a new film and new critics.
    check_mutation(&server, &token, "importPage", |size| {
        let heading = format!("Universal acclaim - based on {size} Critics\n\nPositive: {size} out of {size}\n\nCritic Reviews\n");
        let reviews = (1..=size).map(|n| format!("{n}. Reviewed by: Critic {size} of {n}\n90\nGood.\n"));
        json!({"text": heading + &reviews.collect::<String>(), "film": {"titled": {"title": format!("Page {size}")}}})
    })
    .await;
    check_mutation(&server, &token, "importFile", |size| {
        let rows = (1..=size).map(|n| format!("Sent {size} of {n},Critic {size} of {n},4/5\n"));
        json!({"content": {"text": format!("Film,Critic,Rating\n{}", rows.collect::<String>())}})
    })
    .await;
}

#[tokio::test]
async fn ids_of_every_kind_are_read_by_one_prepared_statement() {
    let server = server().await;
    for kind in [Kind::Film, Kind::Critic, Kind::Publication, Kind::Review] {
        let requests = (1..=100).map(|count| {
            let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }";
            json!({"query": query, "variables": {"ids": ids(kind, count)}})
        });
        let statements = statements(&server, requests).await;
        assert_eq!(statements.len(), 1, "{statements:#?}");
    }
}
