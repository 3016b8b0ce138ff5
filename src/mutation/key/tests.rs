use serde_json::json;

use super::*;

#[test]
fn the_fingerprint_does_not_depend_on_the_order_of_fields() {
    let one: Value = serde_json::from_str(r#"{"a": {"x": 1, "y": [null]}, "b": "c"}"#).unwrap();
    let other: Value =
        serde_json::from_str(r#"{"b": "c", "idempotencyKey": "k", "a": {"y": [null], "x": 1}}"#)
            .unwrap();
    assert_eq!(fingerprint("m", &one), fingerprint("m", &other));
}

#[test]
fn different_inputs_have_different_fingerprints() {
    let inputs = [
        json!({}),
        json!({"a": null}),
        json!({"a": "null"}),
        json!({"a": 1}),
        json!({"a": "1"}),
        json!({"a": [1]}),
        json!({"a": ["1", "2"]}),
        json!({"a": ["12"]}),
        json!({"a": {"b": 1}}),
        json!({"a": "1", "b": "2"}),
        json!({"ab": "12"}),
    ];
    let mut fingerprints: Vec<_> = inputs.iter().map(|input| fingerprint("m", input)).collect();
    fingerprints.push(fingerprint("n", &inputs[0]));
    let count = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), count);
}

#[test]
fn a_key_has_1_to_255_printable_ascii_characters() {
    for valid in ["a", "7f2c-11", "with a space", &"k".repeat(255)] {
        assert!(is_valid_key(valid), "{valid}");
    }
    for invalid in ["", "é", "a\n", "\0", &"k".repeat(256)] {
        assert!(!is_valid_key(invalid), "{invalid}");
    }
}
