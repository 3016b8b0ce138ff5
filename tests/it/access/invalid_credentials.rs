//! Credentials that the server rejects, and the reasons that it gives.

use marquee::access::Role;
use serde_json::json;

use super::{VIEWER, assert_rejected, error_of, execute, query, send, token, with_a_critic};
use crate::support::{TestDatabase, TestServer};

#[tokio::test]
async fn malformed_and_unknown_tokens_are_rejected() {
    let server = with_a_critic().await;
    let good = token(&server.database, Role::Admin, None).await;
    let other = token(&server.database, Role::Admin, None).await;
    let form = "the token is malformed, or of a type that this server does not accept";
    let scheme = "credentials must have the form: Bearer TOKEN";
    let unknown = "this token is unknown";
    let (id, _) = good[8..].split_once('_').unwrap();
    let (_, secret) = other[8..].split_once('_').unwrap();
    for (authorization, expected) in [
        ("Bearer".to_owned(), scheme),
        ("Bearer ".to_owned(), scheme),
        (format!("Basic {good}"), scheme),
        (good.clone(), scheme),
        (format!("Bearer {}", &good[..good.len() - 1]), form),
        (format!("Bearer {good} x"), form),
        (format!("Bearer {good},Bearer {good}"), form),
        ("Bearer abc".to_owned(), form),
        ("Bearer undefined".to_owned(), form),
        ("Bearer null".to_owned(), form),
        // No identity provider is configured.
        ("Bearer a.b.c".to_owned(), form),
        (format!("Bearer marquee_000000000000_{secret}"), unknown),
        (format!("Bearer marquee_{id}_{secret}"), unknown),
        (
            format!("Bearer {}", "a".repeat(9000)),
            "the token is longer than 8 KiB",
        ),
    ] {
        assert_eq!(
            assert_rejected(&server, &authorization).await,
            expected,
            "{authorization}"
        );
    }
    let twice = server
        .client()
        .post(server.url("/graphql"))
        .header("authorization", format!("Bearer {good}"))
        .header("authorization", format!("Bearer {good}"))
        .json(&json!({ "query": VIEWER }));
    assert_eq!(error_of(twice.send().await.unwrap()).await.0, 401);
    let bytes = server
        .client()
        .post(server.url("/graphql"))
        .header("authorization", &b"Bearer \xff\xfe"[..])
        .json(&json!({ "query": VIEWER }));
    assert_eq!(error_of(bytes.send().await.unwrap()).await.0, 401);
    assert_eq!(
        query(&server, &good, VIEWER).await["viewer"]["role"],
        "ADMIN"
    );
}

#[tokio::test]
async fn a_blank_authorization_header_is_anonymous() {
    let server = with_a_critic().await;
    for blank in ["", " ", "\t ", "   "] {
        let response = send(&server, Some(blank), VIEWER).await;
        assert_eq!(response.status(), 200, "{blank:?}");
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body["data"]["viewer"]["role"], "ANONYMOUS", "{body}");
        for path in ["/graphql?query=%7B__typename%7D", "/schema.graphql"] {
            let request = server.client().get(server.url(path));
            let response = request.header("authorization", blank).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path} {blank:?}");
        }
    }
    // An anonymous caller still needs a token where everyone does.
    let closed =
        TestServer::with_arguments(TestDatabase::empty().await, &["--anonymous-reads=false"]);
    let (status, challenge, code, _) = error_of(send(&closed, Some(""), VIEWER).await).await;
    assert_eq!(
        (status, &*challenge, &*code),
        (401, "Bearer realm=\"marquee\"", "UNAUTHENTICATED")
    );
}

#[tokio::test]
async fn a_token_in_the_url_is_rejected_unless_there_is_another() {
    let server = with_a_critic().await;
    let token = server.database.token(Role::Editor, None).await;
    for name in ["access_token", "token", "Authorization"] {
        let path = format!("/graphql?query=%7B__typename%7D&{name}={token}");
        let get = || server.client().get(server.url(&path));
        let post = server.client().post(server.url(&path));
        let post = post.json(&json!({ "query": VIEWER }));
        for request in [get(), post] {
            let (status, _, code, message) = error_of(request.send().await.unwrap()).await;
            assert_eq!((status, &*code), (401, "UNAUTHENTICATED"), "{name}");
            assert!(message.contains("in the URL"), "{message}");
        }
        let authorized = get().header("authorization", format!("Bearer {token}"));
        assert_eq!(authorized.send().await.unwrap().status(), 200, "{name}");
    }
}

#[tokio::test]
async fn expired_and_revoked_tokens_are_rejected_with_the_reason() {
    let server = with_a_critic().await;
    let expired = token(&server.database, Role::Editor, None).await;
    let ending = token(&server.database, Role::Editor, None).await;
    let critics = token(&server.database, Role::Critic, Some(1)).await;
    let revoked = token(&server.database, Role::Admin, None).await;
    execute(
        &server.database,
        "UPDATE api_token SET expires_at = now() - interval '1 second' WHERE id = 1;
         UPDATE api_token SET expires_at = now() + interval '1 hour' WHERE id = 2;
         UPDATE api_token SET revoked_at = now() WHERE id = 4",
    )
    .await;
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(
        assert_rejected(&server, &bearer(&expired)).await,
        "this token has expired"
    );
    assert_eq!(
        assert_rejected(&server, &bearer(&revoked)).await,
        "this token was revoked"
    );
    assert!(query(&server, &ending, VIEWER).await["viewer"]["tokenExpiresAt"].is_string());
    assert_eq!(
        query(&server, &critics, VIEWER).await["viewer"]["role"],
        "CRITIC"
    );
    // Deleting a critic deletes the critic's tokens.
    execute(&server.database, "DELETE FROM critic").await;
    assert_eq!(
        assert_rejected(&server, &bearer(&critics)).await,
        "this token is unknown"
    );
    // The reason requires the right secret.
    let wrong = format!("Bearer {}{}", &revoked[..21], &expired[21..]);
    assert_eq!(
        assert_rejected(&server, &wrong).await,
        "this token is unknown"
    );
}

#[tokio::test]
async fn bad_credentials_are_reported_before_any_other_error() {
    let server = TestServer::empty().await;
    let bad = format!("Bearer marquee_000000000000_{}", "A".repeat(43));
    for document in [
        "{",
        "{ nothing }",
        "mutation { nothing }",
        "query A { a } query B { b }",
        VIEWER,
    ] {
        let (status, ..) = error_of(send(&server, Some(&bad), document).await).await;
        assert_eq!(status, 401, "{document}");
    }
    // Also for `application/json`, where other errors have the status 200.
    let response = server
        .client()
        .post(server.url("/graphql"))
        .header("accept", "application/json")
        .header("authorization", &bad)
        .json(&json!({ "query": VIEWER }));
    assert_eq!(error_of(response.send().await.unwrap()).await.0, 401);
    let get = server
        .client()
        .get(server.url("/graphql?query=%7B__typename%7D"));
    let get = get.header("authorization", &bad).send().await.unwrap();
    assert_eq!(error_of(get).await.0, 401);
    let schema = server.client().get(server.url("/schema.graphql"));
    let schema = schema.header("authorization", &bad).send().await.unwrap();
    assert_eq!(error_of(schema).await.0, 401);
}

#[tokio::test]
async fn a_database_error_is_reported_as_an_internal_error() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Editor, None).await;
    execute(
        &server.database,
        "REVOKE EXECUTE ON FUNCTION api_token_of FROM marquee_serving",
    )
    .await;
    let response = send(&server, Some(&format!("Bearer {token}")), VIEWER).await;
    let (status, challenge, code, message) = error_of(response).await;
    assert_eq!(
        (status, code.as_str(), challenge.as_str()),
        (500, "INTERNAL", "")
    );
    assert_eq!(
        message,
        "internal server error; the server's log has the cause"
    );
    assert_eq!(send(&server, None, VIEWER).await.status(), 200);
}
