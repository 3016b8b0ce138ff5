//! School grades.

use super::*;

#[test]
fn every_grade_has_its_score() {
    let cases = [
        ("A+", 100),
        ("A", 100),
        ("A-", 91),
        ("B+", 83),
        ("B", 75),
        ("B-", 67),
        ("C+", 58),
        ("C", 50),
        ("C-", 42),
        ("D+", 33),
        ("D", 25),
        ("D-", 16),
        ("F+", 8),
        ("F", 0),
    ];
    assert_read(ScoreRule::Letter, DefaultScales::default(), &cases);
}

#[test]
fn a_grade_is_read_in_every_spelling() {
    let cases = [
        ("a", 100),
        ("b+", 83),
        ("A minus", 91),
        ("A MINUS", 91),
        ("A-minus", 91),
        ("B-plus", 83),
        ("C-plus", 58),
        ("C plus", 58),
        ("F plus", 8),
        ("B -", 67),
        ("C -", 42),
        ("B +", 83),
        ("A−", 91),
        ("A–", 91),
        ("A–minus", 91),
        ("'B+'", 83),
        ("“A-”", 91),
    ];
    assert_read(ScoreRule::Letter, DefaultScales::default(), &cases);
}

#[test]
fn a_string_that_only_resembles_a_grade_is_malformed() {
    let texts = [
        "E",
        "F-",
        "F minus",
        "A++",
        "C=",
        "AB",
        "A/B",
        "B+/A-",
        "A- plus",
        "A minus minus",
        "+A",
        "-B",
        "Q",
        "é",
        "Ж",
        "(A)",
        "A.",
        "A4",
        "B-3",
        "A-1/2",
        "B+ 80",
        "n/a",
    ];
    assert_unread(UnreadReason::Malformed, DefaultScales::default(), &texts);
}
