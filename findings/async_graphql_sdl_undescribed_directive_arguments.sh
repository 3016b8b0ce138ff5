#!/usr/bin/env bash
# async-graphql's schema as text leaves out the descriptions of a directive's arguments, which introspection of the same schema has. Descriptions of
# the directive itself, and of the arguments of fields, are in both.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "undescribed"
version = "0.0.0"
edition = "2024"

[dependencies]
async-graphql = { version = "=8.0.0-rc.5", default-features = false }
futures-executor = "=0.3.31"
TOML
cat >src/main.rs <<'RUST'
use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, TypeDirective};

/// Bounds a text.
#[TypeDirective(location = "ArgumentDefinition")]
fn bound(#[graphql(desc = "The most characters.")] most: Option<i32>) {}

struct Query;

#[Object]
impl Query {
    /// Says a name again.
    async fn echo(&self, #[graphql(desc = "The name.", directive = bound::apply(Some(5)))] name: String) -> String {
        name
    }
}

fn main() {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let text = schema.sdl();
    let query = "{ __schema { directives { name description args { name description } } } }";
    let answer = futures_executor::block_on(schema.execute(query)).data.to_string();
    println!("async-graphql 8.0.0-rc.5");
    for description in ["Bounds a text.", "The name.", "The most characters."] {
        println!("{description:?} as text: {}, by introspection of directives: {}", text.contains(description), answer.contains(description));
    }
    assert!(text.contains("Bounds a text.") && text.contains("The name."));
    assert!(answer.contains("The most characters.") && !text.contains("The most characters."));
}
RUST
cargo run --quiet
