//! Valid pages in their various forms.

use crate::score::{Points, Sentiment};

use super::{PLAIN, read, reviews_of};
use crate::import::page::{Byline, Order, PageReview, Published, parse};

fn score(review: &PageReview) -> Option<u8> {
    review.score.map(Points::get)
}

fn byline(review: &PageReview) -> Option<&str> {
    review.byline.as_ref().map(Byline::text)
}

fn day(review: &PageReview) -> Option<String> {
    review.reviewed_on.map(|day| day.to_string())
}

#[test]
fn a_plain_page_is_parsed_completely() {
    let page = read(PLAIN);
    let published = Published {
        label: "Mixed or average reviews".to_owned(),
        critics: 4,
        positive: Some(2),
        mixed: Some(1),
        negative: Some(1),
    };
    assert_eq!(page.published, published);

    let [first, second, third, fourth] = &page.reviews[..] else {
        panic!("four reviews")
    };
    assert_eq!(
        [first.line, second.line, third.line, fourth.line],
        [10, 13, 15, 19]
    );
    assert_eq!(
        [first.number, second.number, third.number, fourth.number],
        [1, 2, 3, 4]
    );
    assert_eq!([byline(first), byline(second)], [Some("Ida Quist"), None]);
    assert_eq!(
        [byline(third), byline(fourth)],
        [Some("Night Desk [Not Credited]"), Some("Bo Tamm")]
    );
    assert_eq!(
        page.reviews.iter().map(score).collect::<Vec<_>>(),
        [None, Some(70), None, Some(20)]
    );
    assert_eq!(
        [day(first), day(second)],
        [Some("2009-03-02".to_owned()), None]
    );
    assert_eq!(
        first.excerpt.as_deref(),
        Some("Every lantern in it is lit.")
    );
    assert_eq!(
        third.excerpt.as_deref(),
        Some("Half of it sails,\nhalf of it sinks.")
    );
}

#[test]
fn positions_determine_sentiments_from_best_to_worst() {
    let sentiments: Vec<_> = read(PLAIN)
        .reviews
        .iter()
        .map(|review| review.sentiment)
        .collect();
    let expected = [
        Sentiment::Positive,
        Sentiment::Positive,
        Sentiment::Mixed,
        Sentiment::Negative,
    ];
    assert_eq!(sentiments, expected.map(Some));
}

#[test]
fn only_scores_determine_sentiments_on_an_unordered_page() {
    let page = parse(PLAIN, Order::Unordered).expect("a valid page");
    let sentiments: Vec<_> = page.reviews.iter().map(|review| review.sentiment).collect();
    assert_eq!(
        sentiments,
        [
            None,
            Some(Sentiment::Positive),
            None,
            Some(Sentiment::Negative)
        ]
    );
}

#[test]
fn line_endings_and_a_byte_order_mark_change_nothing() {
    for ending in ["\r\n", "\r"] {
        assert_eq!(read(&PLAIN.replace('\n', ending)), read(PLAIN));
    }
    assert_eq!(read(&format!("\u{feff}{PLAIN}")), read(PLAIN));
}

#[test]
fn white_space_of_any_kind_changes_nothing() {
    for blank in [
        "   ", "\t", "\u{a0}", "\u{a0} ", "\u{202f}", "\u{2007}", "\u{3000}", "\u{2028}",
    ] {
        assert_eq!(read(&PLAIN.replace(' ', blank)), read(PLAIN), "{blank:?}");
    }
    assert_eq!(read(&PLAIN.replace('\n', " \u{a0}\t\n")), read(PLAIN));
    assert_eq!(read(PLAIN.trim_end()), read(PLAIN));
}

#[test]
fn invisible_characters_change_nothing() {
    for invisible in ['\u{feff}', '\u{200b}', '\u{2060}'] {
        let page = PLAIN.replace("Reviewed", &format!("Re{invisible}viewed"));
        let page = page.replace('\n', &format!("{invisible}\n"));
        assert_eq!(read(&page), read(PLAIN), "{invisible:?}");
    }
}

#[test]
fn a_list_without_indentation_gives_the_same_page() {
    let unindented: Vec<_> = PLAIN.lines().map(str::trim_start).collect();
    assert_eq!(read(&unindented.join("\n")), read(PLAIN));
}

#[test]
fn blank_lines_only_shift_line_numbers() {
    let mut page = read(&PLAIN.replace('\n', "\n \n"));
    for review in &mut page.reviews {
        review.line = review.line.div_ceil(2);
    }
    assert_eq!(page, read(PLAIN));
}

#[test]
fn keywords_are_case_insensitive() {
    let words = [
        "Based on",
        "Critics",
        "Critic score distribution",
        "Positive",
        "Mixed",
        "Out of",
        "Critic Reviews",
    ];
    for word in words
        .into_iter()
        .chain(["Reviewed by", "Mar", "Not Credited"])
    {
        for variant in [word.to_uppercase(), word.to_lowercase()] {
            let page = read(&PLAIN.replace(word, &variant));
            assert_eq!(page.reviews.len(), 4, "{variant}");
            assert!(
                page.reviews[2]
                    .byline
                    .as_ref()
                    .is_some_and(|byline| byline.critic().is_none())
            );
        }
    }
}

#[test]
fn any_dash_separates_the_label_from_the_count() {
    for dash in ["-", "–", "—", "--", "\u{2011}", "\u{2212}"] {
        assert_eq!(read(&PLAIN.replacen('-', dash, 1)), read(PLAIN), "{dash}");
    }
}

#[test]
fn a_label_may_contain_dashes_and_numbers() {
    let page = read("Top-10 - and based on 3 facts - based on 0 Critics");
    assert_eq!(page.published.label, "Top-10 - and based on 3 facts");
}

#[test]
fn one_critic_may_be_singular() {
    let page = read("Acclaim - based on 1 Critic\nPositive: 1 out of 1\nCritic Reviews\n1. 90");
    assert_eq!((page.published.critics, page.reviews.len()), (1, 1));
}

#[test]
fn a_page_of_zero_critics_needs_no_list() {
    for page in [
        "No score yet - based on 0 Critics",
        "No score yet - based on 0 Critics\n\nCritic Reviews\n",
    ] {
        assert_eq!(read(page).reviews, []);
    }
}

#[test]
fn the_distribution_may_come_in_any_order_without_numbers_or_caption() {
    let page = PLAIN
        .replace("Critic score distribution:\n", "")
        .replace("  1. Positive: 2 out of 4\n", "")
        .replace("  3. Negative: 1", "Negative :1")
        .replace("\nCritic Reviews", "5.Positive:2 out of 4\nCritic Reviews:");
    assert_eq!(read(&page).published, read(PLAIN).published);
}

#[test]
fn two_counts_imply_the_third() {
    for line in [
        "  1. Positive: 2 out of 4\n",
        "  2. Mixed: 1 out of 4\n",
        "  3. Negative: 1 out of 4\n",
    ] {
        let sentiments = |page: &str| {
            read(page)
                .reviews
                .iter()
                .map(|review| review.sentiment)
                .collect::<Vec<_>>()
        };
        assert_eq!(sentiments(&PLAIN.replace(line, "")), sentiments(PLAIN));
    }
    let page = read(&PLAIN.replace("  2. Mixed: 1 out of 4\n", ""));
    assert_eq!(page.published.mixed, None, "the page doesn't state it");
}

#[test]
fn a_count_of_all_reviews_implies_that_the_others_are_zero() {
    let reviews = reviews_of(2, "1. Reviewed by: Ida\n2. Reviewed by: Bo");
    assert!(
        reviews
            .iter()
            .all(|review| review.sentiment == Some(Sentiment::Positive))
    );
}

#[test]
fn an_unordered_page_needs_no_distribution() {
    let page = "Mixed - based on 2 Critics\nCritic Reviews\n1. 20\n2. Reviewed by: Ida\n";
    let page = parse(page, Order::Unordered).expect("a valid page");
    let sentiments: Vec<_> = page.reviews.iter().map(|review| review.sentiment).collect();
    assert_eq!(sentiments, [Some(Sentiment::Negative), None]);
    assert_eq!(page.published.positive, None);
}

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
