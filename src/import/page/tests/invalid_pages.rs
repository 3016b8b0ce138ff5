//! Invalid pages and their errors.

use super::{PLAIN, errors_of, positive_page};
use crate::import::page::{Order, Problem, parse};
use crate::site_rules::SiteRules;

const HEADING: &str = r#"a heading such as "Mixed or average reviews - based on 12 Critics""#;

pub(super) const CAPTION_OR_COUNT: &str =
    r#""Critic Reviews", or a count such as "Positive: 9 out of 12""#;

pub(super) const DAY: &str = r#"a day such as "Jul 15, 2013" or "2013-07-15""#;

/// Returns the errors of a list of positive reviews that starts on line 4.
pub(super) fn list_errors(critics: usize, list: &str) -> String {
    errors_of(&positive_page(critics, list), Order::BestToWorst)
}

/// Returns the errors of the plain page after a change.
pub(super) fn change_errors(from: &str, to: &str) -> String {
    assert!(PLAIN.contains(from), "the text to replace is missing");
    errors_of(&PLAIN.replace(from, to), Order::BestToWorst)
}

#[test]
fn an_error_has_its_line_and_its_problem_as_values() {
    let errors = parse("", Order::BestToWorst, &SiteRules::default()).expect_err("an empty page");
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
    assert!(
        parse(
            &positive_page(1, &list),
            Order::BestToWorst,
            &SiteRules::default()
        )
        .is_ok()
    );
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
         pass --unordered (in the API, `unordered: true`) if the page does not list its reviews from best to worst"
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
