use actix_web::http::header::HeaderValue;

use super::*;

fn headers(name: actix_web::http::header::HeaderName, value: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_static(value));
    headers
}

#[test]
fn the_content_length_is_parsed_and_saturates() {
    for (length, parsed) in [
        ("0", 0),
        ("12", 12),
        ("99999999999999999999999999", usize::MAX),
    ] {
        let headers = headers(CONTENT_LENGTH, length);
        assert_eq!(content_length(&headers), Some(parsed));
    }
    assert_eq!(content_length(&HeaderMap::new()), None);
}

#[test]
fn only_a_body_without_an_encoding_is_accepted() {
    assert!(check_encoding(&HeaderMap::new()).is_ok());
    assert!(check_encoding(&headers(CONTENT_ENCODING, "Identity")).is_ok());
    for encoding in ["gzip", "br", "gzip, identity", ""] {
        assert!(check_encoding(&headers(CONTENT_ENCODING, encoding)).is_err());
    }
}
