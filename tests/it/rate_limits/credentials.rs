//! The buckets of tokens and of rejected requests.

use marquee::access::Role;
use serde_json::json;

use super::{TYPENAME_COST, error, graphql_request, header, limited, limited_on, remaining};
use crate::support::TestDatabase;

#[tokio::test]
async fn each_token_has_its_own_bucket() {
    let database = TestDatabase::demo().await;
    let [one, other] = [
        database.token(Role::Editor, None).await,
        database.token(Role::Editor, None).await,
    ];
    // Two look-ups leave less than the cost of an anonymous request.
    let server = limited_on(database, TYPENAME_COST + 1, &[]);
    let ask = async |token: Option<&str>| {
        let mut request = graphql_request(&server, "{ __typename }");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    };
    // The first look-up of unknown credentials is charged to the address.
    let response = ask(Some(&one)).await;
    assert_eq!(
        header(&response, "ratelimit-policy").unwrap(),
        "\"token\";q=10200;qu=\"cost\";w=612000"
    );
    let full = 100 * (TYPENAME_COST + 1);
    assert_eq!(remaining(&response), full - TYPENAME_COST);
    assert_eq!(remaining(&ask(Some(&one)).await), full - 2 * TYPENAME_COST);
    assert_eq!(remaining(&ask(Some(&other)).await), full - TYPENAME_COST);
    // The tokens' buckets are separate.
    assert_eq!(ask(None).await.status(), 429);
    assert_eq!(
        remaining(&ask(Some(&other)).await),
        full - 2 * TYPENAME_COST
    );
}

#[tokio::test]
async fn bad_credentials_are_charged_to_the_address_until_they_are_rejected_unchecked() {
    let database = TestDatabase::demo().await;
    let good = database.token(Role::Editor, None).await;
    let server = limited_on(database, 1_100, &[]);
    let ask = async |path: &str, token: &str| {
        let body = json!({ "query": "{ __typename }" });
        let request = match path {
            "/graphql" => server.client().post(server.url(path)).json(&body),
            _ => server.client().get(server.url(path)),
        };
        request.bearer_auth(token).send().await.unwrap()
    };
    assert_eq!(ask("/graphql", &good).await.status(), 200);
    let bad = format!("{}x", &good[..good.len() - 1]);
    let refused = ask("/schema.graphql", &bad).await;
    assert_eq!((refused.status().as_u16(), remaining(&refused)), (401, 98));
    assert_eq!(ask("/graphql", &bad).await.status(), 401);
    for path in ["/graphql", "/schema.graphql"] {
        let refused = ask(path, &bad).await;
        assert_eq!(refused.status(), 429, "{path}");
        assert_eq!(error(refused).await.0, "RATE_LIMITED");
    }
    // Known credentials still work from the same address.
    assert_eq!(ask("/graphql", &good).await.status(), 200);
}

#[tokio::test]
async fn a_rejected_document_is_charged_too() {
    let server = limited(3_100, &[]).await;
    let body = |body: &'static str| {
        let request = server.client().post(server.url("/graphql"));
        let request = request.header("content-type", "application/json");
        request.body(body)
    };
    for (sent, left) in [
        (r#"{"query": "{"}"#, 2_100),
        (r#"{"query": "#, 1_100),
        (r#"{"query": "query A { a } query B { b }"}"#, 100),
        (r#"{"query": "{"}"#, 0),
    ] {
        let response = body(sent).send().await.unwrap();
        assert_eq!(remaining(&response), left, "{sent}");
    }
    assert_eq!(
        body(r#"{"query": "{"}"#).send().await.unwrap().status(),
        429
    );
}
