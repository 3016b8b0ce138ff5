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

#[test]
fn a_scale_may_be_stated_in_other_languages() {
    let cases = [
        ("8,5 von 10", 85),
        ("7 sur 10", 70),
        ("3 de 5", 60),
        ("7 sobre 10", 70),
        ("8 su 10", 80),
        ("4 van de 5", 80),
        ("4 van 5", 80),
        ("8 из 10", 80),
        ("8 ИЗ 10", 80),
        ("4 (von 5)", 80),
        ("3½ von 5", 70),
    ];
    assert_read(ScoreRule::Fraction, DefaultScales::default(), &cases);
    assert_unread(
        UnreadReason::Malformed,
        DefaultScales::default(),
        &["½ von 4", "8 van der 10", "8 de la 10", "von 10", "8 von"],
    );
    assert_unread(
        UnreadReason::NotFromZero,
        DefaultScales::default(),
        &["3 von 1-5", "3 sur 1 à 5"],
    );
}

#[test]
fn stars_may_be_called_so_in_other_languages() {
    let cases = [
        ("4 Sterne", 80),
        ("1 Stern", 20),
        ("3,5 Sterne", 70),
        ("4 étoiles", 80),
        ("4 ÉTOILES", 80),
        ("4 estrellas", 80),
        ("4 stelle", 80),
        ("4 sterren", 80),
        ("4 звезды", 80),
        ("4 von 5 Sternen", 80),
        ("4 Sterne von 10", 40),
        ("4 étoiles sur 10", 40),
    ];
    assert_read(ScoreRule::Stars, scales(None, 5), &cases);
}
