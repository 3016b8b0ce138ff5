//! Whose address a request is charged to, behind proxies and without.

use super::{asking, limited, remaining};
use crate::support::TestServer;

/// What is left for who asks with these headers.
async fn left(server: &TestServer, headers: &[(&str, &str)]) -> u32 {
    let mut request = asking(server, "{ __typename }");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    remaining(&request.send().await.unwrap())
}

#[tokio::test]
async fn whom_a_stranger_names_makes_no_difference() {
    for more in [&[][..], &["--trusted-proxy=10.0.0.0/8,192.0.2.1"]] {
        let server = limited(100, more).await;
        for (asked, name) in [(99, "192.0.2.7"), (98, "192.0.2.8"), (97, "10.0.0.1")] {
            assert_eq!(left(&server, &[("x-forwarded-for", name)]).await, asked);
        }
        assert_eq!(left(&server, &[("forwarded", "for=192.0.2.9")]).await, 96);
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_whom_it_asks_for() {
    let server = limited(
        100,
        &["--trusted-proxy=10.0.0.0/8", "--trusted-proxy=127.0.0.1"],
    )
    .await;
    let name = async |told: &str| left(&server, &[("x-forwarded-for", told)]).await;
    assert_eq!(name("192.0.2.7").await, 99);
    assert_eq!(name("192.0.2.8").await, 99);
    // What a client sends itself stands to the left of what its proxy adds.
    assert_eq!(name("192.0.2.8, 192.0.2.7").await, 98);
    assert_eq!(name("junk, 192.0.2.7, 10.1.1.1").await, 97);
    // A network of IPv6 counts as one.
    assert_eq!(name("2001:db8::1").await, 99);
    assert_eq!(name("2001:db8::2").await, 98);
    // What can't be read is the proxy's own.
    assert_eq!(left(&server, &[]).await, 99);
    assert_eq!(name("unknown").await, 98);
    // A header that the proxies don't write comes from who knows where.
    assert_eq!(left(&server, &[("forwarded", "for=192.0.2.9")]).await, 97);
}

#[tokio::test]
async fn proxies_may_tell_it_by_the_standardised_header() {
    let proxies = ["--trusted-proxy=127.0.0.1", "--proxy-header=forwarded"];
    let server = limited(100, &proxies).await;
    assert_eq!(left(&server, &[("forwarded", "for=192.0.2.7")]).await, 99);
    assert_eq!(
        left(&server, &[("forwarded", "for=192.0.2.7;proto=https")]).await,
        98
    );
    assert_eq!(left(&server, &[("x-forwarded-for", "192.0.2.7")]).await, 99);
}
