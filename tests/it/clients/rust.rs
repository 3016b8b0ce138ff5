//! Rust clients: the crate `tests/clients-rust`, which is built against the schema of the server.

use std::{fs, process::Command};

use marquee::graphql::schema;

use super::packages::{run, server_with_editor};
use crate::support::root;

#[tokio::test]
async fn cynic_and_graphql_client_leave_out_what_is_not_set() {
    let directory = root().join("tests/clients-rust");
    let target = root().join("target/clients-rust");
    let file = directory.join("schema.graphql");
    let sdl = schema::sdl();
    // An unchanged schema must not cause another build.
    if fs::read_to_string(&file).ok().as_ref() != Some(&sdl) {
        fs::write(&file, &sdl).unwrap();
    }
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["build", "--locked", "--quiet"])
        .current_dir(&directory)
        .env("CARGO_TARGET_DIR", &target);
    let building = tokio::task::spawn_blocking(move || build.output().unwrap());
    let result = building.await.unwrap();
    let output = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{output}");
    let (server, editor) = server_with_editor().await;
    let mut client = Command::new(target.join("debug/marquee-client-rust"));
    client.args([server.url(""), editor]);
    run(client).await;
}
