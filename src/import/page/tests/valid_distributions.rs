//! Distributions that are parsed.

use super::{PLAIN, read, reviews_of};
use crate::site_rules::SiteRules;
use crate::{
    import::page::{Order, parse},
    score::Sentiment,
};

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
    let page = parse(page, Order::Unordered, &SiteRules::default()).expect("a valid page");
    let sentiments: Vec<_> = page.reviews.iter().map(|review| review.sentiment).collect();
    assert_eq!(sentiments, [Some(Sentiment::Negative), None]);
    assert_eq!(page.published.positive, None);
}
