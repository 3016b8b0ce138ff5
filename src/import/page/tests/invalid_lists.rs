//! Lists of reviews that are rejected.

use super::invalid_pages::{DAY, list_errors};

#[test]
fn a_list_that_does_not_start_with_review_1_is_rejected() {
    assert_eq!(
        list_errors(1, "\nReviewed by: Ida"),
        r#"line 5: expected review 1, such as "1. Reviewed by: …", found "Reviewed by: Ida""#
    );
    assert_eq!(
        list_errors(2, "2. 80"),
        "line 4: expected review 1, found review 2"
    );
    assert_eq!(
        list_errors(1, "0. 80"),
        "line 4: expected review 1, found review 0"
    );
}

#[test]
fn a_review_with_the_wrong_number_is_rejected() {
    for (head, number) in [
        ("3. Reviewed by: Ida", "3"),
        ("  3.", "3"),
        ("3. 80", "3"),
        ("3. Mar 2, 2009", "3"),
        ("1. 80 Reviewed by: Ida", "1"),
        ("99. Reviewed by: Ida", "99"),
        ("99999999999. Reviewed by: Ida", "99999999999"),
    ] {
        let list = format!("1. 90\nLit.\n{head}\nLit, too.");
        assert_eq!(
            list_errors(3, &list),
            format!("line 6: expected review 2, found review {number}")
        );
    }
}

#[test]
fn a_line_with_the_missing_number_is_named() {
    let note = |line, number, text: &str| {
        format!(
            "; line {line} begins with \"{number}.\" and is part of an excerpt, because after the number only a byline \
             (\"Reviewed by: …\"), a score from 0 to 100 or a day may stand, not {text}"
        )
    };
    let list = "1. 90\nLit.\n2. Four stars, by Ida\n3. 80\nLit, too.";
    assert_eq!(
        list_errors(3, list),
        format!(
            "line 7: expected review 2, found review 3{}",
            note(6, 2, "\"Four stars, by Ida\"")
        )
    );
    // The text after the number of another review is no cause.
    let list = "1. 90\n1. The first act.\n4. 80\nLit, too.";
    assert_eq!(
        list_errors(3, list),
        "line 6: expected review 2, found review 4"
    );
}

#[test]
fn a_very_long_number_is_shortened() {
    let errors = list_errors(1, &format!("{}. 80", "7".repeat(500)));
    assert_eq!(
        errors,
        format!(
            "line 4: expected review 1, found review {}…",
            "7".repeat(60)
        )
    );
}

#[test]
fn a_heading_with_another_number_of_reviews_is_rejected() {
    assert_eq!(
        list_errors(3, "1. 90\n2. 80\nLit.\n\n"),
        "line 1: expected the number of reviews in the heading, 3, found 2; the list ends on line 6"
    );
    assert_eq!(
        list_errors(1, "1. 90\n2. 80\n"),
        "line 1: expected the number of reviews in the heading, 1, found 2; the list ends on line 5"
    );
}

#[test]
fn a_text_in_the_place_of_a_score_that_is_not_a_score_is_rejected() {
    for mark in [
        "101",
        "-3",
        "8.5",
        "tbd",
        "TBD",
        "n/a",
        "80%",
        "4/5",
        "080",
        "+80",
        "B+",
        "A",
        "1987",
        "99999999999",
    ] {
        let expected = |line| {
            format!("line {line}: expected a score, a whole number from 0 to 100, found {mark:?}")
        };
        assert_eq!(list_errors(1, &format!("1. {mark}")), expected(4));
        assert_eq!(
            list_errors(1, &format!("1. {mark} Reviewed by: Ida")),
            expected(4)
        );
        assert_eq!(
            list_errors(1, &format!("1. {mark} Mar 2, 2009")),
            expected(4)
        );
        assert_eq!(
            list_errors(1, &format!("1. Reviewed by: Ida\n{mark}\nLit.")),
            expected(5)
        );
    }
}

#[test]
fn a_day_that_does_not_exist_is_rejected() {
    let expected = |line| format!(r#"line {line}: expected {DAY}, found "Feb 30, 2013""#);
    assert_eq!(
        list_errors(1, "1. Reviewed by: Ida\nFeb 30, 2013\nLit."),
        expected(5)
    );
    assert_eq!(list_errors(1, "1. Feb 30, 2013\nLit."), expected(4));
    assert_eq!(list_errors(1, "1. 80 Feb 30, 2013\nLit."), expected(4));
}

#[test]
fn a_repeated_detail_is_rejected() {
    for (lines, detail) in [
        ("Reviewed by: Ida\nReviewed by: Bo", "byline"),
        ("80\n80", "score"),
        ("Mar 2, 2009\n2009-03-02", "date"),
    ] {
        assert_eq!(
            list_errors(1, &format!("1. {lines}\nLit.")),
            format!("line 5: expected an excerpt or the next review, found a second {detail}")
        );
    }
}
