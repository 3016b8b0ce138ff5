//! The credentials of a socket: in `connection_init`, and in the headers of the handshake.

use marquee::access::Role;

use super::server;
use crate::subscriptions::*;

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// Sends `connection_init` and returns the role of the viewer, or the Close frame.
async fn role(mut socket: Socket, payload: &Value) -> Result<String, (u16, String)> {
    let init = json!({"type": "connection_init", "payload": payload});
    socket.send(init).await;
    let message = socket.acknowledgement().await?;
    assert_eq!(message, json!({"type": "connection_ack"}));
    socket.start("1", "{ viewer { role } }").await;
    Ok(socket.next("1").await["viewer"]["role"]
        .as_str()
        .unwrap()
        .to_owned())
}

async fn role_by_payload(server: &TestServer, payload: &Value) -> Result<String, (u16, String)> {
    role(Socket::raw(server.address()).await, payload).await
}

async fn role_by_header(
    server: &TestServer,
    authorization: &str,
    payload: &Value,
) -> Result<String, (u16, String)> {
    let headers = [PROTOCOL, ("authorization", authorization)];
    let socket = Socket::handshake(server.address(), &headers).await.unwrap();
    role(socket, payload).await
}

fn forbidden() -> Result<String, (u16, String)> {
    Err((4403, "Forbidden".to_owned()))
}

#[tokio::test]
async fn a_token_counts_under_all_common_names() {
    let server = server().await;
    let token = server.database.token(Role::Editor, None).await;
    let bearer = format!("Bearer {token}");
    for payload in [
        json!({"Authorization": bearer}),
        json!({"AUTHORIZATION": bearer}),
        json!({"headers": {"Authorization": bearer}}),
        json!({"headers": {"authorization": bearer, "x-client": "web"}}),
        json!({"http": {"headers": {"Authorization": bearer}}}),
        json!({"context": {"headers": {"authorization": bearer}}}),
        json!({"authToken": token}),
        json!({"accessToken": token}),
        json!({"access_token": bearer}),
        json!({"authentication": bearer}),
        json!({"auth": {"token": token}}),
        json!({"jwt": token}),
        json!({"token": token}),
        json!({"token": bearer}),
        json!({"Authorization": bearer, "token": token}),
        json!({"Authorization": "", "accessToken": token}),
    ] {
        let role = role_by_payload(&server, &payload).await;
        assert_eq!(role, Ok("EDITOR".to_owned()), "{payload}");
    }
}

#[tokio::test]
async fn bad_credentials_are_rejected_in_any_form() {
    let server = server().await;
    for payload in [
        json!({"Authorization": "Bearer wrong"}),
        json!({"authorization": "Bearer wrong"}),
        json!({"AUTHORIZATION": "Basic wrong"}),
        json!({"Authorization": "Bearer"}),
        json!({"token": "wrong"}),
        json!({"token": "Bearer wrong"}),
        json!({"Authorization": 7}),
        json!({"token": {}}),
        json!({"headers": {"Authorization": "Bearer wrong"}}),
        json!({"headers": {"Authorization": false}}),
        json!({"accessToken": "wrong"}),
        json!({"jwt": "a.b.c"}),
        json!({"authentication": ["wrong"]}),
    ] {
        let role = role_by_payload(&server, &payload).await;
        assert_eq!(role, forbidden(), "{payload}");
    }
    for header in ["Bearer wrong", "Bearer", "Basic wrong", "é"] {
        let role = role_by_header(&server, header, &json!(null)).await;
        assert_eq!(role, forbidden(), "{header}");
    }
}

#[tokio::test]
async fn a_token_that_the_server_would_overlook_is_rejected_in_words() {
    let server = server().await;
    let token = server.database.token(Role::Editor, None).await;
    let unknown = "connection_init has a token under an unknown name: send it as {\"Authorization\": \"Bearer TOKEN\"}";
    for payload in [
        json!({"session": token}),
        json!({"user": {"key": token}}),
        json!({"headers": [["Authorization", format!("Bearer {token}")]]}),
        json!({"headers": format!("Bearer {token}")}),
        json!({"id_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.AAAA"}),
    ] {
        let role = role_by_payload(&server, &payload).await;
        assert_eq!(role, Err((4403, unknown.to_owned())), "{payload}");
    }
    let other = server.database.token(Role::Admin, None).await;
    let both = json!({"Authorization": format!("Bearer {token}"), "token": other});
    let different = "connection_init has two different tokens: send one";
    assert_eq!(
        role_by_payload(&server, &both).await,
        Err((4403, different.to_owned()))
    );
}

#[tokio::test]
async fn a_token_in_the_url_alone_is_rejected_in_words() {
    let server = server().await;
    let token = server.database.token(Role::Editor, None).await;
    let bearer = format!("Bearer {token}");
    let in_url = "a token in the URL or sub-protocol is not accepted: send it in connection_init as {\"Authorization\": \"Bearer TOKEN\"}";
    let protocols = format!("graphql-transport-ws, {token}");
    let protocols = [("sec-websocket-protocol", protocols.as_str())];
    let socket = Socket::handshake_at(server.address(), "/graphql", &protocols).await;
    let rejected = role(socket.unwrap(), &json!(null)).await;
    assert_eq!(rejected, Err((4403, in_url.to_owned())));
    for name in ["access_token", "token", "authorization", "t"] {
        let path = format!("/graphql?{name}={token}");
        let open = async |headers| Socket::handshake_at(server.address(), &path, headers).await;
        let socket = open(&[PROTOCOL]).await.unwrap();
        let rejected = role(socket, &json!({"token": ""})).await;
        assert_eq!(rejected, Err((4403, in_url.to_owned())), "{name}");
        // A proxy may need it there. With another one the client is not anonymous.
        let socket = open(&[PROTOCOL]).await.unwrap();
        let accepted = role(socket, &json!({"token": token})).await;
        assert_eq!(accepted, Ok("EDITOR".to_owned()), "{name}");
        let socket = open(&[PROTOCOL, ("authorization", &bearer)]).await.unwrap();
        assert_eq!(
            role(socket, &json!(null)).await,
            Ok("EDITOR".to_owned()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_payload_without_credentials_is_anonymous() {
    let server = server().await;
    for payload in [
        json!(null),
        json!({}),
        json!({"Authorization": null}),
        json!({"Authorization": ""}),
        json!({"Authorization": " "}),
        json!({"token": ""}),
        json!({"token": null, "headers": null}),
        json!({"headers": {"Authorization": ""}}),
        json!({"accessToken": "", "authentication": {}}),
        json!({"lang": "da", "apollographql-client-name": "web", "version": "1.2.3"}),
    ] {
        let role = role_by_payload(&server, &payload).await;
        assert_eq!(role, Ok("ANONYMOUS".to_owned()), "{payload}");
    }
    for blank in ["", " "] {
        let role = role_by_header(&server, blank, &json!({"token": ""})).await;
        assert_eq!(role, Ok("ANONYMOUS".to_owned()));
    }
}

#[tokio::test]
async fn the_token_of_connection_init_takes_precedence_over_the_header() {
    let server = server().await;
    let editor = format!("Bearer {}", server.database.token(Role::Editor, None).await);
    let admin = format!("Bearer {}", server.database.token(Role::Admin, None).await);
    for (payload, expected) in [
        (json!(null), "EDITOR"),
        (json!({"Authorization": ""}), "EDITOR"),
        (json!({"headers": {"Authorization": admin}}), "ADMIN"),
    ] {
        let role = role_by_header(&server, &editor, &payload).await;
        assert_eq!(role, Ok(expected.to_owned()), "{payload}");
    }
    let wrong = json!({"headers": {"Authorization": "Bearer wrong"}});
    assert_eq!(role_by_header(&server, &editor, &wrong).await, forbidden());
}
