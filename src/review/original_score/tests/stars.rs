//! Numbers of stars.

use super::*;

#[test]
fn stars_in_digits_are_out_of_four_by_default() {
    let cases = [
        ("3 stars", 75),
        ("3 Stars", 75),
        ("3 star", 75),
        ("3stars", 75),
        ("3-stars", 75),
        ("3‑star", 75),
        ("3*", 75),
        ("3 ★", 75),
        ("3 ⭐️", 75),
        ("0 stars", 0),
        ("3.5 stars", 88),
        ("3,5 stars", 88),
        (".5 stars", 13),
        ("3 1/2 stars", 88),
        ("3-1/2 stars", 88),
        ("3 3/4 stars", 94),
        ("3½ stars", 88),
        ("3-½ stars", 88),
        ("3½-star", 88),
        ("3½★", 88),
        ("½ star", 13),
        ("½*", 13),
        ("¾ star", 19),
        ("1/2 star", 13),
        ("1/2 stars", 13),
        ("1/2-star", 13),
        ("1-1/2 stars", 38),
        ("'2 stars'", 50),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
}

#[test]
fn stars_in_words_are_out_of_four_by_default() {
    let cases = [
        ("one star", 25),
        ("two stars", 50),
        ("Four Stars", 100),
        ("four-star", 100),
        ("ZERO STARS", 0),
        ("three and a half stars", 88),
        ("three-and-a-half stars", 88),
        ("Two-and-a-half-star", 63),
        ("two and one-half stars", 63),
        ("two and half stars", 63),
        ("3 and a half stars", 88),
        ("3 and 1/2 stars", 88),
        ("three and ½ stars", 88),
        ("three 1/2 stars", 88),
        ("three ★", 75),
        ("half a star", 13),
        ("a half star", 13),
        ("half star", 13),
        ("half-a-star", 13),
        ("one-half star", 13),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
}

#[test]
fn a_stated_scale_replaces_the_default_one() {
    let cases = [
        ("4 stars out of 5", 80),
        ("4 stars of 5", 80),
        ("4 stars/5", 80),
        ("4*/5", 80),
        ("4 out of 5 stars", 80),
        ("4 (out of 5 stars)", 80),
        ("4.5 of 5 stars", 90),
        ("4/5 stars", 80),
        ("4/5-stars", 80),
        ("4/5 ★", 80),
        ("1/5 star", 20),
        ("4 stars out of 5 stars", 80),
        ("3 stars (out of 4)", 75),
        ("3 stars (of 5)", 60),
        ("3 stars (out of five)", 60),
        ("four out of five stars", 80),
        ("one and a half out of five stars", 30),
        ("ten stars out of ten", 100),
        ("1/2 star out of 5", 10),
        ("1/2 star (out of 5)", 10),
        ("half a star out of five", 10),
        ("½ out of 5 stars", 10),
        ("3 1/2 out of 4 stars", 88),
        ("3 1/2/4 stars", 88),
        ("3 out of 4 stars", 75),
        ("1 of 4 stars", 25),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
    assert_read(ScoreRule::Stars, scales(Some(7), 9), &cases);
}

#[test]
fn a_fraction_of_stars_is_read_if_it_cannot_be_a_part_of_one_star() {
    let cases = [
        ("2.5/4 stars", 63),
        ("3/4.0 stars", 75),
        ("0/4 stars", 0),
        ("4/4 stars", 100),
        ("3/5 stars", 60),
        ("3/6 stars", 50),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
    let texts = [
        "1/4 stars",
        "2/4 stars",
        "3/4 stars",
        "3/4 star",
        "1/3 stars",
        "2/3 stars",
        "1 / 2 stars",
        "3/4 stars out of 4",
        "3/4★",
        "½ of 4 stars",
        "1/2 of 4 stars",
        "2-3/4 stars",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}

#[test]
fn more_stars_than_the_scale_are_rejected() {
    let texts = [
        "FIVE STARS",
        "5 stars",
        "4.5 stars",
        "4 1/2 stars",
        "four and a half stars",
    ];
    let above = UnreadReason::AboveStars(DefaultScales::default().stars);
    assert_unread(above, DefaultScales::default(), &texts);
    let texts = [
        "5/4 stars",
        "6/5 stars",
        "6 out of 5 stars",
        "5 stars (out of 4)",
    ];
    assert_unread(UnreadReason::AboveScale, DefaultScales::default(), &texts);
}

#[test]
fn the_default_number_of_stars_can_be_set() {
    let cases = [
        ("FIVE STARS", 100),
        ("5 stars", 100),
        ("3 stars", 60),
        ("****", 80),
        ("½ star", 10),
        ("1/2 stars", 10),
    ];
    assert_read(ScoreRule::Stars, scales(None, 5), &cases);
    assert_unread(UnreadReason::Malformed, scales(None, 5), &["3/4 stars"]);
}

#[test]
fn a_string_that_only_resembles_stars_is_malformed() {
    let texts = [
        "3 stars out of 0",
        "0 stars (out of 0)",
        "stars: 3",
        "★ 3",
        "3 stars.",
        "3 - stars",
        "3**",
        "3 ***",
        "½★★",
        "3☆",
        "3 stars out",
        "3 stars (4)",
        "3 stars, out of 4",
        "3 starred",
        "3 half stars",
        "4/5 stars out of 5",
        "3.5 and a half stars",
        "3 stars stars",
        "1,000 stars",
        "3 stars 80%",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}
