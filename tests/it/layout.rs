//! The invariants of the layout: modules import only modules below them, and the domain rules do no I/O.

mod dependencies;
mod imports;
mod json;
mod lengths;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use self::imports::{graph, imports, layers, upward};
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

/// Returns the code of a file that is not only for tests; `None` if all of the file is.
fn code_of_program<'t>(path: &Path, text: &'t str) -> Option<&'t str> {
    const FOR_TESTS: [&str; 5] = [
        "properties",
        "properties.rs",
        "tests",
        "tests.rs",
        "arbitrary.rs",
    ];
    let path = path.strip_prefix(root().join("src")).unwrap_or(path);
    let mut parts = path.iter().filter_map(|part| part.to_str());
    if parts.any(|part| FOR_TESTS.contains(&part)) {
        return None;
    }
    text.split("#[cfg(test)]\nmod tests {").next()
}

/// `cargo test --test it layout::each_module -- --nocapture` prints the graph.
#[test]
fn each_module_imports_only_modules_below_it() {
    let (graph, layers) = (graph(), layers());
    let arrows: usize = graph.values().map(BTreeSet::len).sum();
    let upward = upward(&graph, &layers);
    for layer in &layers {
        let imports: Vec<_> = graph.get(layer).into_iter().flatten().cloned().collect();
        println!("{layer} -> {}", imports.join(", "));
    }
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
    let graph = BTreeMap::from([("film".to_owned(), imports(text, 1))]);
    assert_eq!(
        graph["film"],
        ["film", "http", "text"].map(str::to_owned).into()
    );
    assert_eq!(upward(&graph, &layers), ["film -> http"]);
    // From a file of `film`, one `super` leads to the crate; from a file of `film::store`, two do.
    let found = |text, depth| imports(text, depth).into_iter().collect::<Vec<_>>();
    assert_eq!(found("use super::http;", 1), ["http"]);
    assert_eq!(found("use super::super::http::Server;", 2), ["http"]);
    assert_eq!(found("use super::page;", 2), [""; 0]);
}
