//! One mistake in the heading or above the list is one error.

use super::{
    PLAIN,
    multiple_errors::{change_errors, error_lines, error_messages},
};
use crate::import::page::Order;

#[test]
fn a_wrong_number_in_the_heading_is_one_error() {
    let errors = change_errors(&[("on 4 Critics", "on 14 Critics")]);
    assert_eq!(
        errors,
        [r#"line 4: expected "out of 14", as the heading says, found "out of 4""#]
    );
}

#[test]
fn counts_that_contradict_the_heading_and_the_list_are_all_reported() {
    let errors = change_errors(&[
        ("2 out of 4", "2 out of 5"),
        ("1 out of 4", "1 out of 5"),
        ("1 out of 4", "1 out of 5"),
    ]);
    assert_eq!(error_lines(&errors), ["line 4", "line 5", "line 6"]);
}

#[test]
fn without_a_heading_nothing_is_checked_against_it() {
    let errors = change_errors(&[
        ("on 4 Critics", "on four Critics"),
        ("Negative: 1 out of 4", "Negative: 3 out of 4"),
        ("Mixed: 1", "Mixed: one"),
        ("2. 70", "2. 20"),
        ("Mar 3, 2009", "Feb 30, 2009"),
    ]);
    assert_eq!(error_lines(&errors), ["line 1", "line 5", "line 16"]);
}

#[test]
fn a_first_line_that_is_not_a_heading_is_one_error() {
    let heading = "Mixed or average reviews - based on 4 Critics";
    for line in [
        "Positive: 2 out of 4",
        "Critic Reviews",
        "2. Reviewed by: Ida",
    ] {
        let errors = change_errors(&[(heading, line), ("Mar 3, 2009", "Feb 30, 2009")]);
        assert_eq!(error_lines(&errors), ["line 1", "line 16"], "{line}");
    }
}

#[test]
fn each_line_above_the_heading_is_an_error() {
    let page = format!(
        "The Pier\nShare this page\n{}",
        PLAIN.replace("2. 70", "2. 20")
    );
    let errors = error_messages(&page, Order::BestToWorst);
    assert_eq!(error_lines(&errors), ["line 1", "line 2", "line 15"]);
    assert!(errors[1].contains("expected a heading"), "{errors:?}");
}

#[test]
fn a_text_that_is_not_a_page_is_one_error() {
    let text = "Dear editors,\n\nthis is a letter.\nIt is mixed: good and bad.\n1987.\nYours\n";
    assert_eq!(
        error_lines(&error_messages(text, Order::BestToWorst)),
        ["line 1"]
    );
    let with_heading = format!("Mixed - based on 2 Critics\n{text}");
    assert_eq!(
        error_lines(&error_messages(&with_heading, Order::BestToWorst)),
        ["line 2"]
    );
}

#[test]
fn a_list_without_a_heading_is_still_checked() {
    let list = "1. 90\nLit.\n2. 80\n3. 101\n3. 70\n5. 80\n";
    assert_eq!(
        error_lines(&error_messages(list, Order::BestToWorst)),
        ["line 1", "line 4", "line 5"]
    );
}

#[test]
fn a_missing_or_mistyped_caption_is_one_error() {
    for caption in ["", "Critics Reviews", "Mixed words"] {
        let errors = change_errors(&[("Critic Reviews", caption), ("Mar 3, 2009", "Feb 30, 2009")]);
        let line = if caption.is_empty() {
            "line 10"
        } else {
            "line 8"
        };
        assert_eq!(error_lines(&errors), [line, "line 16"], "{caption}");
    }
}
