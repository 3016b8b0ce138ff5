use super::*;

#[test]
fn an_id_is_short_and_needs_no_quoting() {
    for good in ["a", "0af7651916cd43dd8448eb211c80319c", "host-1:42.7_x"] {
        let value = HeaderValue::from_static(good);
        assert_eq!(RequestId::from_header(&value).unwrap().as_str(), good);
    }
    let long = "a".repeat(MAX_LENGTH + 1);
    for bad in [
        "",
        "a b",
        "a\"b",
        "{}",
        "ä",
        &long,
        "marquee_0123456789ab_x",
    ] {
        let value = HeaderValue::from_bytes(bad.as_bytes()).unwrap();
        assert_eq!(RequestId::from_header(&value), None, "{bad}");
    }
}

#[test]
fn generated_ids_differ_and_are_valid() {
    let ids = RequestIdGenerator::default();
    let [one, other] = [ids.next(), ids.next()];
    assert_ne!(one, other);
    assert_eq!(one.as_str().len(), 16);
    assert_eq!(RequestId::from_header(&one.to_header_value()), Some(one));
}
