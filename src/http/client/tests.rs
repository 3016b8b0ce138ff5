use actix_web::test::TestRequest;
use proptest::prelude::*;

use super::*;

const PROXY: &str = "10.0.0.1";

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn proxies(header: ProxyHeader) -> TrustedProxies {
    let trusted = ["10.0.0.0/8", "2001:db8:1::/48"].map(|network| network.parse().unwrap());
    TrustedProxies::new(trusted.into(), header)
}

/// Returns the client address of a request from a peer with these header values.
fn client_of(peer: &str, header: ProxyHeader, values: &[&str]) -> IpAddr {
    let proxies = proxies(header);
    let peer = std::net::SocketAddr::new(address(peer), 4711);
    let mut request = TestRequest::default().peer_addr(peer);
    for value in values {
        request = request.append_header((proxies.header_name(), *value));
    }
    proxies.client_of(&request.to_http_request())
}

#[test]
fn the_client_is_the_nearest_untrusted_address() {
    use ProxyHeader::XForwardedFor;
    for (values, client) in [
        (&["192.0.2.1"][..], "192.0.2.1"),
        (&["198.51.100.9, 192.0.2.1"], "192.0.2.1"),
        (&["198.51.100.9, 192.0.2.1, 10.0.0.7"], "192.0.2.1"),
        (
            &["198.51.100.9", "192.0.2.1, 10.0.0.7", "10.1.1.1"],
            "192.0.2.1",
        ),
        (&["junk, 192.0.2.1"], "192.0.2.1"),
        (&["192.0.2.1:8080"], "192.0.2.1"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["[2001:db8::7]:8080, 2001:db8:1::5"], "2001:db8::7"),
        (&["::ffff:192.0.2.1"], "192.0.2.1"),
        // If all addresses are trusted, the leftmost one is the client.
        (&["10.9.9.9, 10.0.0.7"], "10.9.9.9"),
        // With an invalid value the client is the proxy itself.
        (&[], PROXY),
        (&[""], PROXY),
        (&["192.0.2.1,"], PROXY),
        (&["192.0.2.1, unknown"], PROXY),
        (&["192.0.2.1, 300.1.1.1"], PROXY),
        (&["junk, 10.0.0.7"], PROXY),
    ] {
        assert_eq!(
            client_of(PROXY, XForwardedFor, values),
            address(client),
            "{values:?}"
        );
    }
}

#[test]
fn the_forwarded_header_is_supported() {
    use ProxyHeader::Forwarded;
    for (values, client) in [
        (&["for=192.0.2.1"][..], "192.0.2.1"),
        (
            &["For=198.51.100.9;proto=http, FOR=\"192.0.2.1:80\" ; by=10.0.0.1"],
            "192.0.2.1",
        ),
        (
            &["for=\"[2001:db8::7]:4711\"", "for=10.0.0.2"],
            "2001:db8::7",
        ),
        (&["for=_hidden, for=192.0.2.1"], "192.0.2.1"),
        (&["for=192.0.2.1, for=_hidden"], PROXY),
        (&["for=192.0.2.1, proto=https"], PROXY),
        (&["for=192.0.2.1;for=192.0.2.2"], PROXY),
        (&["for=\"192.0.2.9, for=192.0.2.1"], PROXY),
        (&["for=192.0.2.9;x=\"", "for=192.0.2.1"], PROXY),
        (&["192.0.2.1"], PROXY),
        (&[], PROXY),
    ] {
        assert_eq!(
            client_of(PROXY, Forwarded, values),
            address(client),
            "{values:?}"
        );
    }
}

#[test]
fn the_headers_of_an_untrusted_peer_are_ignored() {
    let untrusted = "203.0.113.5";
    for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
        for value in ["192.0.2.1", "for=192.0.2.1", "10.0.0.1"] {
            assert_eq!(client_of(untrusted, header, &[value]), address(untrusted));
        }
    }
    assert_eq!(
        TrustedProxies::default().client_of(&TestRequest::default().to_http_request()),
        address("0.0.0.0")
    );
}

#[test]
fn only_the_configured_header_is_read() {
    let peer = std::net::SocketAddr::new(address(PROXY), 4711);
    let request = TestRequest::default()
        .peer_addr(peer)
        .insert_header((FORWARDED, "for=192.0.2.9"))
        .insert_header((X_FORWARDED_FOR, "192.0.2.1"))
        .to_http_request();
    let client = |header| proxies(header).client_of(&request);
    assert_eq!(client(ProxyHeader::XForwardedFor), address("192.0.2.1"));
    assert_eq!(client(ProxyHeader::Forwarded), address("192.0.2.9"));
}

#[test]
fn the_addresses_of_an_ipv6_network_count_as_one_and_mapped_addresses_as_ipv4() {
    for (one, other, same) in [
        ("2001:db8::1", "2001:db8::ffff:0:2", true),
        ("2001:db8::1", "2001:db8:0:1::1", false),
        ("10.0.0.1", "::ffff:10.0.0.1", true),
        ("10.0.0.1", "::ffff:10.0.0.2", false),
    ] {
        let equal = client_network(address(one)) == client_network(address(other));
        assert_eq!(equal, same, "{one} {other}");
    }
}

proptest! {
    /// A client may send any header value. Only the part that its proxy appends counts.
    #[test]
    fn a_client_cannot_forge_its_address(sent in "[ -~]{0,60}", client: u32) {
        prop_assume!(client >> 24 != 10);
        let client = IpAddr::from(Ipv4Addr::from(client));
        let added = format!("{sent}, {client}");
        let values: [&[u8]; 1] = [added.as_bytes()];
        let from_x_forwarded_for = proxies(ProxyHeader::XForwardedFor).client(address(PROXY), &values);
        prop_assert_eq!(from_x_forwarded_for, client);
        for element in [format!("for={client}"), format!("by=x;for=\"{client}:80\"")] {
            for values in [vec![format!("{sent}, {element}")], vec![sent.clone(), element]] {
                let values: Vec<&[u8]> = values.iter().map(String::as_bytes).collect();
                let from_forwarded = proxies(ProxyHeader::Forwarded).client(address(PROXY), &values);
                // After a syntax error the client is the proxy itself.
                prop_assert!(from_forwarded == client || from_forwarded == address(PROXY), "{from_forwarded}");
            }
        }
    }

    #[test]
    fn arbitrary_header_values_do_not_panic(values: Vec<Vec<u8>>) {
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            proxies(header).client(address(PROXY), &values);
        }
    }
}
