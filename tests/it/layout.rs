//! The invariants of the layout: modules import only modules below them, and the domain rules do no I/O.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use crate::support::root;

/// Returns every Rust file below a directory of the checkout with its text.
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
    assert!(!files.is_empty(), "there are no Rust files in {below}");
    files
}

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

/// Returns the modules of the library in the order of `lib.rs`, the topmost first.
fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    modules
        .map(|module| module.trim_end_matches(';').to_owned())
        .collect()
}

/// Returns the modules of the library that a file imports: the names after `crate::`, in paths and in `use` trees.
fn imports(text: &str) -> BTreeSet<String> {
    let code: Vec<_> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        let Some(tree) = rest.strip_prefix('{') else {
            found.extend(first_name(rest));
            continue;
        };
        let (mut depth, mut is_branch) = (0, true);
        for (place, character) in tree.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_branch = true,
                character if is_branch && !character.is_whitespace() => {
                    found.extend(first_name(&tree[place..]));
                    is_branch = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn first_name(path: &str) -> Option<String> {
    let end = path.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &path[..end.unwrap_or(path.len())];
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the imports of each module. Code that only tests compile is left out: it may import anything.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let source = root().join("src");
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files("src") {
        let path = path.strip_prefix(&source).unwrap();
        let is_for_tests = path.iter().any(|part| {
            let part = part.to_str().unwrap();
            [
                "properties",
                "properties.rs",
                "tests",
                "tests.rs",
                "arbitrary.rs",
            ]
            .contains(&part)
        });
        let module = path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        // The binary imports the library by its crate name, and is above all of its modules.
        if is_for_tests || ["main", "lib", "commands"].contains(&module) {
            continue;
        }
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let mut imported = imports(code);
        imported.remove(module);
        graph.entry(module.to_owned()).or_default().extend(imported);
    }
    graph
}

/// Returns each import of a module that is declared above the importing one, such as `film -> http`.
fn upward(graph: &BTreeMap<String, BTreeSet<String>>, layers: &[String]) -> Vec<String> {
    let floor = |module: &str| {
        let floor = layers.iter().position(|layer| layer == module);
        floor.unwrap_or_else(|| panic!("lib.rs declares no module {module}"))
    };
    let arrows = graph
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let upward = arrows.filter(|(from, to)| floor(to) < floor(from));
    upward.map(|(from, to)| format!("{from} -> {to}")).collect()
}

/// `cargo test --test it layout::each_module -- --nocapture` prints the number of modules and imports.
#[test]
fn each_module_imports_only_modules_below_it() {
    let (graph, layers) = (graph(), layers());
    let arrows: usize = graph.values().map(BTreeSet::len).sum();
    let upward = upward(&graph, &layers);
    // Without upward imports there are no cycles.
    println!(
        "{} modules, {arrows} imports, {} of them upward",
        graph.len(),
        upward.len()
    );
    assert_eq!(upward, [""; 0]);
    assert!(arrows > 100, "the parser finds too few imports");
}

#[test]
fn an_upward_import_is_reported_with_both_modules() {
    let layers = ["http", "film", "text"].map(str::to_owned);
    let text = "use crate::{\n    text::{self, line},\n    http::Server,\n};\nfn a() { crate::film::b() } // crate::lost";
    let graph = BTreeMap::from([("film".to_owned(), imports(text))]);
    assert_eq!(
        graph["film"],
        ["film", "http", "text"].map(str::to_owned).into()
    );
    assert_eq!(upward(&graph, &layers), ["film -> http"]);
}

const DOMAINS: [&str; 5] = ["film", "critic", "publication", "review", "published_score"];

#[test]
fn domain_rules_do_not_depend_on_database_graphql_or_http() {
    let mut rules: Vec<_> = DOMAINS
        .iter()
        .flat_map(|domain| files(&format!("src/{domain}")))
        .filter(|(path, _)| path.ends_with("mod.rs") || path.ends_with("draft.rs"))
        .collect();
    // Decoding a tally from a row needs the database's error type.
    let score = files("src/score").into_iter();
    rules.extend(score.filter(|(path, _)| !path.ends_with("row.rs")));
    rules.extend(
        files("src/subscriptions")
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
fn the_graphql_layer_does_not_access_the_database() {
    let surfaces: Vec<_> = files("src")
        .into_iter()
        .filter(|(path, _)| path.starts_with(root().join("src/graphql")))
        .collect();
    assert_eq!(uses(&surfaces, &["sea_orm", "entity::", "sqlx"]), [""; 0]);
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
    let tables = files("entity/src");
    assert_eq!(
        uses(&tables, &["async_graphql", "marquee", "actix_web"]),
        [""; 0]
    );
}

/// Returns the first line and the number of lines of each function. Relies on rustfmt's indentation.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indentation: String = line.chars().take_while(|c| *c == ' ').collect();
        let is_function =
            line.contains("fn ") && !line.trim_start().starts_with("//") && !line.ends_with(';');
        let end = format!("{indentation}}}");
        // A trait method without a body ends with its signature.
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
fn files_and_functions_stay_within_their_length_limits() {
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
