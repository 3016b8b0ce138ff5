//! Strings without numbers, and strings that are not scores.

use super::*;

#[test]
fn strings_of_words_are_classified_as_words() {
    let texts = [
        "Recommended",
        "** out of",
        "Half Price",
        "Big Screen Watch",
        "short",
        "Stars",
        "no stars",
        "a star",
        "half",
        "zero",
        "four out of five",
        "eighty percent",
        "percent",
        "plus",
        "A plus for effort",
        "A-list",
        "OK",
        "Bad",
        "Grade: B",
        "see it!",
        "\"Rental\"",
        "推荐",
        "*** stars",
        "two half stars",
        "three starred",
        "five ★★",
        "na",
        "of",
    ];
    assert_unread(UnreadReason::Words, scales(Some(10), 4), &texts);
}

#[test]
fn words_with_numbers_are_malformed() {
    let texts = [
        "7 good jokes",
        "Rating: 4/5",
        "4/5 and worth it",
        "85% fresh",
        "3.5 star rating",
        "Catch 22",
        "½ price",
    ];
    assert_unread(UnreadReason::Malformed, scales(Some(10), 4), &texts);
}

#[test]
fn a_string_without_words_and_numbers_is_malformed() {
    let texts = [
        "",
        " ",
        "\u{a0}\t\r\n",
        "''",
        "“ ”",
        "'",
        "?",
        "--",
        "()",
        "👍",
        "\0",
        "/",
        "%",
    ];
    assert_unread(UnreadReason::Malformed, scales(Some(10), 4), &texts);
}

#[test]
fn a_very_long_string_is_classified_like_a_short_one() {
    let reason = |text: String| parse(&text, scales(Some(10), 4));
    assert_eq!(reason("word ".repeat(1_000_000)), Err(UnreadReason::Words));
    assert_eq!(reason("7/".repeat(1_000_000)), Err(UnreadReason::Malformed));
    assert_eq!(reason("*".repeat(101)), Err(UnreadReason::Malformed));
    let above = UnreadReason::AboveStars(DefaultScales::default().stars);
    assert_eq!(reason("*".repeat(100)), Err(above));
    assert_eq!(
        reason(format!("{:>1000}", "3/4")),
        Ok((ScoreRule::Fraction, 75))
    );
}
