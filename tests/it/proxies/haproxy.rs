//! `HAProxy`.

use std::{fs, process::Command};

use super::{Proxy, documented, program, replaced};
use crate::support::{TestDatabase, TestServer, eventually};

#[tokio::test]
async fn haproxy_serves_all_transports() {
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &["--trusted-proxy=127.0.0.1"]);
    let settings = documented("docs/proxies.md", "haproxy");
    let settings = replaced(&settings, "127.0.0.1:8000", &server.address().to_string());
    let proxy = Proxy::start(|directory, address| {
        let settings = replaced(&settings, "bind :8080", &format!("bind {address}"));
        let file = directory.join("haproxy.cfg");
        fs::write(&file, settings).unwrap();
        let mut command = Command::new(program("haproxy"));
        command.arg("-db").arg("-f").arg(&file);
        command
    })
    .await;
    // A server that HAProxy has not checked yet is taken for healthy.
    let is_healthy = async || {
        let response = proxy.client.get(proxy.url("/health/ready")).send().await;
        response.unwrap().status() == 200
    };
    eventually("the server is healthy", is_healthy).await;
    proxy
        .assert_serves_all_transports(&server, "/graphql")
        .await;
}
