//! Distributions that are rejected.

use super::{
    errors_of,
    invalid_pages::{CAPTION_OR_COUNT, change_errors},
};
use crate::import::page::Order;

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
         pass --unordered (in the API, `unordered: true`) to import the page without them"
    );
}

#[test]
fn an_ambiguous_part_of_a_distribution_is_only_valid_unordered() {
    let errors = change_errors("  1. Positive: 2 out of 4\n  2. Mixed: 1 out of 4\n", "");
    assert_eq!(
        errors,
        "line 1: expected the counts of positive and negative reviews, \
         found only part of the distribution; \
         pass --unordered (in the API, `unordered: true`) to import the page without them"
    );
}
