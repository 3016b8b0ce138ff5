//! One mistake in the list of reviews is one error.

use super::multiple_errors::{error_lines, list_errors};

#[test]
fn a_mistyped_number_is_one_error() {
    let list = "1. 90\n2. 90\n9. 90\n4. 90\n5. 90\n";
    assert_eq!(
        list_errors(5, list),
        ["line 6: expected review 3, found review 9"]
    );
    let count = "line 1: expected the number of reviews in the heading, 7, found 5; \
                 the list ends on line 8";
    assert_eq!(error_lines(&list_errors(7, list)), ["line 1", "line 6"]);
    assert_eq!(list_errors(7, list)[0], count);
}

#[test]
fn a_missing_review_is_one_error() {
    assert_eq!(
        list_errors(6, "1. 90\n2. 90\n4. 90\n5. 90\n6. 90\n"),
        ["line 6: expected review 3, found review 4"]
    );
    assert_eq!(
        list_errors(7, "1. 90\n3. 90\n4. 90\n6. 90\n7. 90\n"),
        [
            "line 5: expected review 2, found review 3",
            "line 7: expected review 5, found review 6"
        ]
    );
}

#[test]
fn a_stray_line_that_looks_like_a_head_is_one_error() {
    assert_eq!(
        list_errors(3, "1. 90\nLit.\n0. 80\n2. 90\n3. 90\n"),
        ["line 6: expected review 2, found review 0"]
    );
}

#[test]
fn a_number_after_a_wrong_line_may_still_end_a_sentence() {
    let errors = list_errors(2, "1. 90\nFeb 30, 2009\n1987.\n2. 90\n");
    assert_eq!(error_lines(&errors), ["line 5"]);
}

#[test]
fn a_repeated_review_is_one_error() {
    assert_eq!(
        list_errors(3, "1. 90\n2. 90\n2. 90\n3. 90\n"),
        ["line 6: expected review 3, found review 2"]
    );
}

#[test]
fn a_review_that_lost_its_number_is_one_error() {
    for list in [
        "1. 90 Reviewed by: Ida\nReviewed by: Bo\n80\nMar 2, 2009\n3. 80",
        "1. 90 Reviewed by: Ida\n80 Reviewed by: Bo\nMar 2, 2009\nLit.\n3. 80",
        "Reviewed by: Ida\nMar 2, 2009\nLit.\n2. 80\n3. 80",
        "1. 90\nLit.\n2 80\nLit, too.\n3. 80",
    ] {
        let errors = list_errors(3, list);
        let lines: std::collections::BTreeSet<_> = error_lines(&errors).into_iter().collect();
        assert_eq!(lines.len(), 1, "{errors:?}");
    }
}

#[test]
fn a_third_byline_is_a_separate_error() {
    let errors = list_errors(1, "1. Reviewed by: Ida\nReviewed by: Bo\nReviewed by: Cleo");
    assert_eq!(error_lines(&errors), ["line 5", "line 6"]);
}
