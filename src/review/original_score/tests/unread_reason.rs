//! Scales that don't start at zero, and the labels of the reasons.

use super::*;

#[test]
fn a_sign_or_a_range_as_the_scale_is_not_from_zero() {
    let texts = [
        "+1 out of -4..+4",
        "+3 out of -4..+4",
        "high +2 out of -4..+4",
        "low +2 out of -4..+4",
        "0 out of -4..+4",
        "0 out of -4…+4",
        "+1",
        "-4",
        "−4",
        "–4",
        "-3/5",
        "+2/4",
        "3/-5",
        "(-4)",
        "+3½",
        "-3 stars",
        "3 stars -1",
        "+85%",
        "3 out of 1-5",
        "3 out of 1..5",
        "3 out of 1 to 5",
        "3 of 1–10",
    ];
    assert_unread(UnreadReason::NotFromZero, scales(Some(10), 4), &texts);
}

#[test]
fn a_joining_hyphen_and_a_range_from_zero_are_not_signs() {
    let texts = [
        "1-5",
        "1 - 5",
        "- 3/5",
        "B-3",
        "3 out of 0-5",
        "3 of 0 to 5",
        "7+",
        "5-",
        "..",
        "+",
        "-",
    ];
    assert_unread(UnreadReason::Malformed, scales(Some(10), 4), &texts);
}

#[test]
fn every_reason_is_listed_in_order_and_has_a_label() {
    assert!(UnreadReason::ALL.is_sorted());
    let labels = UnreadReason::ALL.map(|reason| reason.to_string());
    assert_eq!(
        labels,
        [
            "a bare number",
            "more than its scale",
            "a scale that isn't from zero",
            "words",
            "a form that fits no rule",
        ]
    );
}
