//! The client address that a request is charged to, with and without proxies.

use super::{TYPENAME_COST, graphql_request, limited, remaining};
use crate::support::TestServer;

/// A bucket of a hundred requests.
const BURST: u32 = 100 * TYPENAME_COST;

/// Sends a request with these headers and returns the number of requests that the remaining units pay for.
async fn remaining_requests(server: &TestServer, headers: &[(&str, &str)]) -> u32 {
    let mut request = graphql_request(server, "{ __typename }");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    remaining(&request.send().await.unwrap()) / TYPENAME_COST
}

#[tokio::test]
async fn forwarded_headers_of_untrusted_clients_are_ignored() {
    for more in [&[][..], &["--trusted-proxy=10.0.0.0/8,192.0.2.1"]] {
        let server = limited(BURST, more).await;
        for (expected, name) in [(99, "192.0.2.7"), (98, "192.0.2.8"), (97, "10.0.0.1")] {
            assert_eq!(
                remaining_requests(&server, &[("x-forwarded-for", name)]).await,
                expected
            );
        }
        assert_eq!(
            remaining_requests(&server, &[("forwarded", "for=192.0.2.9")]).await,
            96
        );
    }
}

#[tokio::test]
async fn the_client_address_comes_from_a_trusted_proxy() {
    let server = limited(
        BURST,
        &["--trusted-proxy=10.0.0.0/8", "--trusted-proxy=127.0.0.1"],
    )
    .await;
    let name = async |chain: &str| remaining_requests(&server, &[("x-forwarded-for", chain)]).await;
    assert_eq!(name("192.0.2.7").await, 99);
    assert_eq!(name("192.0.2.8").await, 99);
    // The proxy appends its client's address on the right; entries to the left may be forged.
    assert_eq!(name("192.0.2.8, 192.0.2.7").await, 98);
    assert_eq!(name("junk, 192.0.2.7, 10.1.1.1").await, 97);
    // An IPv6 network shares one bucket.
    assert_eq!(name("2001:db8::1").await, 99);
    assert_eq!(name("2001:db8::2").await, 98);
    // An unparsable entry is charged to the proxy's address.
    assert_eq!(remaining_requests(&server, &[]).await, 99);
    assert_eq!(name("unknown").await, 98);
    // A header other than the configured one may be forged, so it is ignored.
    assert_eq!(
        remaining_requests(&server, &[("forwarded", "for=192.0.2.9")]).await,
        97
    );
}

#[tokio::test]
async fn proxies_may_use_the_forwarded_header() {
    let proxies = ["--trusted-proxy=127.0.0.1", "--proxy-header=forwarded"];
    let server = limited(BURST, &proxies).await;
    assert_eq!(
        remaining_requests(&server, &[("forwarded", "for=192.0.2.7")]).await,
        99
    );
    assert_eq!(
        remaining_requests(&server, &[("forwarded", "for=192.0.2.7;proto=https")]).await,
        98
    );
    assert_eq!(
        remaining_requests(&server, &[("x-forwarded-for", "192.0.2.7")]).await,
        99
    );
}
