use super::*;

#[test]
fn the_path_is_added_to_the_collectors_address() {
    for (base, expected) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        (
            "https://c.example/otlp/",
            "https://c.example/otlp/v1/traces",
        ),
    ] {
        assert_eq!(traces_url(base).unwrap(), expected);
    }
}

#[test]
fn an_invalid_url_is_rejected_and_not_repeated() {
    for invalid in [
        "",
        "127.0.0.1:4318",
        "grpc://c.example",
        "http://u:hunter2@c.example",
        "http://c.example/?key=hunter2",
    ] {
        let error = traces_url(invalid).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
