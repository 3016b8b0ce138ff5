//! Stars as characters.

use super::*;

#[test]
fn star_characters_are_out_of_four_by_default() {
    let cases = [
        ("*", 25),
        ("**", 50),
        ("***", 75),
        ("****", 100),
        ("* * *", 75),
        ("**1/2", 63),
        ("** 1/2", 63),
        ("**-1/2", 63),
        ("*½", 38),
        ("** ¾", 69),
        ("★", 25),
        ("★★★½", 88),
        ("★★★ 1/2", 88),
        ("⭐⭐⭐", 75),
        ("⭐️⭐️½", 63),
        ("'***'", 75),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
}

#[test]
fn empty_stars_show_the_scale() {
    let cases = [
        ("★★★☆☆", 60),
        ("★★★☆", 75),
        ("★ ★ ★ ☆ ☆", 60),
        ("★☆", 50),
        ("★★★½☆", 70),
        ("★★★1/2☆", 70),
        ("★☆☆☆☆☆☆☆☆☆", 10),
        ("⭐⭐☆☆", 50),
        ("★★★☆☆ out of 5", 60),
        ("★★★☆☆ (out of 5 stars)", 60),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
}

#[test]
fn star_characters_can_have_a_stated_scale() {
    let cases = [
        ("*** out of 5", 60),
        ("*** (out of 5)", 60),
        ("*** (out of four)", 75),
        ("★★★/5", 60),
        ("***/5", 60),
        ("**** / 5", 80),
        ("**1/2 of 5", 50),
        ("**1/2/5", 50),
        ("*** out of 5 stars", 60),
    ];
    assert_read(ScoreRule::Stars, DefaultScales::default(), &cases);
    let above = UnreadReason::AboveStars(DefaultScales::default().stars);
    let texts = ["*****", "****½", "★★★★★"];
    assert_unread(above, DefaultScales::default(), &texts);
    let texts = ["***** out of 4", "★★★/2"];
    assert_unread(UnreadReason::AboveScale, DefaultScales::default(), &texts);
}

#[test]
fn a_string_that_only_resembles_star_characters_is_malformed() {
    let texts = [
        "☆",
        "☆☆☆☆☆",
        "☆☆★★★",
        "★☆★",
        "½☆☆☆",
        "**★",
        "★⭐",
        "**☆☆",
        "★★★☆☆/4",
        "★★☆½",
        "*** 3/4",
        "***1/4",
        "***3/5",
        "★★★½½",
        "★-",
        "***!",
        "*** 80%",
        "**/",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}
