//! The names under which clients send tokens, in `connection_init` and in URLs.

use actix_web::web::Query;

use super::authentication::non_blank;
use crate::access::credentials::is_recognizable;

/// The names of members with credentials, in the spelling of [`normalize`].
const NAMES: [&str; 19] = [
    AUTHORIZATION,
    "accesstoken",
    "apitoken",
    "auth",
    "authentication",
    "authenticationtoken",
    "authorizationtoken",
    "authtoken",
    "bearer",
    "bearerauth",
    "bearertoken",
    "jwt",
    "sessiontoken",
    "token",
    "usertoken",
    "xaccesstoken",
    "xauthorization",
    "xauthtoken",
    "xtoken",
];

/// The name whose values have the format of the header: a scheme and a token.
pub const AUTHORIZATION: &str = "authorization";

/// Returns whether a normalized name is that of a credential.
pub fn is_credential_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Returns a name in lower case and without `-` and `_`.
pub fn normalize(name: &str) -> String {
    let is_letter = |character: &char| !matches!(character, '-' | '_');
    let letters = name.chars().filter(is_letter);
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns whether a query string contains a token. The server accepts none there, because proxies log URLs.
pub fn has_token(query_string: &str) -> bool {
    if query_string.is_empty() {
        return false;
    }
    // A query string of another form has no names and values.
    let pairs = Query::<Vec<(String, String)>>::from_query(query_string);
    pairs.is_ok_and(|pairs| {
        pairs.iter().any(|(name, value)| {
            let has_name = is_credential_name(&normalize(name)) && non_blank(value).is_some();
            has_name || is_recognizable(value)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_query_string_is_found() {
        for query_string in [
            "token=opaque",
            "x=1&Access-Token=opaque",
            "access_token=opaque",
            "authorization=Bearer%20opaque",
            "session=eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        ] {
            assert!(has_token(query_string), "{query_string}");
        }
        for query_string in [
            "",
            "token=",
            "query=%7Bfilms%7D&id=token",
            "tokens=2",
            "%ff&&=",
        ] {
            assert!(!has_token(query_string), "{query_string}");
        }
    }
}
