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
fn a_score_above_a_maximum_of_the_site_names_it() {
    let scales = scales(Some(10), 4);
    for (text, label, field) in [
        ("5 stars", "more than 4 stars", Some("starsOutOf")),
        ("*****", "more than 4 stars", Some("starsOutOf")),
        ("11", "a bare number above 10", Some("bareScoresOutOf")),
        ("5/4", "more than its scale", None),
        ("6 out of 5 stars", "more than its scale", None),
        ("words", "words", None),
    ] {
        let reason = read(text, &scales).unwrap_err();
        assert_eq!(reason.to_string(), label, "{text}");
        assert_eq!(reason.site_rule().map(|rule| rule.field), field, "{text}");
    }
    let bare = UnreadReason::BareNumber.site_rule();
    assert_eq!(bare.map(|rule| rule.option), Some("--bare-scores-out-of"));
}
