//! Who may read the metrics at the address of the API.

use std::net::{IpAddr, UdpSocket};

use reqwest::Client;
use serde_json::Value;

use crate::support::{
    TestServer,
    program::{DataDir, Program},
};

/// Returns an address of this machine that other machines may reach. Prints a notice if there is none.
fn outer_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // Connecting a UDP socket sends nothing. It only chooses the address.
    let connected = socket.connect("192.0.2.1:9");
    let address = connected.and_then(|()| socket.local_addr());
    let address = address.ok().map(|address| address.ip());
    let address = address.filter(|address| !address.is_loopback() && !address.is_unspecified());
    if address.is_none() {
        eprintln!("NOT TESTED: this machine has only loopback addresses");
    }
    address
}

/// Starts a server on all addresses, and returns it with its port.
fn serve_all(dir: &DataDir, more: &[&str]) -> (Program, u16) {
    let arguments = ["serve", "--listen=:0", "--workers=1"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let mut server = Program::start(dir.command(&arguments), None);
    let line = server.wait_for("ready: http://");
    let (_, rest) = line.split_once("ready: http://").unwrap();
    let (address, _) = rest.split_once("/graphql").unwrap();
    let (_, port) = address.rsplit_once(':').unwrap();
    let port = port.parse().unwrap();
    (server, port)
}

/// Asserts that a response says that the metrics are not public, and which settings change that.
async fn assert_refused(response: reqwest::Response) {
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    let error = &body["errors"][0];
    assert_eq!(error["extensions"]["code"], "METRICS_NOT_PUBLIC");
    let message = error["message"].as_str().unwrap();
    for setting in ["--metrics-listen", "--public-metrics"] {
        assert!(message.contains(setting), "{message}");
    }
    assert!(!text.contains("marquee_"), "{text}");
}

#[tokio::test]
async fn clients_of_other_machines_get_no_metrics_unless_they_are_public() {
    let Some(outer) = outer_address() else {
        return;
    };
    let dir = DataDir::migrated();
    let get = async |host: String, path: &str| {
        let url = format!("http://{host}{path}");
        Client::new().get(url).send().await.unwrap()
    };
    let (server, port) = serve_all(&dir, &[]);
    for path in ["/metrics", "/metrics/"] {
        assert_refused(get(format!("{outer}:{port}"), path).await).await;
        let local = get(format!("127.0.0.1:{port}"), path).await;
        assert_eq!(local.status(), 200);
        assert!(local.text().await.unwrap().contains("marquee_build_info"));
    }
    let live = get(format!("{outer}:{port}"), "/health/live").await;
    assert_eq!(live.status(), 200);
    let log = server.stop().stderr;
    assert!(
        log.contains("/metrics answers clients on this machine only"),
        "{log}"
    );

    for more in [
        &["--public-metrics"][..],
        &["--public-metrics", "--metrics-listen=127.0.0.1:0"],
    ] {
        let (server, port) = serve_all(&dir, more);
        let response = get(format!("{outer}:{port}"), "/metrics").await;
        assert_eq!(response.status(), 200);
        assert!(
            response
                .text()
                .await
                .unwrap()
                .contains("marquee_build_info")
        );
        let log = server.stop().stderr;
        assert!(!log.contains("clients on this machine only"), "{log}");
    }
    let (server, port) = serve_all(&dir, &["--metrics-listen=127.0.0.1:0"]);
    let response = get(format!("{outer}:{port}"), "/metrics").await;
    assert_eq!(response.status(), 404);
    assert!(server.stop().status.success());
}

#[tokio::test]
async fn a_proxy_on_the_same_machine_gets_no_metrics_for_its_clients() {
    let server = TestServer::empty().await;
    let get = || server.client().get(server.url("/metrics"));
    assert_eq!(get().send().await.unwrap().status(), 200);
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("via", "1.1 cache"),
    ] {
        assert_refused(get().header(name, value).send().await.unwrap()).await;
    }
    let head = server.client().head(server.url("/metrics"));
    let head = head.header("via", "1.1 cache").send().await.unwrap();
    assert_eq!(head.status(), 403);
}
