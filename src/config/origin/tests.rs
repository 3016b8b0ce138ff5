use proptest::prelude::*;

use super::*;

/// Origins of apps and extensions.
const APPS: [&str; 11] = [
    "app://localhost",
    "app://.",
    "app://obsidian.md",
    "capacitor://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "ionic://localhost",
    "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
    "safari-web-extension://9b1c8c2d-1a55-4c1e-8d3e-0a6f4f3f7f10",
    "tauri://localhost",
    "vscode-webview://0f3kq9c1qvds2t8k1l0",
    "com.films.example+app://bundle:8080",
];

fn allows(allowed: &str, origin: &str) -> bool {
    AllowedOrigin::allows(&[allowed.parse().unwrap()], origin)
}

#[test]
fn an_origin_is_normalized() {
    for (text, normalized) in [
        ("https://films.example", "https://films.example"),
        ("https://Films.Example:443", "https://films.example"),
        ("http://films.example:80", "http://films.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("tauri://Localhost:443", "tauri://localhost:443"),
    ] {
        let origin: Origin = text.parse().unwrap();
        assert_eq!(origin.to_string(), normalized);
    }
}

#[test]
fn an_invalid_origin_is_rejected() {
    for text in [
        "",
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
        "https://films..example",
        "https://films.example ",
        " https://films.example",
        "https://[::1",
        "https://[x]",
        "Null",
        "wss://films.example",
        "file://",
        "file:///index.html",
        "tauri://",
        "tauri://localhost/",
        "tauri:localhost",
        "1app://localhost",
        "my app://localhost",
        "chrome-extension://abc def",
    ] {
        assert!(text.parse::<Origin>().is_err(), "{text}");
        assert!(text.parse::<AllowedOrigin>().is_err(), "{text}");
    }
    assert_eq!("null".parse::<Origin>(), Err(InvalidOrigin::Malformed));
    for text in ["ws://films.example", "file://films", "ftp://films.example"] {
        assert_eq!(
            text.parse::<AllowedOrigin>(),
            Err(InvalidOrigin::Scheme),
            "{text}"
        );
    }
}

#[test]
fn the_origin_of_an_app_is_allowed_exactly() {
    for origin in APPS {
        assert!(allows(origin, origin), "{origin}");
        for other in [
            "http://localhost",
            "https://localhost",
            "https://obsidian.md",
            "https://films.example",
            "null",
            "other://localhost",
            "tauri://localhost.evil.example",
        ] {
            assert!(!allows(origin, other), "{origin} {other}");
        }
        let others = APPS.iter().filter(|other| **other != origin);
        assert!(others.clone().count() == APPS.len() - 1);
        for other in others {
            assert!(!allows(origin, other), "{origin} {other}");
        }
        assert!(!origin.parse::<Origin>().unwrap().matches_host("localhost"));
    }
}

#[test]
fn a_wildcard_allows_the_subdomains_at_any_depth_only() {
    for (allowed, good) in [
        ("https://*.films.example", "https://www.films.example"),
        ("https://*.films.example", "https://a.b-2.films.example"),
        ("https://*.films.example", "https://WWW.Films.example:443"),
        (
            "https://*.films.example:8443",
            "https://www.films.example:8443",
        ),
        ("http://*.localhost:3000", "http://films.localhost:3000"),
    ] {
        assert!(allows(allowed, good), "{allowed} {good}");
    }
    for bad in [
        "https://films.example",
        "https://evilfilms.example",
        "https://.films.example",
        "https://www..films.example",
        "https://www.films.example.evil.example",
        "https://www.films.example:8443",
        "https://evil.example/.films.example",
        "https://evil.example?.films.example",
        "https://evil.example#.films.example",
        "https://evil@www.films.example",
        "https://*.films.example",
        "http://www.films.example",
        "tauri://www.films.example",
        "www.films.example",
        "null",
        "",
    ] {
        assert!(!allows("https://*.films.example", bad), "{bad}");
    }
}

#[test]
fn a_wildcard_elsewhere_is_rejected() {
    for text in [
        "https://*",
        "https://*.",
        "https://*.com",
        "https://*.*.films.example",
        "https://www.*.example",
        "https://*films.example",
        "https://films.*",
        "https://films.example:*",
        "*://films.example",
        "*.films.example",
        "https://*.127.0.0.1",
        "http://*.0.0.1",
        "http://*.0.1",
        "https://*.[::1]",
        "https://*.films.example/",
        "chrome-extension://*",
        "tauri://*.films.example",
        "**",
    ] {
        assert_eq!(
            text.parse::<AllowedOrigin>(),
            Err(InvalidOrigin::Wildcard),
            "{text}"
        );
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
        ("tauri://localhost", "localhost", false),
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

#[test]
fn the_origin_null_is_allowed_by_its_name_only() {
    assert!(allows("null", "null") && allows("*", "null"));
    for other in ["", "NULL", "https://null", "https://films.example"] {
        assert!(!allows("null", other), "{other}");
    }
}

proptest! {
    #[test]
    fn any_string_is_rejected_or_an_origin_whose_text_parses_to_itself(text in "((https?|tauri)://)?\\PC{0,30}") {
        if let Ok(origin) = text.parse::<Origin>() {
            prop_assert_eq!(origin.to_string().parse(), Ok(origin));
        }
    }

    #[test]
    fn a_wildcard_allows_what_browsers_call_a_subdomain(prefix in "[a-z0-9.@/?#:-]{0,12}") {
        let origin = format!("https://{prefix}films.example");
        let labels = prefix.strip_suffix('.').map(|labels| labels.split('.'));
        let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let is_subdomain = labels.is_some_and(|mut labels| labels.all(is_label));
        prop_assert_eq!(allows("https://*.films.example", &origin), is_subdomain);
    }
}
