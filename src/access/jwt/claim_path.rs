//! The location of a claim in a token, and the names in its value.

use serde_json::{Map, Value};

/// The claims whose string is a list of names between blanks (RFC 6749, 3.3): `scope`, and `scp` of Entra ID.
const SCOPES: [&str; 2] = ["scope", "scp"];

/// Returns the value of the claim with the name `path`. If there is none, each dot may separate the name of an object
/// from the rest of the path, as in `realm_access.roles`. Names may contain dots themselves, so the longest name of an
/// object comes first.
pub fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        path.rmatch_indices('.').find_map(|(dot, _)| {
            let object = claims.get(&path[..dot])?.as_object()?;
            find(object, &path[dot + 1..])
        })
    })
}

/// Returns the names of roles in the value of the claim at `path`: a string, the strings of a list, or of a claim called
/// `roles` the members that are objects, as in Zitadel's `{"editor": {"<organization>": "<domain>"}}`. Objects of other
/// claims have other members, such as the clients of Keycloak's `resource_access`. The string of a scope is a list.
pub fn names<'a>(value: &'a Value, path: &str) -> Vec<&'a str> {
    let claim = path.rsplit(['.', '/', ':']).next().unwrap_or(path);
    match value {
        Value::String(text) => {
            if SCOPES.contains(&claim) {
                text.split_ascii_whitespace().collect()
            } else {
                vec![text]
            }
        }
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Object(members) if claim == "roles" => {
            let objects = members.iter().filter(|(_, value)| value.is_object());
            objects.map(|(name, _)| name.as_str()).collect()
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
