use super::*;

#[test]
fn a_proxy_is_an_address_or_a_network() {
    for (text, inside, outside) in [
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("10.0.0.0/8", "::ffff:10.9.9.9", "11.0.0.1"),
        ("10.1.2.3/8", "10.9.9.9", "11.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("fd00::/8", "fd12::1", "fe80::1"),
    ] {
        let network: Network = text.parse().unwrap();
        assert!(network.contains(inside.parse().unwrap()), "{text}");
        assert!(!network.contains(outside.parse().unwrap()), "{text}");
    }
    for text in [
        "",
        "proxy",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0/8",
        "::1/129",
    ] {
        assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
    }
}
