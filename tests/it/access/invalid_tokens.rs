//! Tokens that the API or the database refuses to store.

use std::collections::BTreeMap;

use marquee::{access::Role, database::violation::violated_constraint};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{error_of, query, send, token, with_a_critic};
use crate::support::TestServer;

/// Attempts to create a token. Returns `field CODE` of each user error.
async fn errors_of_creation(server: &TestServer, admin: &str, input: &str) -> Vec<String> {
    let document = format!(
        "mutation {{ createToken(input: {{{input}}}) {{ token {{ id }} secret userErrors {{ field code }} }} }}"
    );
    let payload = query(server, admin, &document).await["createToken"].take();
    assert!(payload["token"].is_null() && payload["secret"].is_null());
    let errors = payload["userErrors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .map(|error| format!("{} {}", text(&error["field"][1]), text(&error["code"])))
        .collect()
}

#[tokio::test]
async fn all_errors_of_a_new_token_are_reported_together() {
    let server = with_a_critic().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let critic = server
        .query(r#"{ critic(by: {slug: "ann"}) { id } }"#)
        .await["critic"]["id"]
        .clone();
    let long = "x".repeat(101);
    for (input, expected) in [
        (
            r#"name: " ", role: CRITIC, expiresAt: "2001-01-01T00:00:00Z""#.to_owned(),
            &["name BLANK", "critic BLANK", "expiresAt OUT_OF_RANGE"][..],
        ),
        (
            format!(r#"name: "{long}", role: EDITOR, critic: {critic}"#),
            &["name TOO_LONG", "critic CONTRADICTION"],
        ),
        (
            r#"name: "a", role: ADMIN, expiresAt: "9999-12-31T23:59:59Z""#.to_owned(),
            &["expiresAt OUT_OF_RANGE"],
        ),
        (
            r#"name: "a", role: CRITIC, critic: "Q3JpdGljOjk5""#.to_owned(),
            &["critic NOT_FOUND"],
        ),
        (
            r#"name: "a", role: CRITIC, critic: "nonsense""#.to_owned(),
            &["critic INVALID"],
        ),
        (
            r#"name: "", role: CRITIC, critic: "RmlsbTox""#.to_owned(),
            &["name BLANK", "critic INVALID"],
        ),
    ] {
        let errors = errors_of_creation(&server, &admin, &input).await;
        assert_eq!(errors, expected, "{input}");
    }
}

#[tokio::test]
async fn an_invalid_expiry_is_rejected_with_the_document() {
    let server = TestServer::empty().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let input = r#"name: "a\u0000b", role: ADMIN, expiresAt: "+262142-01-01T00:00:00Z""#;
    let document = format!("mutation {{ createToken(input: {{{input}}}) {{ secret }} }}");
    let response = send(&server, Some(&format!("Bearer {admin}")), &document).await;
    assert_eq!(error_of(response).await.0, 400);
}

#[tokio::test]
async fn revoking_an_unknown_token_is_reported() {
    let server = TestServer::empty().await;
    let admin = token(&server.database, Role::Admin, None).await;
    for (id, expected) in [
        ("QXBpVG9rZW46OTk", "NOT_FOUND"),
        ("Q3JpdGljOjE", "INVALID"),
        ("", "INVALID"),
    ] {
        let document = format!(
            r#"mutation {{ revokeToken(input: {{id: "{id}"}}) {{ token {{ id }} userErrors {{ field code }} }} }}"#
        );
        let payload = query(&server, &admin, &document).await["revokeToken"].take();
        assert_eq!(
            payload,
            json!({ "token": null, "userErrors": [{ "field": ["input", "id"], "code": expected }] })
        );
    }
}

/// Changes of columns that make a valid row invalid, and the constraint that rejects it.
const INVALID_ROWS: [(&[(&str, &str)], &str); 11] = [
    (&[("public_id", "'0123456789AB'")], "public_id_form"),
    (&[("secret_hash", "'ab'")], "secret_hash_length"),
    (&[("name", "' '")], "name_not_blank"),
    (&[("name", "repeat('a', 101)")], "name_length"),
    (&[("name", r"E'a\x1b'")], "name_printable"),
    (&[("role", "'root'")], "role_known"),
    (&[("role", "'critic'")], "critic_of_critics"),
    (&[("critic_id", "1")], "critic_of_critics"),
    (&[("role", "'critic'"), ("critic_id", "99")], "critic_known"),
    (&[("created_by", "' '")], "created_by_not_blank"),
    (&[("expires_at", "'infinity'")], "moments_range"),
];

/// Returns the statement that inserts an editor's token with some changed columns.
fn insertion(public_id: &str, changes: &[(&str, &str)]) -> String {
    let id = format!("'{public_id}'");
    let mut row = BTreeMap::from([
        ("public_id", id.as_str()),
        ("secret_hash", "decode(repeat('ab', 32), 'hex')"),
        ("name", "'a'"),
        ("role", "'editor'"),
        ("critic_id", "NULL"),
        ("created_by", "'b'"),
        ("expires_at", "NULL"),
    ]);
    row.extend(changes.iter().copied());
    let columns: Vec<_> = row.keys().copied().collect();
    let values: Vec<_> = row.values().copied().collect();
    format!(
        "INSERT INTO api_token ({}) VALUES ({})",
        columns.join(", "),
        values.join(", ")
    )
}

#[tokio::test]
async fn invalid_tokens_are_rejected_by_database_constraints() {
    let server = with_a_critic().await;
    let connection = server.database.connect(1);
    let valid = insertion("0123456789ab", &[("role", "'critic'"), ("critic_id", "1")]);
    connection.execute_unprepared(&valid).await.unwrap();
    let invalid =
        INVALID_ROWS.map(|(changes, constraint)| (insertion("0123456789ac", changes), constraint));
    for (sql, expected) in [(valid, "public_id_unique")].into_iter().chain(invalid) {
        let error = connection.execute_unprepared(&sql).await.unwrap_err();
        let constraint = violated_constraint(&error).unwrap_or_default();
        assert_eq!(constraint, format!("api_token_{expected}"), "{sql}");
    }
}
