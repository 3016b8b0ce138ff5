//! JWTs of an identity provider. The keys come from a file, or over HTTP from a provider in the test.

mod invalid;
mod keys;
pub mod provider;
#[path = "../../../src/access/jwt/tests/signer.rs"]
pub mod signer;

use chrono::Utc;
use serde_json::{Value, json};

use self::{provider::Provider, signer::Signer};
use super::{VIEWER, assert_rejected, execute, query, send};
use crate::support::{TestDatabase, TestServer};

/// Returns claims of an editor that the server accepts.
pub fn claims() -> Value {
    let now = Utc::now().timestamp();
    json!({
        "iss": "https://id.example", "aud": ["marquee", "other"], "sub": "ann@id", "iat": now, "exp": now + 600,
        "marquee_role": ["offline", "editor"]
    })
}

fn with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

async fn server(jwks: &str, more: &[&str]) -> TestServer {
    let database = TestDatabase::empty().await;
    execute(
        &database,
        "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann')",
    )
    .await;
    let jwks = format!("--jwt-jwks={jwks}");
    let mut arguments = vec![
        "--jwt-issuer=https://id.example",
        "--jwt-audience=marquee",
        &jwks,
    ];
    arguments.extend(more);
    TestServer::with_arguments(database, &arguments)
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn a_jwt_identifies_the_viewer() {
    let (rsa, ec, ed) = (Signer::rsa(0), Signer::ec(), Signer::ed());
    let provider = Provider::start(&json!({ "keys": [rsa.jwk("r"), ec.jwk("c"), ed.jwk("d")] }));
    let server = server(&provider.url(), &[]).await;
    for (signer, id) in [(&rsa, "r"), (&ec, "c"), (&ed, "d")] {
        let token = signer.token(id, &claims());
        let viewer = query(&server, &token, VIEWER).await["viewer"].take();
        assert_eq!(
            (&viewer["role"], &viewer["name"]),
            (&json!("EDITOR"), &json!("ann@id"))
        );
        assert!(viewer["tokenExpiresAt"].is_string());
    }
    let critic = with(&json!({ "marquee_role": "critic", "marquee_critic": "ann" }));
    let viewer = query(&server, &ed.token("d", &critic), VIEWER).await["viewer"].take();
    assert_eq!(
        (&viewer["role"], &viewer["critic"]["slug"]),
        (&json!("CRITIC"), &json!("ann"))
    );
    let unknown = with(&json!({ "marquee_role": "critic", "marquee_critic": "bob" }));
    let reason = assert_rejected(&server, &bearer(&ed.token("d", &unknown))).await;
    assert_eq!(reason, "the token names an unknown critic");
    // One fetch of the key set serves all of these requests.
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn a_jwt_costs_no_statement_and_a_critics_jwt_costs_one() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let server = server(&provider.url(), &[]).await;
    let cost = async |claims: &Value| {
        let token = bearer(&signer.token("a", claims));
        let response = send(&server, Some(&token), "{ viewer { role } }").await;
        response.headers()["server-timing"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        cost(&claims()).await,
        "sql;desc=\"0 statements in 0 round trips\""
    );
    let critic = with(&json!({ "marquee_role": "critic", "marquee_critic": "ann" }));
    assert_eq!(
        cost(&critic).await,
        "sql;desc=\"1 statements in 1 round trips\""
    );
}

#[tokio::test]
async fn roles_are_found_by_a_path_and_by_the_names_of_the_provider() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let path = "--jwt-role-claim=resource_access.films.example.roles";
    let names = "--jwt-role=editor=CN=film-editors,OU=groups;ADMIN=/owners";
    let server = server(&provider.url(), &[path, names]).await;
    let token = |roles: Value| {
        let resources = json!({ "films.example": { "roles": roles } });
        signer.token("a", &with(&json!({ "resource_access": resources })))
    };
    for (roles, expected) in [
        (json!(["CN=film-editors,OU=groups", "reader"]), "EDITOR"),
        (json!(["CN=film-editors,OU=groups", "/owners"]), "ADMIN"),
    ] {
        let viewer = query(&server, &token(roles), VIEWER).await;
        assert_eq!(viewer["viewer"]["role"], expected);
    }
    for roles in [json!(["admin"]), json!([]), json!("reader")] {
        let reason = assert_rejected(&server, &bearer(&token(roles))).await;
        assert_eq!(reason, "the token has no role that this server accepts");
    }
}

#[tokio::test]
async fn an_access_token_of_cognito_is_accepted_for_its_client() {
    let signer = Signer::rsa(0);
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let server = server(&provider.url(), &["--jwt-role-claim=cognito:groups"]).await;
    let token = |client: &str, purpose: &str| {
        let mut claims = with(&json!({
            "client_id": client, "token_use": purpose, "cognito:groups": ["editor"], "scope": "openid"
        }));
        claims.as_object_mut().unwrap().remove("aud");
        signer.token("a", &claims)
    };
    let viewer = query(&server, &token("marquee", "access"), VIEWER).await;
    assert_eq!(viewer["viewer"]["role"], "EDITOR");
    for (client, purpose) in [("other", "access"), ("marquee", "id")] {
        let reason = assert_rejected(&server, &bearer(&token(client, purpose))).await;
        assert_eq!(reason, "the token is not for this audience");
    }
}
