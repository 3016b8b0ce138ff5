//! API tokens over HTTP: their viewers, rejections and costs.

use std::time::{Duration, Instant};

use marquee::{access::Role, database::violated_constraint};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use super::{VIEWER, assert_rejected, error_of, execute, query, send, token, value};
use crate::support::{
    TestDatabase, TestServer,
    program::{Program, marquee, url},
};

async fn with_a_critic() -> TestServer {
    let database = TestDatabase::empty().await;
    execute(
        &database,
        "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann')",
    )
    .await;
    TestServer::with_database(database)
}

#[tokio::test]
async fn a_token_identifies_the_viewer() {
    let server = with_a_critic().await;
    let nobody =
        json!({ "role": "ANONYMOUS", "name": null, "critic": null, "tokenExpiresAt": null });
    assert_eq!(server.query(VIEWER).await["viewer"], nobody);
    for (role, critic, expected) in [
        (
            Role::Critic,
            Some(1),
            json!({ "role": "CRITIC", "name": "critic", "critic": { "slug": "ann" }, "tokenExpiresAt": null }),
        ),
        (
            Role::Editor,
            None,
            json!({ "role": "EDITOR", "name": "editor", "critic": null, "tokenExpiresAt": null }),
        ),
        (
            Role::Admin,
            None,
            json!({ "role": "ADMIN", "name": "admin", "critic": null, "tokenExpiresAt": null }),
        ),
    ] {
        let token = token(&server.database, role, critic).await;
        assert_eq!(query(&server, &token, VIEWER).await["viewer"], expected);
        let odd = format!("bEARER   {token} ");
        assert_eq!(send(&server, Some(&odd), VIEWER).await.status(), 200);
    }
}

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
        (String::new(), scheme),
        ("Bearer".to_owned(), scheme),
        (format!("Basic {good}"), scheme),
        (good.clone(), scheme),
        (format!("Bearer {}", &good[..good.len() - 1]), form),
        (format!("Bearer {good} x"), form),
        (format!("Bearer {good},Bearer {good}"), form),
        ("Bearer abc".to_owned(), form),
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
async fn a_token_costs_one_statement_and_an_anonymous_request_none() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Admin, None).await;
    let cost = async |authorization: Option<&str>, document: &str| {
        let response = send(&server, authorization, document).await;
        let timing = response.headers()["server-timing"].to_str().unwrap();
        timing.to_owned()
    };
    let bearer = format!("Bearer {token}");
    for document in ["{ __typename }", "{ viewer { role name } }"] {
        let anonymous = cost(None, document).await;
        assert_eq!(anonymous, "sql;desc=\"0 statements in 0 round trips\"");
        // Recording the first use happens in the background and isn't counted.
        for _ in 0..2 {
            let authenticated = cost(Some(&bearer), document).await;
            assert_eq!(authenticated, "sql;desc=\"1 statements in 1 round trips\"");
        }
    }
    // Also if the request runs long enough for the recording to finish.
    let unused = super::token(&server.database, Role::Admin, None).await;
    let listed = cost(
        Some(&format!("Bearer {unused}")),
        "{ tokens { totalCount nodes { name critic { slug } } } }",
    )
    .await;
    assert_eq!(listed, "sql;desc=\"3 statements in 2 round trips\"");
}

#[tokio::test]
async fn the_use_of_a_token_is_recorded_once_a_minute_without_blocking_requests() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Editor, None).await;
    let connection = server.database.connect(2);
    let used = "SELECT last_used_at::text AS value FROM api_token";
    assert_eq!(value(&connection, used).await, None);
    query(&server, &token, VIEWER).await;
    let deadline = Instant::now() + Duration::from_secs(10);
    let first = loop {
        if let Some(timestamp) = value(&connection, used).await {
            break timestamp;
        }
        assert!(
            Instant::now() < deadline,
            "the use of the token was not recorded"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    for _ in 0..5 {
        query(&server, &token, VIEWER).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(value(&connection, used).await, Some(first));

    // Another server would record the use again. A transaction that holds the row blocks the recording, but not the
    // responses.
    execute(&server.database, "UPDATE api_token SET last_used_at = NULL").await;
    let other = Program::ready(server_process(&server.database));
    let holder = connection.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM api_token FOR UPDATE")
        .await
        .unwrap();
    let client = reqwest::Client::new();
    for _ in 0..10 {
        let response = client
            .post(format!("http://{}/graphql", other.address()))
            .bearer_auth(&token)
            .json(&json!({ "query": VIEWER }))
            .timeout(Duration::from_secs(5));
        assert_eq!(response.send().await.unwrap().status(), 200);
    }
    holder.rollback().await.unwrap();
    drop(other);
}

fn server_process(database: &TestDatabase) -> std::process::Command {
    let address = url(&database.options());
    marquee(&[
        "serve",
        "--listen=127.0.0.1:0",
        "--workers=1",
        "--database-url",
        &address,
    ])
}

#[tokio::test]
async fn a_token_revoked_on_one_server_is_rejected_immediately_on_another() {
    let server = TestServer::empty().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let other = Program::ready(server_process(&server.database));
    let created = query(
        &server,
        &admin,
        r#"mutation { createToken(input: {name: "desk", role: EDITOR}) { token { id } secret userErrors { code } } }"#,
    )
    .await;
    let secret = created["createToken"]["secret"].as_str().unwrap();
    let id = created["createToken"]["token"]["id"].as_str().unwrap();
    let client = reqwest::Client::new();
    let ask = async || {
        let response = client
            .post(format!("http://{}/graphql", other.address()))
            .bearer_auth(secret)
            .json(&json!({ "query": VIEWER }));
        response.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask().await, 200);
    let document = format!(
        r#"mutation {{ revokeToken(input: {{id: "{id}"}}) {{ token {{ state revokedAt }} userErrors {{ code }} }} }}"#
    );
    let revoked = query(&server, &admin, &document).await;
    assert_eq!(revoked["revokeToken"]["token"]["state"], "REVOKED");
    assert_eq!(ask().await, 401);
    // Revoking it again changes nothing.
    assert_eq!(query(&server, &admin, &document).await, revoked);
}

#[tokio::test]
async fn only_admins_list_create_and_revoke_tokens() {
    let server = with_a_critic().await;
    let others = [
        None,
        Some(token(&server.database, Role::Critic, Some(1)).await),
        Some(token(&server.database, Role::Editor, None).await),
    ];
    let id = "QXBpVG9rZW46MQ";
    for document in [
        "{ tokens { nodes { name } } viewer { role } }".to_owned(),
        r#"mutation { createToken(input: {name: "x", role: ADMIN}) { secret } }"#.to_owned(),
        format!(r#"mutation {{ revokeToken(input: {{id: "{id}"}}) {{ token {{ name }} }} }}"#),
    ] {
        for other in &others {
            let bearer = other.as_ref().map(|token| format!("Bearer {token}"));
            let response = send(&server, bearer.as_deref(), &document).await;
            assert_eq!(response.status(), 200);
            let body: Value = response.json().await.unwrap();
            assert_eq!(
                body["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{body}"
            );
            assert_eq!(body["errors"][0]["message"], "this needs the role ADMIN");
            // The other fields of the operation have results.
            assert!(body["data"].is_object(), "{body}");
            assert!(body["data"]["viewer"].is_null() || body["data"]["viewer"]["role"].is_string());
        }
    }
    let connection = server.database.connect(1);
    let count = "SELECT concat_ws(' ', count(*), count(revoked_at)) AS value FROM api_token";
    assert_eq!(value(&connection, count).await.as_deref(), Some("2 0"));
}

#[tokio::test]
async fn a_token_is_created_with_all_of_its_attributes() {
    let server = with_a_critic().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let critic = server
        .query(r#"{ critic(by: {slug: "ann"}) { id } }"#)
        .await["critic"]["id"]
        .clone();
    let document = format!(
        r#"mutation {{ createToken(input: {{name: "  Ann's laptop ", role: CRITIC, critic: {critic}, expiresAt: "2090-01-02T03:04:05Z"}}) {{
            secret userErrors {{ code }}
            token {{ name role state critic {{ slug }} createdBy expiresAt revokedAt lastUsedAt publicId }} }} }}"#
    );
    let made = query(&server, &admin, &document).await["createToken"].take();
    let secret = made["secret"].as_str().unwrap().to_owned();
    let public_id = made["token"]["publicId"].as_str().unwrap().to_owned();
    assert!(secret.starts_with(&format!("marquee_{public_id}_")));
    assert_eq!(made["userErrors"], json!([]));
    let admins_id = &admin[8..20];
    assert_eq!(
        made["token"],
        json!({
            "name": "Ann's laptop", "role": "CRITIC", "state": "ACTIVE", "critic": { "slug": "ann" },
            "createdBy": format!("admin (token {admins_id})"), "expiresAt": "2090-01-02T03:04:05.000Z",
            "revokedAt": null, "lastUsedAt": null, "publicId": public_id
        })
    );
    let viewer = query(&server, &secret, VIEWER).await;
    assert_eq!(
        viewer["viewer"],
        json!({ "role": "CRITIC", "name": "Ann's laptop", "critic": { "slug": "ann" }, "tokenExpiresAt": "2090-01-02T03:04:05.000Z" })
    );
    // The secret isn't stored in the database.
    let connection = server.database.connect(1);
    let row = "SELECT api_token::text AS value FROM api_token ORDER BY id DESC LIMIT 1";
    let row = value(&connection, row).await.unwrap();
    assert!(
        row.contains(&public_id) && !row.contains(&secret[21..]),
        "{row}"
    );
}

#[tokio::test]
async fn all_errors_of_a_new_token_are_reported_together() {
    let server = with_a_critic().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let critic = server
        .query(r#"{ critic(by: {slug: "ann"}) { id } }"#)
        .await["critic"]["id"]
        .clone();
    let errors = async |input: String| {
        let document = format!(
            "mutation {{ createToken(input: {{{input}}}) {{ token {{ id }} secret userErrors {{ field code }} }} }}"
        );
        let payload = query(&server, &admin, &document).await["createToken"].take();
        assert!(payload["token"].is_null() && payload["secret"].is_null());
        let each = payload["userErrors"].as_array().unwrap().iter();
        let each = each.map(|error| {
            format!(
                "{} {}",
                error["field"][1].as_str().unwrap(),
                error["code"].as_str().unwrap()
            )
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let long = "x".repeat(101);
    for (input, expected) in [
        (
            r#"name: " ", role: CRITIC, expiresAt: "2001-01-01T00:00:00Z""#.to_owned(),
            "name BLANK, critic BLANK, expiresAt OUT_OF_RANGE",
        ),
        (
            format!(r#"name: "{long}", role: EDITOR, critic: {critic}"#),
            "name TOO_LONG, critic CONTRADICTION",
        ),
        (
            r#"name: "a\u0000b", role: ADMIN, expiresAt: "+262142-01-01T00:00:00Z""#.to_owned(),
            "name INVALID",
        ),
        (
            r#"name: "a", role: ADMIN, expiresAt: "9999-12-31T23:59:59Z""#.to_owned(),
            "expiresAt OUT_OF_RANGE",
        ),
        (
            r#"name: "a", role: CRITIC, critic: "Q3JpdGljOjk5""#.to_owned(),
            "critic NOT_FOUND",
        ),
        (
            r#"name: "a", role: CRITIC, critic: "nonsense""#.to_owned(),
            "critic INVALID",
        ),
        (
            r#"name: "", role: CRITIC, critic: "RmlsbTox""#.to_owned(),
            "name BLANK, critic INVALID",
        ),
    ] {
        if input.contains("+262142") {
            // Not a valid timestamp.
            let document = format!("mutation {{ createToken(input: {{{input}}}) {{ secret }} }}");
            let (status, ..) =
                error_of(send(&server, Some(&format!("Bearer {admin}")), &document).await).await;
            assert_eq!(status, 400);
            continue;
        }
        assert_eq!(errors(input.clone()).await, expected, "{input}");
    }
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

#[tokio::test]
async fn an_error_in_one_mutation_leaves_the_results_of_the_others() {
    let server = TestServer::empty().await;
    let admin = token(&server.database, Role::Admin, None).await;
    let document = r#"mutation {
        a: createToken(input: {name: "a", role: EDITOR}) { token { name } }
        b: createToken(input: {name: "", role: EDITOR}) { token { name } userErrors { code } }
        c: createToken(input: {name: "c", role: ADMIN}) { token { name } } }"#;
    let data = query(&server, &admin, document).await;
    assert_eq!(
        data,
        json!({ "a": { "token": { "name": "a" } }, "b": { "token": null, "userErrors": [{ "code": "BLANK" }] }, "c": { "token": { "name": "c" } } })
    );
}

#[tokio::test]
async fn tokens_are_paginated_newest_first() {
    let server = TestServer::empty().await;
    let admin = token(&server.database, Role::Admin, None).await;
    for _ in 0..4 {
        token(&server.database, Role::Editor, None).await;
    }
    execute(
        &server.database,
        "UPDATE api_token SET name = 'token ' || id",
    )
    .await;
    let page = async |arguments: &str| {
        let document = format!(
            "{{ tokens({arguments}) {{ totalCount nodes {{ name }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        query(&server, &admin, &document).await["tokens"].take()
    };
    let names = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = page("first: 2").await;
    assert_eq!(names(&first), ["token 5", "token 4"]);
    assert_eq!(
        (&first["totalCount"], &first["pageInfo"]["hasNextPage"]),
        (&json!(5), &json!(true))
    );
    let second = page(&format!(
        "first: 3, after: {}",
        first["pageInfo"]["endCursor"]
    ))
    .await;
    assert_eq!(names(&second), ["token 3", "token 2", "token 1"]);
    assert_eq!(second["pageInfo"]["hasNextPage"], json!(false));
    let back = page(&format!(
        "last: 2, before: {}",
        second["pageInfo"]["startCursor"]
    ))
    .await;
    assert_eq!(names(&back), ["token 5", "token 4"]);
    let id =
        query(&server, &admin, "{ tokens { nodes { id } } }").await["tokens"]["nodes"][0]["id"]
            .clone();
    // `node` doesn't return tokens, not even to admins.
    let response = send(
        &server,
        Some(&format!("Bearer {admin}")),
        &format!("{{ node(id: {id}) {{ id }} }}"),
    )
    .await;
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_ID");
    assert_eq!(body["data"]["node"], json!(null));
}

#[tokio::test]
async fn a_database_error_is_reported_as_an_internal_error() {
    let server = TestServer::empty().await;
    let token = token(&server.database, Role::Editor, None).await;
    execute(&server.database, "ALTER TABLE api_token RENAME TO gone").await;
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

#[tokio::test]
async fn invalid_tokens_are_rejected_by_database_constraints() {
    let server = with_a_critic().await;
    let connection = server.database.connect(1);
    let hash = "decode(repeat('ab', 32), 'hex')";
    let row = |id: &str,
               hash: &str,
               name: &str,
               role: &str,
               critic: &str,
               created_by: &str,
               end: &str| {
        format!(
            "INSERT INTO api_token (public_id, secret_hash, name, role, critic_id, created_by, expires_at)
                VALUES ('{id}', {hash}, {name}, '{role}', {critic}, '{created_by}', {end})"
        )
    };
    let good = row("0123456789ab", hash, "'a'", "critic", "1", "b", "NULL");
    connection.execute_unprepared(&good).await.unwrap();
    let id = "0123456789ac";
    for (sql, expected) in [
        (good, "public_id_unique"),
        (
            row("0123456789AB", hash, "'a'", "editor", "NULL", "b", "NULL"),
            "public_id_form",
        ),
        (
            row(id, "'ab'", "'a'", "editor", "NULL", "b", "NULL"),
            "secret_hash_length",
        ),
        (
            row(id, hash, "' '", "editor", "NULL", "b", "NULL"),
            "name_not_blank",
        ),
        (
            row(id, hash, "repeat('a', 101)", "editor", "NULL", "b", "NULL"),
            "name_length",
        ),
        (
            row(id, hash, r"E'a\x1b'", "editor", "NULL", "b", "NULL"),
            "name_printable",
        ),
        (
            row(id, hash, "'a'", "root", "NULL", "b", "NULL"),
            "role_known",
        ),
        (
            row(id, hash, "'a'", "critic", "NULL", "b", "NULL"),
            "critic_of_critics",
        ),
        (
            row(id, hash, "'a'", "editor", "1", "b", "NULL"),
            "critic_of_critics",
        ),
        (
            row(id, hash, "'a'", "critic", "99", "b", "NULL"),
            "critic_known",
        ),
        (
            row(id, hash, "'a'", "editor", "NULL", " ", "NULL"),
            "created_by_not_blank",
        ),
        (
            row(id, hash, "'a'", "editor", "NULL", "b", "'infinity'"),
            "moments_range",
        ),
    ] {
        let error = connection.execute_unprepared(&sql).await.unwrap_err();
        let constraint = violated_constraint(&error).unwrap_or_default();
        assert_eq!(constraint, format!("api_token_{expected}"), "{sql}");
    }
}
