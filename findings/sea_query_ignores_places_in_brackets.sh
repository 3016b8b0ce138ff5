#!/usr/bin/env bash
# sea-query's expressions from a text with values bind no place that stands between square brackets, also for PostgreSQL, where these are arrays and
# subscripts: its tokenizer takes them for the quotes of a name. The text still has the place, and the value is missing.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "brackets"
version = "0.0.0"
edition = "2024"

[dependencies]
sea-query = { version = "=1.0.2", default-features = false, features = ["backend-postgres"] }
TOML
cat >src/main.rs <<'RUST'
use sea_query::{Expr, PostgresQueryBuilder, Query, Value};

/// Builds a statement with an expression of two places, and returns its text and the number of its values.
fn built(template: &'static str) -> (String, usize) {
    let values = [Value::from("drama"), Value::from("comedy")];
    let select = Query::select().expr(Expr::cust_with_values(template, values)).to_owned();
    let (sql, values) = select.build(PostgresQueryBuilder);
    (sql, values.0.len())
}

fn main() {
    println!("sea-query 1.0.2");
    for (template, bound) in [
        ("$1 = any(string_to_array($2, ','))", 2),
        ("$1 = any(ARRAY[$2])", 1),
        ("(string_to_array($1, ','))[$2]", 1),
        ("ARRAY[$1, $2]", 0),
    ] {
        let (sql, values) = built(template);
        println!("{template}: {sql:?} with {values} of 2 values");
        assert!(sql.contains("$2"));
        assert_eq!(values, bound);
    }
}
RUST
cargo run --quiet
