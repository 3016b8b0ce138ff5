//! Valid pages in their various forms.

use super::{PLAIN, read};
use crate::site_rules::SiteRules;
use crate::{
    import::page::{Byline, Order, PageReview, Published, parse},
    score::{Points, Sentiment},
};

pub(super) fn score(review: &PageReview) -> Option<u8> {
    review.score.map(Points::get)
}

pub(super) fn byline(review: &PageReview) -> Option<&str> {
    review.byline.as_ref().map(Byline::text)
}

pub(super) fn day(review: &PageReview) -> Option<String> {
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
    let page = parse(PLAIN, Order::Unordered, &SiteRules::default()).expect("a valid page");
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
