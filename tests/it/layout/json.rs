//! JSON is parsed in one place, in which an array is no object.

use super::{code_of_program, files};

/// The ways to deserialize JSON that bypass [`marquee::json`].
const BYPASSES: [&str; 6] = [
    "serde_json::from_str",
    "serde_json::from_slice",
    "serde_json::from_reader",
    "serde_json::from_value",
    "serde_json::Deserializer",
    "web::Json",
];

/// The files that may use them, each with its reason.
const EXEMPT: [(&str, &str); 3] = [
    ("json/mod.rs", "is the one place"),
    (
        "catalogue/json/reader.rs",
        "visits the members of an object itself, and no derived type",
    ),
    (
        "catalogue/json/value.rs",
        "visits a value itself, and no derived type",
    ),
];

#[test]
fn only_one_module_deserializes_json() {
    let mut found = Vec::new();
    for (path, text) in files("src") {
        let is_exempt = EXEMPT.iter().any(|(exempt, _)| path.ends_with(exempt));
        let Some(code) = code_of_program(&path, &text).filter(|_| !is_exempt) else {
            continue;
        };
        for (number, line) in code.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let is_deserialize = code.contains("::deserialize(") && !code.contains("fn ");
            if is_deserialize || BYPASSES.iter().any(|bypass| code.contains(bypass)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert_eq!(found, [""; 0], "use crate::json");
}
