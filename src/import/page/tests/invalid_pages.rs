//! Invalid pages and their errors.

use super::{PLAIN, errors_of, positive_page};
use crate::import::page::{Order, Problem, parse};

const HEADING: &str = r#"a heading such as "Mixed or average reviews - based on 12 Critics""#;
const CAPTION_OR_COUNT: &str = r#""Critic Reviews", or a count such as "Positive: 9 out of 12""#;
const DAY: &str = r#"a day such as "Jul 15, 2013" or "2013-07-15""#;

/// Returns the errors of a list of positive reviews that starts on line 4.
fn list_errors(critics: usize, list: &str) -> String {
    errors_of(&positive_page(critics, list), Order::BestToWorst)
}

/// Returns the errors of the plain page after a change.
fn change_errors(from: &str, to: &str) -> String {
    assert!(PLAIN.contains(from), "the text to replace is missing");
    errors_of(&PLAIN.replace(from, to), Order::BestToWorst)
}

#[test]
fn an_error_has_its_line_and_its_problem_as_values() {
    let errors = parse("", Order::BestToWorst).expect_err("an empty page");
    let [error] = errors.as_slice() else {
        panic!("one error: {errors}")
    };
    assert_eq!(error.line(), 1);
    assert!(matches!(error.problem(), Problem::UnexpectedEnd { .. }));
}

#[test]
fn an_empty_page_is_rejected() {
    for page in ["", "\u{feff}\r\n \u{a0}\n"] {
        assert_eq!(
            errors_of(page, Order::Unordered),
            format!("line 1: expected {HEADING}, found the end of the page")
        );
    }
}

#[test]
fn a_page_without_a_valid_heading_is_rejected() {
    for heading in [
        "Mixed or average reviews",
        "Mixed - based on four Critics",
        "Mixed - based on 4 Crickets",
        "Mixed - based on -4 Critics",
        "Mixed - based on 4294967296 Critics",
        "Mixed - based on 1.5 Critics",
        "Mixed based on 4 Critics",
        "based on 4 Critics",
        "- based on 4 Critics",
        "Mixed - faced on 4 Critics",
        "Mixed - based in 4 Critics",
        "4 Critics",
    ] {
        assert_eq!(
            errors_of(&format!("\n{heading}\nCritic Reviews"), Order::Unordered),
            format!("line 2: expected {HEADING}, found {heading:?}")
        );
    }
}

#[test]
fn a_text_that_is_too_long_is_rejected_with_its_line() {
    let longest = "é".repeat(10_000);
    let list = format!("1. Reviewed by: A B\n{longest}");
    assert!(parse(&positive_page(1, &list), Order::BestToWorst).is_ok());
    assert_eq!(
        list_errors(1, &(list + "!")),
        "line 4: expected an excerpt of at most 10000 characters, found 10001 characters"
    );
    let label = "x".repeat(301);
    assert_eq!(
        errors_of(
            &format!("{label} - based on 0 Critics\nCritic Reviews"),
            Order::Unordered
        ),
        "line 1: expected a label of at most 300 characters, found 301 characters"
    );
}

#[test]
fn a_line_that_does_not_belong_to_the_distribution_is_rejected() {
    for line in [
        "Positive: two out of 4",
        "Positive: +2 out of 4",
        "Positive: 2 of 4",
        "Positive 2 out of 4",
        "Positively: 2 out of 4",
        "Splendid: 2 out of 4",
        "x. Positive: 2 out of 4",
    ] {
        assert_eq!(
            change_errors("1. Positive: 2 out of 4", line),
            format!("line 4: expected {CAPTION_OR_COUNT}, found {line:?}")
        );
    }
}

#[test]
fn a_list_without_its_caption_is_rejected() {
    let errors = change_errors("Critic Reviews\n", "");
    assert!(
        errors.starts_with(r#"line 9: expected "Critic Reviews", or"#),
        "{errors}"
    );
    assert!(
        errors.ends_with(r#"found "1. Reviewed by: Ida Quist""#),
        "{errors}"
    );
}

#[test]
fn a_page_that_ends_before_its_list_is_rejected() {
    assert_eq!(
        errors_of(
            "Mixed - based on 1 Critic\n\nMixed: 1 out of 1\n\n",
            Order::Unordered
        ),
        format!("line 3: expected {CAPTION_OR_COUNT}, found the end of the page")
    );
}

#[test]
fn a_count_with_another_total_than_the_heading_is_rejected() {
    assert_eq!(
        change_errors("Mixed: 1 out of 4", "Mixed: 1 out of 5"),
        r#"line 5: expected "out of 4", as the heading says, found "out of 5""#
    );
}

#[test]
fn a_second_count_of_a_sentiment_is_rejected() {
    assert_eq!(
        change_errors("Mixed: 1", "Positive: 2"),
        "line 5: expected one count of positive reviews, found a second"
    );
}

#[test]
fn a_distribution_that_does_not_add_up_is_rejected() {
    let sum = |errors| format!("expected the distribution to add up to 4, found {errors}");
    assert_eq!(
        change_errors("Negative: 1", "Negative: 0"),
        format!("line 6: {}", sum(3))
    );
    assert_eq!(
        change_errors("Negative: 1", "Negative: 2"),
        format!("line 6: {}", sum(5))
    );
    assert_eq!(
        change_errors("Mixed: 1", "Mixed: 4294967295"),
        format!("line 5: {}", sum(4_294_967_297_u64))
    );
}

#[test]
fn a_page_without_a_distribution_is_only_valid_unordered() {
    let page = "Mixed - based on 1 Critic\nCritic Reviews\n1. 50";
    assert_eq!(
        errors_of(page, Order::BestToWorst),
        "line 1: expected the counts of positive and negative reviews, \
         found no distribution; \
         pass --unordered to import the page without them"
    );
}

#[test]
fn an_ambiguous_part_of_a_distribution_is_only_valid_unordered() {
    let errors = change_errors("  1. Positive: 2 out of 4\n  2. Mixed: 1 out of 4\n", "");
    assert_eq!(
        errors,
        "line 1: expected the counts of positive and negative reviews, \
         found only part of the distribution; \
         pass --unordered to import the page without them"
    );
}

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

#[test]
fn control_characters_are_rejected_anywhere() {
    for (character, code) in [
        ('\0', "0000"),
        ('\u{7}', "0007"),
        ('\u{b}', "000B"),
        ('\u{7f}', "007F"),
        ('\u{85}', "0085"),
    ] {
        let errors = change_errors("Every", &format!("Ev{character}ery"));
        assert_eq!(
            errors,
            format!("line 12: expected text, found the control character U+{code}")
        );
    }
}

#[test]
fn a_score_that_contradicts_its_position_is_rejected() {
    assert_eq!(
        change_errors("2. 70", "2. 60"),
        "line 13: expected a positive score, \
         because review 2 of 4 is among the distribution's 2 positive reviews, found 60; \
         pass --unordered if the page does not list its reviews from best to worst"
    );
    assert!(
        change_errors("3. Reviewed", "3. 39 Reviewed")
            .starts_with("line 15: expected a mixed score")
    );
    assert!(
        change_errors("3. Reviewed", "3. 61 Reviewed")
            .starts_with("line 15: expected a mixed score")
    );
    assert!(change_errors("4. 20", "4. 40").starts_with("line 19: expected a negative score"));
}

#[test]
fn more_scores_of_a_sentiment_than_stated_are_rejected_on_an_unordered_page() {
    let page = |distribution: &str| {
        format!("Mixed - based on 3 Critics\n{distribution}Critic Reviews\n1. 90\n2. 30\n3. 80\n")
    };
    let problem =
        "expected no more positive scores than in the distribution (1), found another: 80";
    let stated = page("Positive: 1 out of 3\n");
    assert_eq!(
        errors_of(&stated, Order::Unordered),
        format!("line 6: {problem}")
    );
    let implied = page("Mixed: 1 out of 3\nNegative: 1 out of 3\n");
    assert_eq!(
        errors_of(&implied, Order::Unordered),
        format!("line 7: {problem}")
    );
}

#[test]
fn a_quote_is_shortened_and_escapes_invisible_characters() {
    let errors = errors_of(&format!("\u{202e}{}", "é ".repeat(400)), Order::Unordered);
    assert!(
        errors.ends_with(&format!(
            "found \"\\u{{202e}}{}…\"",
            "é ".repeat(30).trim_end()
        )),
        "{errors}"
    );
}
