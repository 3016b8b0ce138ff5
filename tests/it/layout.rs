//! The invariants of the layout: data flows one way, and the rules know nothing of I/O.

use std::{fs, path::PathBuf};

use crate::support::root;

/// Every Rust file below a directory of the checkout, with its text.
fn files(below: &str) -> Vec<(PathBuf, String)> {
    let mut directories = vec![root().join(below)];
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("node_modules") {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{below} holds no Rust");
    files
}

/// The lines of code in which one of `words` stands as a path, told as `file:line`.
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

const DOMAINS: [&str; 5] = ["film", "critic", "publication", "review", "published_score"];

#[test]
fn the_rules_know_nothing_of_database_graphql_and_http() {
    let mut rules: Vec<_> = DOMAINS
        .iter()
        .flat_map(|domain| files(&format!("src/{domain}")))
        .filter(|(path, _)| path.ends_with("mod.rs") || path.ends_with("draft.rs"))
        .collect();
    rules.extend(files("src/score").into_iter().filter(|(path, _)| {
        !path.ends_with("graphql.rs")
            && !path
                .iter()
                .any(|part| part == "store" || part == "store.rs")
    }));
    rules.extend(
        files("src/live")
            .into_iter()
            .filter(|(path, _)| path.ends_with("mod.rs")),
    );
    for room in [
        "src/catalogue",
        "src/http/websocket/protocol",
        "src/generate",
        "src/review/original_score",
        "src/import/page",
        "src/import/rt",
    ] {
        rules.extend(files(room));
    }
    rules.extend(files("src").into_iter().filter(|(path, _)| {
        [
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
            "access/jwt/cache.rs",
            "access/jwt/claims.rs",
            "access/jwt/key_set.rs",
            "access/jwt/mod.rs",
            "access/jwt/signature.rs",
            "documents/automatic.rs",
            "documents/hash.rs",
            "documents/manifest.rs",
            "documents/mod.rs",
            "documents/trusted.rs",
            "rate/bucket.rs",
            "rate/credentials.rs",
            "rate/mod.rs",
            "rate/table.rs",
        ]
        .iter()
        .any(|rule| *path == root().join("src").join(rule))
    }));
    assert_eq!(
        uses(
            &rules,
            &[
                "sea_orm",
                "entity::",
                "async_graphql",
                "actix_web",
                "tokio",
                "std::fs"
            ]
        ),
        [""; 0]
    );
}

#[test]
fn no_surface_touches_the_database() {
    let surfaces: Vec<_> = files("src")
        .into_iter()
        .filter(|(path, _)| {
            let is_surface =
                path.ends_with("graphql.rs") || path.iter().any(|part| part == "graphql");
            is_surface && !path.iter().any(|part| part == "http")
        })
        .collect();
    assert_eq!(uses(&surfaces, &["sea_orm", "entity::", "sqlx"]), [""; 0]);
}

#[test]
fn no_store_knows_of_graphql_or_http() {
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
fn the_tables_know_nothing_of_what_is_above_them() {
    let tables = files("entity/src");
    assert_eq!(
        uses(&tables, &["async_graphql", "marquee", "actix_web"]),
        [""; 0]
    );
}

/// The lines from a function's first to its last, by its indentation, which rustfmt sees to.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indentation: String = line.chars().take_while(|c| *c == ' ').collect();
        let is_function =
            line.contains("fn ") && !line.trim_start().starts_with("//") && !line.ends_with(';');
        let end = format!("{indentation}}}");
        // One that a trait only declares ends before it has begun.
        let declared = format!("{indentation})");
        let ends = |line: &str| line == end || line.starts_with(&declared) && line.ends_with(';');
        let length = lines[start..].iter().position(|line| ends(line));
        if let (true, Some(length)) = (is_function, length) {
            found.push((line.trim().to_owned(), length + 1));
        }
    }
    found
}

#[test]
fn no_file_and_no_function_is_too_long_to_read() {
    let all = files("src")
        .into_iter()
        .chain(files("entity"))
        .chain(files("migration"))
        .chain(files("fuzz/fuzz_targets"));
    for (path, text) in all.filter(|(path, _)| !path.iter().any(|part| part == "tests")) {
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let lines = code.lines().filter(is_code).count();
        assert!(lines <= 400, "{} has {lines} lines of code", path.display());
        for (name, length) in functions(code) {
            assert!(
                length <= 70,
                "{}: {name} has {length} lines",
                path.display()
            );
        }
    }
}
