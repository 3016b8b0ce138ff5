//! The crates that a layer must not use.

use std::{fs, path::PathBuf};

use super::files;
use crate::support::root;

/// Returns the lines of code that contain one of `words`, each as `path:line: code`.
fn uses(files: &[(PathBuf, String)], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if words.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    found
}

const DOMAINS: [&str; 6] = [
    "film",
    "critic",
    "publication",
    "review",
    "published_score",
    "external_id",
];

/// Directories whose files are all domain rules.
const RULE_DIRECTORIES: [&str; 7] = [
    "src/catalogue",
    "src/http/websocket/protocol",
    "src/generate",
    "src/review/original_score",
    "src/import/layouts",
    "src/import/page",
    "src/import/rt",
];

/// Files with domain rules, below `src`.
const RULE_FILES: [&str; 31] = [
    "access/mod.rs",
    "filter.rs",
    "global_id.rs",
    "mutation/key.rs",
    "named/draft.rs",
    "named/mod.rs",
    "pagination.rs",
    "patch.rs",
    "slug.rs",
    "text.rs",
    "user_error/mod.rs",
    "access/api_token.rs",
    "access/credentials.rs",
    "access/lifetime.rs",
    "access/token.rs",
    "access/jwt/key_cache.rs",
    "access/jwt/claims.rs",
    "access/jwt/error.rs",
    "access/jwt/key_set.rs",
    "access/jwt/mod.rs",
    "access/jwt/signature.rs",
    "access/jwt/unverified_token.rs",
    "persisted_documents/apq_cache.rs",
    "persisted_documents/hash.rs",
    "persisted_documents/manifest.rs",
    "persisted_documents/mod.rs",
    "persisted_documents/trusted.rs",
    "rate_limit/bucket.rs",
    "rate_limit/known_credentials.rs",
    "rate_limit/mod.rs",
    "rate_limit/table.rs",
];

/// Returns the files with domain rules.
fn rules() -> Vec<(PathBuf, String)> {
    let mut rules: Vec<_> = DOMAINS
        .iter()
        .flat_map(|domain| files(&format!("src/{domain}")))
        .filter(|(path, _)| !path.ends_with("store.rs") && path.iter().all(|part| part != "store"))
        .collect();
    // Decoding a tally from a row needs the database's error type.
    let score = files("src/score").into_iter();
    rules.extend(score.filter(|(path, _)| !path.ends_with("row.rs")));
    let subscriptions = files("src/subscriptions").into_iter();
    rules.extend(subscriptions.filter(|(path, _)| path.ends_with("mod.rs")));
    rules.extend(
        RULE_DIRECTORIES
            .iter()
            .flat_map(|directory| files(directory)),
    );
    for file in RULE_FILES {
        let path = root().join("src").join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        rules.push((path, text));
    }
    rules
}

#[test]
fn domain_rules_do_not_depend_on_database_graphql_or_http() {
    let forbidden = [
        "sea_orm",
        "entity::",
        "async_graphql",
        "actix_web",
        "tokio",
        "std::fs",
    ];
    assert_eq!(uses(&rules(), &forbidden), [""; 0]);
}

#[test]
fn the_graphql_layer_does_not_access_the_database() {
    let graphql: Vec<_> = files("src")
        .into_iter()
        .filter(|(path, _)| path.starts_with(root().join("src/graphql")))
        .collect();
    assert_eq!(uses(&graphql, &["sea_orm", "entity::", "sqlx"]), [""; 0]);
}

#[test]
fn stores_do_not_depend_on_graphql_or_http() {
    let stores: Vec<_> = files("src")
        .into_iter()
        .filter(|(path, _)| path.ends_with("store.rs") || path.iter().any(|part| part == "store"))
        .chain(files("src/database"))
        .collect();
    assert_eq!(
        uses(
            &stores,
            &[
                "async_graphql",
                "actix_web",
                "crate::graphql",
                "crate::http"
            ]
        ),
        [""; 0]
    );
}

#[test]
fn entities_do_not_depend_on_the_layers_above() {
    let entities = files("entity/src");
    assert_eq!(
        uses(&entities, &["async_graphql", "marquee", "actix_web"]),
        [""; 0]
    );
}
