//! The log of a real server at its most verbose level contains no secrets.

use serde_json::json;

use super::jwt::{claims, provider::Provider, signer::Signer};
use crate::support::program::{DataDir, Program};

/// Creates a token with the command.
fn create_token(dir: &DataDir, role: &str) -> String {
    let output = dir.run(&["token", "create", role]).output();
    output.trim().to_owned()
}

/// Starts a server that accepts the JWTs of a provider and logs as much as possible.
fn verbose_server(dir: &DataDir, provider: &Provider) -> Program {
    let jwks = format!("--jwt-jwks={}", provider.url());
    let mut command = dir.server(&[
        "--jwt-issuer=https://id.example",
        "--jwt-audience=marquee",
        &jwks,
    ]);
    command.env("MARQUEE_LOG", "trace");
    Program::ready(command)
}

#[test]
fn the_most_verbose_log_contains_no_secrets() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let dir = DataDir::migrated();
    let admin = create_token(&dir, "--role=admin");
    let revoked = create_token(&dir, "--role=editor");
    dir.run(&["token", "revoke", &revoked[8..20]]).output();
    let server = verbose_server(&dir, &provider);

    let good = signer.token("a", &claims());
    let expired = signer.token("a", &{
        let mut claims = claims();
        claims["exp"] = json!(1);
        claims
    });
    let unknown = signer.token("b", &claims());
    let wrong = format!("{}{}", &admin[..admin.len() - 4], "AAAA");
    assert_eq!(server.role(&admin), "ADMIN");
    assert_eq!(server.role(&good), "EDITOR");
    for bad in [&revoked, &expired, &unknown, &wrong] {
        let message = server.role(bad);
        assert!(
            message.contains("token") && !message.contains(&bad[21..]),
            "{message}"
        );
    }
    let created = server.query_as(
        &admin,
        r#"mutation { createToken(input: {name: "desk", role: EDITOR}) { secret } }"#,
    );
    let created = created["data"]["createToken"]["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(server.role(&created), "EDITOR");

    let log = server.stop().stderr;
    // The log does contain public token ids and SQL statements.
    assert!(log.contains(" TRACE ") && log.contains("api_token") && log.contains(&created[8..20]));
    for token in [&admin, &revoked, &created, &wrong] {
        let secret = &token[21..];
        assert!(
            !log.contains(token.as_str()) && !log.contains(secret),
            "the log contains a secret"
        );
        assert!(
            !log.contains(&secret[..20]),
            "the log contains half of a secret"
        );
    }
    for token in [&good, &expired, &unknown] {
        for part in token.split('.').skip(1) {
            assert!(!log.contains(part), "the log contains a part of a JWT");
        }
    }
}
