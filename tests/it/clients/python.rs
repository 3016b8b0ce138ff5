//! Python clients. `make test` creates an environment for each lockfile of `tests/clients-python`.

use std::process::Command;

use super::packages::{self, server_with_editor};
use crate::support::root;

/// Runs a program in one of the environments, with the URL of a server and the token of an editor.
async fn run(environment: &str, script: &str) {
    let (server, editor) = server_with_editor().await;
    let python = root().join(format!("target/clients-python/{environment}/bin/python"));
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(root().join("tests/clients-python").join(script))
        .args([server.url(""), editor]);
    packages::run(command).await;
}

#[tokio::test]
async fn gql_queries_mutates_and_subscribes() {
    run("gql", "with_gql.py").await;
}

#[tokio::test]
async fn a_client_of_ariadne_codegen_queries_mutates_and_subscribes() {
    run("codegen", "with_ariadne.py").await;
}

#[tokio::test]
async fn sgqlc_reads_dates_and_times_and_sends_only_what_is_set() {
    run("codegen", "with_sgqlc.py").await;
}
