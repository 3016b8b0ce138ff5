//! Random selections.

use serde_json::Value;

use super::{
    LISTS,
    executor_pair::ExecutorPair,
    introspection::{base, of_name},
};
use crate::support::{TestDatabase, test_rng::TestRng};

/// Returns random arguments for a field, valid or not.
fn arguments(field: &Value, chance: &mut TestRng) -> String {
    let mut given = Vec::new();
    for arg in field["args"].as_array().unwrap() {
        let value = match arg["name"].as_str().unwrap() {
            "first" => ["2", "1", "0", "-1"][chance.below(4)],
            "width" => ["20", "7", "0"][chance.below(3)],
            "policy" if chance.one_in(3) => "{ minimumReviews: 1 }",
            "with" => "{ slug: \"nobody\" }",
            "direction" => "KINDEST",
            "filter" if chance.one_in(3) => "{}",
            _ => continue,
        };
        given.push(format!("{}: {value}", arg["name"].as_str().unwrap()));
    }
    if given.is_empty() {
        String::new()
    } else {
        format!("({})", given.join(", "))
    }
}

/// Selects random fields of a type, with aliases, fragments, directives and duplicates.
fn select_random(types: &[Value], name: &str, depth: u32, chance: &mut TestRng) -> String {
    let mut selected = vec!["__typename".to_owned()];
    for field in of_name(types, name)["fields"].as_array().unwrap() {
        if !chance.one_in(3) {
            continue;
        }
        let below = base(&field["type"]);
        let below = match of_name(types, below)["kind"].as_str() {
            Some("OBJECT") if depth == 0 => continue,
            // Its reviews are read.
            _ if depth == 0 && field["name"] == "jsonLd" => continue,
            Some("OBJECT") => select_random(types, below, depth - 1, chance),
            _ => String::new(),
        };
        let condition = [
            "",
            "",
            "",
            " @skip(if: false)",
            " @include(if: $no)",
            " @skip(if: $no)",
        ];
        let condition = condition[chance.below(6)];
        // Fields with the same response name must have the same arguments, so each field gets a unique alias.
        let alias = format!("a{}", chance.below(1 << 30));
        let call = format!(
            "{alias}: {}{}{condition} {below}",
            field["name"].as_str().unwrap(),
            arguments(field, chance)
        );
        match chance.below(5) {
            0 => selected.push(format!("... on {name} {{ {call} }}")),
            1 => selected.push(format!("{call} ... {{ {call} }}")),
            _ => selected.push(call),
        }
    }
    format!("{{ {} }}", selected.join(" "))
}

pub async fn compare_random_selections(
    both: &ExecutorPair,
    seed: u64,
    rounds: usize,
    depth: u32,
) -> (u64, u64) {
    let types = both.types().await;
    let mut chance = TestRng::new(seed, 0);
    let (mut whole, mut failed) = (0, 0);
    for round in 0..rounds {
        let (list, name) = LISTS[round % 4];
        let first = 1 + chance.below(40);
        let nodes = select_random(&types, name, depth, &mut chance);
        let edges = select_random(&types, name, depth / 2, &mut chance);
        let document = format!(
            "query($no: Boolean = false) {{ {list}(first: {first}) {{ nodes {nodes} edges {{ cursor node {edges} }} }} __typename @include(if: $no) }}"
        );
        let response = both.compare(&document).await;
        if response.contains(r#""errors":["#) {
            failed += 1;
        } else {
            whole += 1;
        }
    }
    (whole, failed)
}

#[tokio::test]
async fn both_executors_return_the_same_for_random_selections() {
    let both = ExecutorPair::with_database(TestDatabase::demo().await);
    let (whole, failed) = compare_random_selections(&both, 1, 200, 3).await;
    assert!(whole > 20 && failed > 20, "{whole} whole, {failed} failed");
}
