//! The log of a real server at its most verbose level contains no secrets.

use serde_json::json;

use super::jwt::{claims, provider::Provider, signer::Signer};
use crate::support::program::{DataDir, Program};

#[test]
fn the_most_verbose_log_contains_no_secrets() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let dir = DataDir::migrated();
    let admin = dir
        .run(&["token", "create", "--role=admin"])
        .output()
        .trim()
        .to_owned();
    let revoked = dir
        .run(&["token", "create", "--role=editor"])
        .output()
        .trim()
        .to_owned();
    dir.run(&["token", "revoke", &revoked[8..20]]).output();
    let jwks = format!("--jwt-jwks={}", provider.url());
    let mut command = dir.server(&[
        "--jwt-issuer=https://id.example",
        "--jwt-audience=marquee",
        &jwks,
    ]);
    command.env("MARQUEE_LOG", "trace");
    let server = Program::ready(command);

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
        let refused = server.role(bad);
        assert!(
            refused.contains("token") && !refused.contains(&bad[21..]),
            "{refused}"
        );
    }
    let made = server.query_as(
        &admin,
        r#"mutation { createToken(input: {name: "desk", role: EDITOR}) { secret } }"#,
    );
    let made = made["data"]["createToken"]["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(server.role(&made), "EDITOR");

    let log = server.stop().stderr;
    // The log does contain public token ids and SQL statements.
    assert!(log.contains(" TRACE ") && log.contains("api_token") && log.contains(&made[8..20]));
    for token in [&admin, &revoked, &made, &wrong] {
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
