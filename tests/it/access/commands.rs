//! `marquee token`, and the server's settings for identity providers.

use std::{fs, process::Command};

use serde_json::json;

use crate::{
    access::jwt::signer::Signer,
    support::program::{DataDir, Program, marquee, run},
};

/// The columns of `token list`.
const COLUMNS: [&str; 8] = [
    "id",
    "name",
    "role",
    "critic",
    "created",
    "expires",
    "last used",
    "state",
];

/// Returns the cells of a row, which are separated by two or more blanks.
fn cells(row: &str) -> Vec<&str> {
    let cells = row.split("  ").map(str::trim);
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[test]
fn tokens_are_created_listed_and_revoked_while_a_server_runs() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    dir.session()
        .execute("INSERT INTO critic (slug, name) VALUES ('ann-lee', 'Ann Lee')");

    let created = dir.run(&[
        "token",
        "create",
        "--role=critic",
        "--critic=ann-lee",
        "--expires=90d",
    ]);
    let mut lines = created.stdout.lines();
    let token = lines.next().unwrap().to_owned();
    assert_eq!(lines.next(), None);
    let id = &token[8..20];
    assert!(
        created.stderr.starts_with(&format!(
            "token {id} \"ann-lee\" of the role critic for ann-lee, valid until 2"
        )),
        "{created:?}"
    );
    assert!(!created.stderr.contains(&token[21..]), "{created:?}");
    let editor = dir
        .run(&["token", "create", "--role", "editor", "--name", "The desk"])
        .output();
    assert_eq!(server.role(token.trim()), "CRITIC");
    assert_eq!(server.role(editor.trim()), "EDITOR");

    assert_eq!(
        dir.run(&["token", "revoke", id]).output(),
        format!("revoked {id} \"ann-lee\"\n")
    );
    let list = dir.run(&["token", "list"]).output();
    assert!(!list.contains(&token[21..]) && !list.contains(&editor.trim()[21..]));
    let rows: Vec<_> = list.lines().map(cells).collect();
    assert_eq!(rows[0], COLUMNS);
    assert_eq!(rows[1][..4], [&editor[8..20], "The desk", "editor", "-"]);
    assert_eq!((rows[1][5], rows[1][7]), ("-", "active"));
    assert_eq!(rows[2][..4], [id, "ann-lee", "critic", "ann-lee"]);
    assert_eq!(rows[2][7], "revoked");
    assert_eq!(rows.len(), 3);
    assert_eq!(server.role(token.trim()), "this token was revoked");
}

#[test]
fn a_command_that_cannot_create_a_token_reports_the_reason() {
    let dir = DataDir::migrated();
    for (arguments, expected) in [
        (
            &["--role=critic", "--critic=nobody"][..],
            "there is no critic with the slug \"nobody\"",
        ),
        (
            &["--role=editor", "--critic=nobody"],
            "--critic is for the role critic, not editor",
        ),
        (
            &["--role=admin", "--name= "],
            "--name: the token needs a name",
        ),
        (
            &["--role=admin", "--name=a\u{1b}[31m"],
            "--name: contains the control character U+001B",
        ),
    ] {
        let result = dir.run(&[&["token", "create"], arguments].concat());
        assert_eq!(result.error(), format!("error: {expected}"));
        assert_eq!(result.stdout, "");
    }
    for (arguments, expected) in [
        (&["create", "--role=critic"][..], "--critic <SLUG>"),
        (&["create", "--role=root"], "invalid value 'root'"),
        (&["create"], "--role <critic|editor|admin>"),
        (&["create", "--role=admin", "--expires=0d"], "90d"),
        (&["revoke", "marquee_0123456789ab"], "the 12 digits"),
    ] {
        let result = dir.run(&[&["token"], arguments].concat());
        assert_eq!(result.status.code(), Some(2), "{result:?}");
        assert!(result.stderr.contains(expected), "{result:?}");
    }
    let result = dir.run(&["token", "revoke", "0123456789ab"]);
    assert_eq!(result.error(), "error: there is no token 0123456789ab");
}

const ISSUER: &str = "--jwt-issuer=https://id.example";
const AUDIENCE: &str = "--jwt-audience=marquee";

fn serve(arguments: &[&str]) -> Command {
    let dir = DataDir::new();
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0"]);
    command.args(arguments).arg("--data-dir").arg(dir.path());
    command
}

#[test]
fn a_server_with_unusable_authentication_settings_does_not_start() {
    let dir = DataDir::migrated();
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = files.path().join(name);
        fs::write(&path, text).unwrap();
        format!("--jwt-jwks={}", path.display())
    };
    let secret = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] }).to_string();
    let good = json!({ "keys": [Signer::ed().jwk("a")] }).to_string();
    let good = file("good", &good);
    let incomplete = "--jwt-issuer, --jwt-audience and --jwt-jwks belong together";
    for arguments in [&[ISSUER][..], &[ISSUER, AUDIENCE], &[AUDIENCE, &good]] {
        let result = run(dir.server(arguments));
        assert!(result.error().contains(incomplete), "{result:?}");
    }
    for (jwks, expected) in [
        (
            "--jwt-jwks=/nowhere/jwks.json".to_owned(),
            "can't read the key set: No such file",
        ),
        (file("bad", "{"), "is not a JSON object"),
        (file("oct", &secret), "must never be published"),
        ("--jwt-jwks=http://id.example/".to_owned(), "over https"),
    ] {
        let result = run(dir.server(&[ISSUER, AUDIENCE, &jwks]));
        assert!(result.error().contains(expected), "{result:?}");
    }
    for arguments in [["--jwt-leeway=301"], ["--anonymous-reads=perhaps"]] {
        assert_eq!(run(serve(&arguments)).status.code(), Some(2));
    }
}

#[test]
fn a_server_starts_without_an_identity_provider() {
    let dir = DataDir::migrated();
    // An empty value counts as unset.
    let mut command = dir.server(&[]);
    command
        .env("MARQUEE_JWT_ISSUER", "")
        .env("MARQUEE_JWT_JWKS", " ");
    Program::ready(command).stop();
    let mut server = dir.serve(&[ISSUER, AUDIENCE, "--jwt-jwks=https://127.0.0.1:1/jwks"]);
    server.wait_for("could not read the keys of the identity provider");
}
