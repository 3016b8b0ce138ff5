use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{access::token::PREFIX, http::websocket::protocol::MAX_REASON_BYTES};

/// A string with the form of a JWT.
const JWT: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbm4ifQ.AAAA";

fn find_in(payload: &Value) -> Result<Option<String>, AmbiguousCredentials> {
    find(payload.as_object().unwrap())
}

#[test]
fn all_common_names_count() {
    let bearer = format!("Bearer {JWT}");
    for name in [
        "token",
        "authToken",
        "accessToken",
        "access_token",
        "authentication",
        "jwt",
        "bearerToken",
        "auth",
        "auth_token",
        "x-access-token",
        "X-Auth-Token",
        "apiToken",
        "ACCESS-TOKEN",
        "bearer",
    ] {
        for value in [JWT, &bearer, &format!(" bearer  {JWT} ")] {
            let found = find_in(&json!({ name: value })).unwrap().unwrap();
            assert_eq!(scheme_and_token(&found).1, JWT, "{name} {value}");
            assert!(scheme_and_token(&found).0.is_some(), "{name} {value}");
            let nested = find_in(&json!({ "headers": { name: value } }));
            assert_eq!(nested, Ok(Some(found)), "{name} {value}");
        }
    }
    for name in ["Authorization", "authorization", "AUTHORIZATION"] {
        for payload in [
            json!({ name: bearer }),
            json!({ "headers": { name: bearer } }),
            json!({ "Headers": { name: bearer } }),
            json!({ "http": { "headers": { name: bearer } } }),
            json!({ "context": { "headers": { name: bearer } } }),
            json!({ "connectionParams": { name: bearer } }),
            json!({ "authentication": { "token": JWT } }),
        ] {
            assert_eq!(find_in(&payload), Ok(Some(bearer.clone())), "{payload}");
        }
        // Without the scheme the header is invalid, as in HTTP.
        assert_eq!(find_in(&json!({ name: JWT })), Ok(Some(JWT.to_owned())));
    }
}

#[test]
fn blank_and_null_members_are_no_credentials() {
    for value in [json!(null), json!(""), json!("  "), json!("\t")] {
        for payload in [
            json!({ "Authorization": value, "token": value }),
            json!({ "headers": { "authorization": value } }),
            json!({ "headers": value, "accessToken": value, "authentication": { "token": value } }),
        ] {
            assert_eq!(find_in(&payload), Ok(None), "{payload}");
        }
    }
    for other in [
        json!({}),
        json!({ "headers": {}, "http": { "headers": null } }),
        json!({ "lang": "da", "version": "1.2.3", "client": { "name": "a.b.c", "tags": [1, "x"] } }),
        json!({ "title": "Bearer of bad news", "motto": "bearer", "apiKey": "2f7c" }),
    ] {
        assert_eq!(find_in(&other), Ok(None), "{other}");
    }
    let both = json!({ "Authorization": "", "token": JWT });
    assert_eq!(find_in(&both), Ok(Some(format!("Bearer {JWT}"))));
}

#[test]
fn a_value_of_another_type_is_an_invalid_credential() {
    for value in [
        json!(7),
        json!(true),
        json!([JWT]),
        json!({}),
        json!({ "a": 1 }),
    ] {
        for name in ["Authorization", "token", "accessToken"] {
            let payload = json!({ "headers": { name: value } });
            assert!(find_in(&payload).unwrap().is_some(), "{payload}");
        }
    }
}

#[test]
fn a_token_under_an_unknown_name_is_rejected() {
    let bearer = format!("Bearer {JWT}");
    let api_token = format!("{PREFIX}000000000000_{}", "A".repeat(43));
    let of_other_scheme = format!("JWT {JWT}");
    let truncated = &api_token[..api_token.len() - 9];
    // The headers begin with a blank, and with a line break.
    let (blank, line_break) = (
        "eyAiYWxnIjogIlJTMjU2IiB9.e30.c2ln",
        "ewogImFsZyI6ICJSUzI1NiJ9.e30.c2ln",
    );
    for token in [
        JWT,
        &bearer,
        &of_other_scheme,
        &api_token,
        truncated,
        "Bearer abc",
        "eyJh.eyJz.x.y.z",
        blank,
        line_break,
    ] {
        for payload in [
            json!({ "sessionKey": token }),
            json!({ "id_token": token, "lang": "da" }),
            json!({ "user": { "credentials": { "token": token } } }),
            json!({ "headers": [["Authorization", token]] }),
            json!({ "headers": [{ "name": "Authorization", "value": token }] }),
            json!({ "headers": token }),
            json!({ "token": JWT, "refresh": token }),
        ] {
            assert_eq!(
                find_in(&payload),
                Err(AmbiguousCredentials::UnknownName),
                "{payload}"
            );
        }
    }
}

#[test]
fn a_token_within_another_text_is_rejected() {
    let api_token = format!("{PREFIX}000000000000_{}", "A".repeat(43));
    for token in [JWT, &api_token] {
        for payload in [
            json!({ "headers": format!("Authorization: Bearer {token}") }),
            json!({ "headers": json!({ "Authorization": token }).to_string() }),
            json!({ "cookie": format!("lang=da; session={token}") }),
        ] {
            let rejected = Err(AmbiguousCredentials::UnknownName);
            assert_eq!(find_in(&payload), rejected, "{payload}");
        }
    }
    let app = json!({ "client": "marquee_web_app", "version": "1.2.3" });
    assert_eq!(find_in(&app), Ok(None));
}

#[test]
fn a_token_by_its_name_in_an_unknown_object_is_rejected() {
    for payload in [
        json!({ "credentials": { "token": "opaque" } }),
        json!({ "user": { "accessToken": "opaque" } }),
        json!({ "session": [{ "auth-token": "opaque" }] }),
    ] {
        let rejected = Err(AmbiguousCredentials::UnknownName);
        assert_eq!(find_in(&payload), rejected, "{payload}");
    }
    let signed_out = json!({ "user": { "accessToken": null, "token": "", "name": "Ida" } });
    assert_eq!(find_in(&signed_out), Ok(None));
}

#[test]
fn two_different_tokens_are_rejected_and_equal_ones_are_not() {
    let bearer = format!("Bearer {JWT}");
    let same =
        json!({ "Authorization": bearer, "token": JWT, "headers": { "authorization": bearer } });
    assert_eq!(find_in(&same), Ok(Some(bearer.clone())));
    for payload in [
        json!({ "Authorization": bearer, "token": "abc" }),
        json!({ "Authorization": bearer, "authorization": "Bearer abc" }),
        json!({ "Authorization": bearer, "headers": { "Authorization": "Bearer abc" } }),
        json!({ "token": JWT, "jwt": 7 }),
    ] {
        assert_eq!(
            find_in(&payload),
            Err(AmbiguousCredentials::Different),
            "{payload}"
        );
    }
}

#[test]
fn the_messages_fit_in_a_close_frame() {
    for error in [
        AmbiguousCredentials::UnknownName,
        AmbiguousCredentials::Different,
        AmbiguousCredentials::Url,
    ] {
        assert!(error.to_string().len() <= MAX_REASON_BYTES, "{error}");
    }
}

proptest! {
    #[test]
    fn no_payload_with_a_token_is_anonymous(name: String, outer: String) {
        for payload in [
            json!({ &name: JWT }),
            json!({ &outer: { &name: JWT } }),
            json!({ &outer: [{ &name: format!("Bearer {JWT}") }] }),
        ] {
            prop_assert_ne!(find_in(&payload), Ok(None));
        }
    }
}
