//! Bare numbers.

use super::*;

const NUMBERS: [(&str, u8); 12] = [
    ("7", 70),
    ("'2'", 20),
    ("3.5", 35),
    ("3.00", 30),
    ("10", 100),
    ("2.0", 20),
    ("0", 0),
    (".5", 5),
    ("4.", 40),
    ("3,5", 35),
    ("3 1/2", 35),
    ("3½", 35),
];

#[test]
fn a_bare_number_is_read_only_if_its_scale_is_given() {
    assert_unread(
        UnreadReason::BareNumber,
        DefaultScales::default(),
        &NUMBERS.map(|(text, _)| text),
    );
    assert_read(ScoreRule::Fraction, scales(Some(10), 4), &NUMBERS);
}

#[test]
fn a_bare_number_above_the_given_scale_is_rejected() {
    assert_unread(
        UnreadReason::AboveBareScale(NonZeroU16::new(10).expect("not zero")),
        scales(Some(10), 4),
        &["11", "10.1", "10½"],
    );
}

#[test]
fn a_stated_scale_takes_precedence_over_the_given_one() {
    assert_read(
        ScoreRule::Fraction,
        scales(Some(10), 4),
        &[("3/5", 60), ("1/2", 50)],
    );
}

#[test]
fn a_bare_fraction_character_is_rejected_even_if_a_scale_is_given() {
    assert_unread(
        UnreadReason::Malformed,
        scales(Some(10), 4),
        &["½", "¾", "⅔"],
    );
}

#[test]
fn a_number_with_too_many_digits_is_rejected() {
    let texts = [
        "1234567890123456789",
        "1/1000000000000000000",
        "0.000000000000000001/5",
        "99999999999999999999999999999999999999999999999999/100",
    ];
    assert_unread(UnreadReason::Malformed, scales(Some(10), 4), &texts);
    assert_unread(
        UnreadReason::AboveScale,
        DefaultScales::default(),
        &["999999999999999.99/1"],
    );
    assert_read(
        ScoreRule::Fraction,
        DefaultScales::default(),
        &[("0.9999999999999999/1", 100), ("1/99999999999999999", 0)],
    );
}
