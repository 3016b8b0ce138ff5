#!/usr/bin/env bash
# sea-query-sqlx hands a statement's values to the driver, and when the driver can't encode one of them it says nothing: the value is left out, and the
# statement goes on with fewer values than it has places, which move up. sqlx itself returns the error.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "drops-values"
version = "0.0.0"
edition = "2024"

[dependencies]
bigdecimal = "=0.4.10"
sea-query = { version = "=1.0.2", default-features = false, features = ["backend-postgres", "with-bigdecimal"] }
sea-query-sqlx = { version = "=0.9.1", default-features = false, features = ["sqlx-postgres", "with-bigdecimal"] }
sqlx = { version = "=0.9.0", default-features = false, features = ["postgres", "bigdecimal"] }
TOML
cat >src/main.rs <<'RUST'
use std::str::FromStr;

use bigdecimal::BigDecimal;
use sea_query::{Value, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{Arguments, IntoArguments, Postgres, postgres::PgArguments};

fn main() {
    // A number that BigDecimal can hold, and PostgreSQL's numeric can't.
    let tiny = BigDecimal::from_str("1E-40000").unwrap();
    let mut direct = PgArguments::default();
    let refused = direct.add(tiny.clone());
    println!("sqlx 0.9.0: {refused:?}");
    assert!(refused.is_err());

    let values = vec![Value::from(7_i64), Value::from(tiny), Value::from("last")];
    let given = values.len();
    let arguments = IntoArguments::<Postgres>::into_arguments(SqlxValues(Values(values)));
    println!("sea-query-sqlx 0.9.1: {given} values given, {} handed on, no error", arguments.len());
    assert_eq!((given, arguments.len()), (3, 2));
}
RUST
cargo run --quiet
