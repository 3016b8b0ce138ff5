//! Reviews that are parsed.

use super::{
    read, reviews_of,
    valid_pages::{byline, day, score},
};

#[test]
fn details_may_be_in_the_head_or_below_it_in_any_order() {
    for list in [
        "1. 80 Reviewed by: Ida Quist\nMar 2, 2009\nLit.",
        "1. 80\nReviewed by: Ida Quist\nMar 2, 2009\nLit.",
        "1. 80\nReviewed by : Ida  Quist\n2 March 2009\nLit.",
        "1. Reviewed by: Ida Quist\n80\nMar 2, 2009\nLit.",
        "1. Reviewed by: Ida Quist\n80 2009-03-02\nLit.",
        "1. 80 March 2, 2009\nReviewed by: Ida Quist\nLit.",
        "1. Mar 2, 2009\nReviewed by: Ida Quist\n80\nLit.",
        "1.\n\n2 Mar 2009\n80 Reviewed by: Ida Quist\n\nLit.",
        "01.Reviewed by:Ida Quist\nMar 2, 2009\n80\nLit.",
    ] {
        let [review] = &reviews_of(1, list)[..] else {
            panic!("one review")
        };
        assert_eq!(score(review), Some(80), "{list}");
        assert_eq!(byline(review), Some("Ida Quist"), "{list}");
        assert_eq!(day(review).as_deref(), Some("2009-03-02"), "{list}");
        assert_eq!(review.excerpt.as_deref(), Some("Lit."), "{list}");
    }
}

#[test]
fn any_detail_and_the_excerpt_may_be_missing() {
    let reviews = reviews_of(
        5,
        "1.\n2. Reviewed by:\n3. Reviewed by: \u{a0}\nMar 2, 2009\n4. 61\n5.\nOnly words.\n",
    );
    assert!(reviews.iter().all(|review| review.byline.is_none()));
    assert_eq!(
        reviews.iter().map(day).collect::<Vec<_>>(),
        [None, None, Some("2009-03-02".into()), None, None]
    );
    assert_eq!(
        reviews.iter().map(score).collect::<Vec<_>>(),
        [None, None, None, Some(61), None]
    );
    let excerpts: Vec<_> = reviews
        .iter()
        .map(|review| review.excerpt.as_deref())
        .collect();
    assert_eq!(excerpts, [None, None, None, None, Some("Only words.")]);
}

#[test]
fn both_ends_of_the_scale_are_valid_scores() {
    assert_eq!(score(&reviews_of(1, "1. 100")[0]), Some(100));
    let page = read("Dislike - based on 1 Critic\nNegative: 1 out of 1\nCritic Reviews\n1. 0");
    assert_eq!(score(&page.reviews[0]), Some(0));
}

#[test]
fn an_excerpt_may_start_with_a_number() {
    for excerpt in [
        "2. act and curtain, please.",
        "2. 80 minutes would have done.",
        "2. July is when the fog comes.",
        "80 minutes, and not one too many.",
        "2.5 boats out of three float.",
        "1987 is back.",
        "A fine catch.",
        "Mar 2, 2009 was a good day for it.",
    ] {
        let reviews = reviews_of(2, &format!("1. Reviewed by: Ida\n{excerpt}\n2. 80\n"));
        assert_eq!(reviews[0].excerpt.as_deref(), Some(excerpt));
        let reviews = reviews_of(
            2,
            &format!("1. Reviewed by: Ida\nIt opens so:\n{excerpt}\n2. 80\n"),
        );
        assert_eq!(reviews[0].excerpt, Some(format!("It opens so:\n{excerpt}")));
    }
}

#[test]
fn a_sentence_may_end_in_a_number_on_a_line_of_its_own() {
    let reviews = reviews_of(
        2,
        "1. 90\nNothing like it since\n1987.\n2. 80\nNothing like it.",
    );
    assert_eq!(
        reviews[0].excerpt.as_deref(),
        Some("Nothing like it since\n1987.")
    );
}

#[test]
fn a_line_like_a_detail_inside_an_excerpt_is_text() {
    let reviews = reviews_of(
        1,
        "1. 90\nIt counts down from\n101\nto\nMar 2, 2009\nand is\nReviewed by: nobody",
    );
    let excerpt = "It counts down from\n101\nto\nMar 2, 2009\nand is\nReviewed by: nobody";
    assert_eq!(reviews[0].excerpt.as_deref(), Some(excerpt));
}

#[test]
fn lines_of_an_excerpt_are_joined_across_blank_lines() {
    let reviews = reviews_of(1, "1. 90\n\n  First \u{a0}line \n\n\n\tsecond  line\n\n");
    assert_eq!(
        reviews[0].excerpt.as_deref(),
        Some("First line\nsecond line")
    );
}
