//! Pages with several errors: independent errors are all reported, consequential errors are not.

use super::{PLAIN, errors_of, positive_page};
use crate::{
    import::page::{Order, parse},
    site_rules::SiteRules,
};

/// Returns the errors of the plain page after some changes, in the order of their lines.
pub(super) fn change_errors(changes: &[(&str, &str)]) -> Vec<String> {
    let mut page = PLAIN.to_owned();
    for (from, to) in changes {
        assert!(page.contains(from), "the text to replace is missing");
        page = page.replacen(from, to, 1);
    }
    error_messages(&page, Order::BestToWorst)
}

pub(super) fn error_messages(page: &str, order: Order) -> Vec<String> {
    errors_of(page, order).lines().map(str::to_owned).collect()
}

/// Returns the errors of a list of positive reviews that starts on line 4.
pub(super) fn list_errors(critics: usize, list: &str) -> Vec<String> {
    error_messages(&positive_page(critics, list), Order::BestToWorst)
}

/// Returns the line of each error.
pub(super) fn error_lines(errors: &[String]) -> Vec<&str> {
    errors
        .iter()
        .filter_map(|error| error.split(':').next())
        .collect()
}

#[test]
fn every_error_is_reported_in_the_order_of_the_lines() {
    let errors = change_errors(&[
        ("Mixed: 1 out of 4", "Mixed: 1 out of 5"),
        ("Mar 2, 2009", "Feb 30, 2009"),
        ("2. 70", "2. 170"),
        ("Half of it", "Half\u{7} of it"),
        ("4. 20", "5. 20"),
    ]);
    let expected = [
        r#"line 5: expected "out of 4", as the heading says, found "out of 5""#,
        r#"line 11: expected a day such as "Jul 15, 2013" or "2013-07-15", found "Feb 30, 2009""#,
        r#"line 13: expected a score, a whole number from 0 to 100, found "170""#,
        "line 17: expected text, found the control character U+0007",
        "line 19: expected review 4, found review 5",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn two_errors_in_one_line_are_both_reported() {
    let errors = list_errors(2, "1. 101 Feb 30, 2009\n3. tbd");
    let expected = [
        r#"line 4: expected a score, a whole number from 0 to 100, found "101""#,
        r#"line 4: expected a day such as "Jul 15, 2013" or "2013-07-15", found "Feb 30, 2009""#,
        "line 5: expected review 2, found review 3",
        r#"line 5: expected a score, a whole number from 0 to 100, found "tbd""#,
    ];
    assert_eq!(errors, expected);
}

#[test]
fn the_first_hundred_errors_are_reported_and_the_others_counted() {
    let list: Vec<_> = (1..=150).map(|number| format!("{number}. 101\n")).collect();
    let page = positive_page(150, &list.concat());
    let errors =
        parse(&page, Order::BestToWorst, &SiteRules::default()).expect_err("150 wrong scores");
    assert_eq!((errors.as_slice().len(), errors.omitted_count()), (100, 50));
    assert_eq!(
        (errors.as_slice()[0].line(), errors.as_slice()[99].line()),
        (4, 103)
    );
    let text = errors.to_string();
    assert_eq!(text.lines().count(), 101);
    assert!(text.ends_with("\nand 50 more"), "{text}");
}

#[test]
fn a_megabyte_of_errors_is_counted_quickly() {
    for line in [
        "9. 101\n",
        "0.\n",
        "1.\u{b}2. 80\n",
        "Feb 30, 2009\n",
        "\0\n",
    ] {
        let count = (1 << 20) / line.len();
        let page = positive_page(1, &format!("1. 90\n{}", line.repeat(count)));
        let errors =
            parse(&page, Order::BestToWorst, &SiteRules::default()).expect_err("only errors");
        assert_eq!(errors.as_slice().len(), 100);
        assert!(
            errors.as_slice().len() + errors.omitted_count() >= count,
            "{line:?}"
        );
    }
}

#[test]
fn scores_are_not_checked_against_a_wrong_distribution() {
    let errors = change_errors(&[("Positive: 2", "Positive: 1"), ("2. 70", "2. 20")]);
    assert_eq!(
        errors,
        ["line 6: expected the distribution to add up to 4, found 3"]
    );
    let errors = change_errors(&[("Mixed: 1 out", "Mixed: one out"), ("2. 70", "2. 20")]);
    assert_eq!(error_lines(&errors), ["line 5"]);
}

#[test]
fn scores_are_not_checked_after_wrong_numbers() {
    let errors = change_errors(&[("3. Reviewed", "9. Reviewed"), ("2. 70", "2. 20")]);
    assert_eq!(error_lines(&errors), ["line 15"]);
}

#[test]
fn every_misplaced_score_is_reported() {
    let errors = change_errors(&[("2. 70", "2. 20"), ("4. 20", "4. 70")]);
    assert_eq!(error_lines(&errors), ["line 13", "line 19"]);
}

#[test]
fn every_excess_score_of_a_sentiment_is_reported_on_an_unordered_page() {
    let page = "Mixed - based on 4 Critics\nPositive: 1 out of 4\nCritic Reviews\n\
                1. 90\n2. 80\n3. 30\n4. 70\n";
    assert_eq!(
        error_lines(&error_messages(page, Order::Unordered)),
        ["line 5", "line 7"]
    );
}

#[test]
fn a_missing_distribution_and_a_missing_review_are_both_reported() {
    let page = "Mixed - based on 3 Critics\nCritic Reviews\n1. 50\n2. 50";
    let errors = error_messages(page, Order::BestToWorst);
    assert_eq!(error_lines(&errors), ["line 1", "line 1"]);
}

#[test]
fn control_characters_instead_of_line_breaks_are_the_only_errors() {
    let in_one_line = PLAIN.replace('\n', "\u{b}");
    assert_eq!(
        error_lines(&error_messages(&in_one_line, Order::BestToWorst)),
        ["line 1"]
    );
    let (before_list, list) = PLAIN.split_once("  1. Reviewed").expect("a list");
    let list = format!("1. Reviewed{list}");
    let page = format!("{before_list}{}", list.replace('\n', "\u{b}"));
    assert_eq!(
        error_lines(&error_messages(&page, Order::BestToWorst)),
        ["line 10"]
    );
    let reviews = list
        .replace("\n  ", "\u{b}")
        .replace("\u{b}2.", "\n2.")
        .replace("\u{b}4.", "\n4.");
    let page = format!("{before_list}{reviews}");
    assert_eq!(
        error_lines(&error_messages(&page, Order::BestToWorst)),
        ["line 10", "line 11", "line 12"]
    );
}

#[test]
fn a_control_character_does_not_change_the_kind_of_its_line() {
    for (from, to) in [
        ("Mixed or", "Mixed\0 or"),
        ("based on", "based\0on"),
        ("Critic Reviews", "Critic\0Reviews"),
        ("Positive", "Posi\0tive"),
        ("2. 70", "2.\0 70"),
        ("2. 70", "2. 7\u{7}0"),
        ("Mar 2, 2009", "Mar\0 2, 2009"),
        ("4. 20 Reviewed", "4. 20 Re\0viewed"),
    ] {
        assert_eq!(change_errors(&[(from, to)]).len(), 1, "{to:?}");
    }
}
