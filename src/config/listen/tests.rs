use super::*;

fn parse(text: &str) -> Result<ListenAddress, InvalidListenAddress> {
    text.parse()
}

#[test]
fn every_usual_form_of_an_address_is_read() {
    for (text, expected) in [
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("[::1]:8000", "[::1]:8000"),
        ("[::]:8000", "[::]:8000"),
        ("8000", "127.0.0.1:8000"),
        ("0", "127.0.0.1:0"),
        (":8000", "*:8000"),
        ("*:8000", "*:8000"),
        ("localhost:8000", "localhost:8000"),
        ("films.example:443", "films.example:443"),
        ("my_host-1:80", "my_host-1:80"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn every_other_form_is_rejected_in_words() {
    use InvalidListenAddress::{Host, NoBrackets, NoPort, Port, Url};
    for (text, expected) in [
        ("", NoPort),
        ("localhost", NoPort),
        ("127.0.0.1", NoPort),
        ("[::1]", NoPort),
        ("*", NoPort),
        ("::1:8000", NoBrackets),
        ("::1", NoBrackets),
        ("::", NoBrackets),
        ("fe80::1:2:3:4:5:6:7:8000", NoBrackets),
        ("localhost:", Port),
        (":", Port),
        ("localhost:http", Port),
        ("localhost:+80", Port),
        ("localhost:65536", Port),
        ("70000", Port),
        ("127.0.0.1:70000", Port),
        ("[::1]:70000", Port),
        ("[::1]:", Port),
        ("http://localhost:8000", Url),
        ("tcp://127.0.0.1:8000", Url),
        ("[localhost]:8000", Host),
        ("films example:80", Host),
        ("/run/marquee.sock:1", Host),
    ] {
        assert_eq!(parse(text), Err(expected), "{text}");
    }
}
