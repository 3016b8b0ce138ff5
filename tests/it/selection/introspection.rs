//! Selections that introspection derives from the schema.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestServer;

/// Returns the types of the schema.
pub async fn types(server: &TestServer) -> Vec<Value> {
    let document = "{ __schema { types { name kind fields { name
        args { name type { kind } } type { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";
    let mut response = server.query(document).await;
    serde_json::from_value(response["__schema"]["types"].take()).unwrap()
}

pub fn of_name<'a>(types: &'a [Value], name: &str) -> &'a Value {
    types.iter().find(|ty| ty["name"] == name).unwrap()
}

/// Returns the name of a type without lists and non-null markers.
pub fn base(of: &Value) -> &str {
    match of["name"].as_str() {
        Some(name) => name,
        None => base(&of["ofType"]),
    }
}

/// Selects every field without required arguments, down to a depth.
pub fn select_all(types: &[Value], name: &str, depth: u32) -> String {
    let mut selected = vec!["__typename".to_owned()];
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        let args = field["args"].as_array().unwrap();
        if args.iter().any(|arg| arg["type"]["kind"] == "NON_NULL") {
            continue;
        }
        let first = args.iter().any(|arg| arg["name"] == "first");
        let call = format!(
            "{}{}",
            field["name"].as_str().unwrap(),
            if first { "(first: 2)" } else { "" }
        );
        let below = base(&field["type"]);
        match of_name(types, below)["kind"].as_str() {
            Some("OBJECT") if depth == 0 => {}
            Some("OBJECT") => {
                let below = select_all(types, below, depth - 1);
                selected.push(format!("{call} {below}"));
            }
            _ => selected.push(call),
        }
    }
    format!("{{ {} }}", selected.join(" "))
}

/// Adds the object types that a selection of all fields reaches within a depth.
pub fn reach(types: &[Value], name: &str, depth: u32, reached: &mut BTreeSet<String>) {
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        let below = base(&field["type"]);
        let args = field["args"].as_array().unwrap();
        let is_required = |arg: &Value| arg["type"]["kind"] == "NON_NULL";
        let is_object = of_name(types, below)["kind"] == "OBJECT";
        if depth > 0 && is_object && !args.iter().any(is_required) {
            reached.insert(below.to_owned());
            reach(types, below, depth - 1, reached);
        }
    }
}
