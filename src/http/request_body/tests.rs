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
