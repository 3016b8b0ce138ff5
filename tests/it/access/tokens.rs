//! The life of API tokens: creation, lists, and revocation.

use marquee::access::Role;
use serde_json::{Value, json};

use super::{VIEWER, execute, query, send, server_process, token, value, with_a_critic};
use crate::support::{TestServer, program::Program};

#[tokio::test]
async fn a_token_identifies_the_viewer() {
    let server = with_a_critic().await;
    let anonymous =
        json!({ "role": "ANONYMOUS", "name": null, "critic": null, "tokenExpiresAt": null });
    assert_eq!(server.query(VIEWER).await["viewer"], anonymous);
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
        let unusual = format!("bEARER   {token} ");
        assert_eq!(send(&server, Some(&unusual), VIEWER).await.status(), 200);
    }
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
    let status = async || {
        let response = client
            .post(format!("http://{}/graphql", other.address()))
            .bearer_auth(secret)
            .json(&json!({ "query": VIEWER }));
        response.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 200);
    let document = format!(
        r#"mutation {{ revokeToken(input: {{id: "{id}"}}) {{ token {{ state revokedAt }} userErrors {{ code }} }} }}"#
    );
    let revoked = query(&server, &admin, &document).await;
    assert_eq!(revoked["revokeToken"]["token"]["state"], "REVOKED");
    assert_eq!(status().await, 401);
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
    let payload = query(&server, &admin, &document).await["createToken"].take();
    let secret = payload["secret"].as_str().unwrap().to_owned();
    let public_id = payload["token"]["publicId"].as_str().unwrap().to_owned();
    assert!(secret.starts_with(&format!("marquee_{public_id}_")));
    assert_eq!(payload["userErrors"], json!([]));
    let admins_id = &admin[8..20];
    assert_eq!(
        payload["token"],
        json!({
            "name": "Ann's laptop", "role": "CRITIC", "state": "ACTIVE", "critic": { "slug": "ann" },
            "createdBy": format!("admin (token {admins_id})"), "expiresAt": "2090-01-02T03:04:05Z",
            "revokedAt": null, "lastUsedAt": null, "publicId": public_id
        })
    );
    let viewer = query(&server, &secret, VIEWER).await;
    assert_eq!(
        viewer["viewer"],
        json!({ "role": "CRITIC", "name": "Ann's laptop", "critic": { "slug": "ann" }, "tokenExpiresAt": "2090-01-02T03:04:05Z" })
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
