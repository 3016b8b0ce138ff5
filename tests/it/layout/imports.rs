//! The modules of the library and their imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use super::{code_of_program, files};
use crate::support::root;

/// Returns the modules of the library in the order of `lib.rs`, the topmost first.
pub fn layers() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    modules
        .map(|module| module.trim_end_matches(';').to_owned())
        .collect()
}

/// Returns the modules of the library that a file imports: the names after `crate::`, in paths and in `use` trees.
/// `depth` is the number of modules that the file is in; as many `super::` are the same as `crate::`.
pub fn imports(text: &str, depth: usize) -> BTreeSet<String> {
    let code: Vec<_> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n").replace(&"super::".repeat(depth), "crate::");
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        let Some(tree) = rest.strip_prefix('{') else {
            found.extend(first_name(rest));
            continue;
        };
        let (mut depth, mut is_branch) = (0, true);
        for (start, character) in tree.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => is_branch = true,
                character if is_branch && !character.is_whitespace() => {
                    found.extend(first_name(&tree[start..]));
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
pub fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let source = root().join("src");
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files("src") {
        let Some(code) = code_of_program(&path, &text) else {
            continue;
        };
        let path = path.strip_prefix(&source).unwrap();
        let module = path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs");
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let is_module_root = path.ends_with("mod.rs");
        let depth = path.iter().count() - usize::from(is_module_root);
        let mut imported = imports(code, depth);
        imported.remove(module);
        graph.entry(module.to_owned()).or_default().extend(imported);
    }
    graph
}

/// Returns each import of a module that is declared above the importing one, such as `film -> http`.
pub fn upward(graph: &BTreeMap<String, BTreeSet<String>>, layers: &[String]) -> Vec<String> {
    let layer = |module: &str| {
        let layer = layers.iter().position(|other| other == module);
        layer.unwrap_or_else(|| panic!("lib.rs declares no module {module}"))
    };
    let arrows = graph
        .iter()
        .flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    let upward = arrows.filter(|(from, to)| layer(to) < layer(from));
    upward.map(|(from, to)| format!("{from} -> {to}")).collect()
}
