use proptest::prelude::*;

use super::*;

#[test]
fn an_origin_is_normalized() {
    for (text, normalized) in [
        ("https://films.example", "https://films.example"),
        ("https://Films.Example:443", "https://films.example"),
        ("http://films.example:80", "http://films.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ] {
        let origin: Origin = text.parse().unwrap();
        assert_eq!(origin.to_string(), normalized);
    }
}

#[test]
fn an_invalid_origin_is_rejected() {
    for text in [
        "",
        "null",
        "films.example",
        "//films.example",
        "ftp://films.example",
        "HTTPS://films.example",
        "https://",
        "https://films.example/",
        "https://films.example/path",
        "https://films.example?x",
        "https://user@films.example",
        "https://films.example:",
        "https://films.example:0",
        "https://films.example:+80",
        "https://films.example:65536",
        "https://*.films.example",
        "https://films..example",
        "https://films.example ",
        " https://films.example",
        "https://[::1",
        "https://[x]",
    ] {
        assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        assert_eq!(text.parse::<AllowedOrigin>(), Err(InvalidOrigin), "{text}");
    }
}

#[test]
fn an_origin_matches_a_host_header_with_its_host_and_port() {
    for (origin, host, matches) in [
        ("http://localhost:8000", "localhost:8000", true),
        ("http://LOCALHOST:8000", "Localhost:8000", true),
        ("https://films.example", "films.example", true),
        ("https://films.example", "films.example:443", true),
        ("http://films.example", "films.example:443", false),
        ("http://localhost:3000", "localhost:8000", false),
        ("https://films.example", "films.example.evil.example", false),
        ("https://evil-films.example", "films.example", false),
        ("https://films.example", "", false),
    ] {
        let origin: Origin = origin.parse().unwrap();
        assert_eq!(origin.matches_host(host), matches, "{origin} at {host}");
    }
}

#[test]
fn only_listed_origins_are_allowed_unless_all_are() {
    let list = ["https://a.example", "http://localhost:3000"].map(|one| one.parse().unwrap());
    assert!(AllowedOrigin::allows(&list, "https://a.example"));
    assert!(AllowedOrigin::allows(&list, "http://localhost:3000"));
    for other in [
        "http://a.example",
        "https://b.example",
        "https://a.example:8443",
        "null",
        "",
    ] {
        assert!(!AllowedOrigin::allows(&list, other), "{other}");
        assert!(
            AllowedOrigin::allows(&[AllowedOrigin::Any], other),
            "{other}"
        );
    }
}

proptest! {
    #[test]
    fn any_string_is_rejected_or_an_origin_whose_text_parses_to_itself(text in "(https?://)?\\PC{0,30}") {
        if let Ok(origin) = text.parse::<Origin>() {
            prop_assert_eq!(origin.to_string().parse(), Ok(origin));
        }
    }
}
