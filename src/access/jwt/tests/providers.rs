//! Tests of tokens as identity providers issue them.

use serde_json::{Value, json};

use super::{
    NOW,
    claims::{verify_changed, verify_claims},
    claims_with, policy,
};
use crate::access::{
    Role,
    jwt::{Grant, InvalidRoleName, JwtPolicy, RoleName, error::JwtError},
};

fn role_at(path: &str, changes: &Value) -> Result<Grant, JwtError> {
    let policy = JwtPolicy {
        role_claim: path.to_owned(),
        ..policy()
    };
    verify_claims(&claims_with(changes), &policy)
}

fn role_named(names: &[&str], value: &Value) -> Result<Grant, JwtError> {
    let policy = JwtPolicy {
        role_names: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..policy()
    };
    verify_claims(&claims_with(&json!({ "marquee_role": value })), &policy)
}

/// Asserts that tokens with these claims have the role editor, with the paths to their role claims.
fn assert_editors(cases: &[(&str, Value)]) {
    for (path, changes) in cases {
        assert_eq!(
            role_at(path, changes),
            Ok(Grant::Editor),
            "{path} {changes}"
        );
    }
}

#[test]
fn roles_of_keycloak_cognito_auth0_entra_id_and_okta_are_found() {
    assert_editors(&[
        // Keycloak: roles of the realm, and of a client whose ID has dots.
        (
            "realm_access.roles",
            json!({ "realm_access": { "roles": ["offline_access", "editor"] } }),
        ),
        (
            "resource_access.films.roles",
            json!({ "resource_access": { "films": { "roles": ["editor"] } } }),
        ),
        (
            "resource_access.films.example.roles",
            json!({ "resource_access": { "films": {}, "films.example": { "roles": ["editor"] } } }),
        ),
        (
            "cognito:groups",
            json!({ "cognito:groups": ["readers", "editor"] }),
        ),
        // Auth0: a namespace is a URL, and may contain an object.
        (
            "https://films.example/roles",
            json!({ "https://films.example/roles": ["editor"] }),
        ),
        (
            "https://films.example/app.roles",
            json!({ "https://films.example/app": { "roles": ["editor"] } }),
        ),
        (
            "permissions",
            json!({ "permissions": ["read:films", "editor"] }),
        ),
        ("roles", json!({ "roles": ["editor"] })),
        ("groups", json!({ "groups": ["Everyone", "editor"] })),
        ("scp", json!({ "scp": "openid editor" })),
        ("scp", json!({ "scp": ["openid", "editor"] })),
    ]);
}

#[test]
fn roles_of_other_providers_are_found() {
    assert_editors(&[
        ("scope", json!({ "scope": "openid editor profile" })),
        (
            "ext.scope",
            json!({ "ext": { "scope": " editor  openid" } }),
        ),
        // Hasura, Supabase, Clerk, Ory and Zitadel.
        (
            "https://hasura.io/jwt/claims.x-hasura-allowed-roles",
            json!({ "https://hasura.io/jwt/claims": { "x-hasura-allowed-roles": ["user", "editor"] } }),
        ),
        (
            "app_metadata.marquee.role",
            json!({ "app_metadata": { "marquee": { "role": "editor" } } }),
        ),
        ("o.rol", json!({ "o": { "rol": "editor" } })),
        ("ext.roles", json!({ "ext": { "roles": ["editor"] } })),
        (
            "urn:zitadel:iam:org:project:roles",
            json!({ "urn:zitadel:iam:org:project:roles": { "editor": { "1780": "films.example" } } }),
        ),
    ]);
}

#[test]
fn a_claim_with_the_whole_name_comes_first() {
    let both = json!({ "realm_access.roles": "critic", "marquee_critic": "ann", "realm_access": { "roles": ["admin"] } });
    assert_eq!(
        role_at("realm_access.roles", &both),
        Ok(Grant::Critic("ann".to_owned()))
    );
    let longest = json!({ "a": { "b.c": "admin" }, "a.b": { "c": "editor" } });
    assert_eq!(role_at("a.b.c", &longest), Ok(Grant::Editor));
}

#[test]
fn a_path_that_leads_to_no_role_is_rejected() {
    for (path, changes) in [
        ("realm_access.roles", json!({})),
        ("realm_access.roles", json!({ "realm_access": null })),
        ("realm_access.roles", json!({ "realm_access": "editor" })),
        ("realm_access.roles", json!({ "realm_access": ["editor"] })),
        (
            "realm_access.roles",
            json!({ "realm_access": { "roles": [] } }),
        ),
        (
            "realm_access.roles",
            json!({ "realm_access": { "roles": ["user"] } }),
        ),
        (
            "realm_access.roles",
            json!({ "realm_access": { "roles": [["editor"]] } }),
        ),
        (
            "realm_access.roles",
            json!({ "realm_access": { "role": ["editor"] } }),
        ),
        (
            "realm_access.roles",
            json!({ "resource_access": { "roles": ["editor"] } }),
        ),
        (
            "realm_access.roles.0",
            json!({ "realm_access": { "roles": ["editor"] } }),
        ),
        (
            "realm_access.",
            json!({ "realm_access": { "roles": ["editor"] } }),
        ),
        (
            "realm_access",
            json!({ "realm_access": { "roles": ["editor"] } }),
        ),
        (".", json!({})),
        ("..", json!({})),
        ("", json!({})),
        ("roles", json!({ "roles": "not an editor" })),
        ("roles", json!({ "roles": ["openid editor"] })),
        ("scope", json!({ "scope": "editors,editor" })),
        ("groups", json!({ "groups": { "editor": true } })),
        // The members are the clients, not roles.
        (
            "resource_access",
            json!({ "resource_access": { "admin": { "roles": [] } } }),
        ),
    ] {
        assert_eq!(
            role_at(path, &changes),
            Err(JwtError::Role),
            "{path} {changes}"
        );
    }
}

#[test]
fn a_critic_claim_may_be_in_an_object() {
    let policy = JwtPolicy {
        critic_claim: "resource_access.films.critic".to_owned(),
        ..policy()
    };
    let critic =
        json!({ "marquee_role": "critic", "resource_access": { "films": { "critic": "ann" } } });
    assert_eq!(
        verify_claims(&claims_with(&critic), &policy),
        Ok(Grant::Critic("ann".to_owned()))
    );
}

#[test]
fn roles_have_the_names_of_the_provider() {
    let names = [
        "editor=film-editors",
        "ADMIN=/films/owners",
        "editor=write:films",
        "critic=a=b",
    ];
    for (value, expected) in [
        (json!(["film-editors"]), Ok(Grant::Editor)),
        (json!("write:films"), Ok(Grant::Editor)),
        (
            json!(["write:films", "/films/owners", "a=b"]),
            Ok(Grant::Admin),
        ),
        (json!("a=b"), Err(JwtError::Critic)),
        // The names that are not given do not count.
        (json!(["admin", "editor", "critic"]), Err(JwtError::Role)),
        (json!("Film-Editors"), Err(JwtError::Role)),
    ] {
        assert_eq!(role_named(&names, &value), expected, "{value}");
    }
    assert_eq!(
        role_named(&["editor=staff", "admin=staff"], &json!("staff")),
        Ok(Grant::Admin)
    );
    let parsed = RoleName {
        role: Role::Editor,
        name: "film editors".to_owned(),
    };
    assert_eq!(" Editor = film editors ".parse(), Ok(parsed));
    for invalid in [
        "",
        "editor",
        "editor=",
        "editor= ",
        "=x",
        "owner=x",
        "film-editors=editor",
    ] {
        assert_eq!(
            invalid.parse::<RoleName>(),
            Err(InvalidRoleName),
            "{invalid}"
        );
    }
}

#[test]
fn an_access_token_of_cognito_names_its_client() {
    let token = |changes: Value| {
        let mut all = json!({ "aud": null, "client_id": "marquee", "token_use": "access" });
        all.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        verify_changed(&all)
    };
    assert_eq!(token(json!({})), Ok(Grant::Editor));
    assert_eq!(
        token(json!({ "aud": "marquee", "client_id": "other" })),
        Ok(Grant::Editor)
    );
    for rejected in [
        json!({ "client_id": "other" }),
        json!({ "client_id": ["marquee"] }),
        json!({ "client_id": null }),
        json!({ "token_use": "id" }),
        json!({ "token_use": null }),
        json!({ "aud": "other" }),
        json!({ "aud": [] }),
        json!({ "aud": ["marquee", 7] }),
        json!({ "aud": "" }),
        json!({ "client_id": null, "azp": "marquee" }),
    ] {
        assert_eq!(
            token(rejected.clone()),
            Err(JwtError::Audience),
            "{rejected}"
        );
    }
    // The other claims are checked as well.
    assert_eq!(token(json!({ "exp": NOW - 60 })), Err(JwtError::Expired));
}
