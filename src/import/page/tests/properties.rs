//! Properties that hold for every page.

use chrono::NaiveDate;
use proptest::{collection::vec, option, prelude::*, sample};

use crate::{score::Sentiment, site_rules::SiteRules};

use super::generator::{Draft, write_page};
use crate::import::page::{Order, Published, parse, properties};

fn draft(sentiment: Sentiment) -> impl Strategy<Value = Draft> {
    let band = match sentiment {
        Sentiment::Positive => 61..=100_i64,
        Sentiment::Mixed => 40..=60,
        Sentiment::Negative => 0..=39,
    };
    (
        option::of(band),
        option::of(byline()),
        option::of(day()),
        vec(excerpt_line(), 0..4),
    )
        .prop_map(move |(score, byline, reviewed_on, excerpt)| Draft {
            sentiment,
            score,
            byline,
            reviewed_on,
            excerpt,
        })
}

fn byline() -> impl Strategy<Value = String> {
    "[A-ZÆ][a-zé]{1,8}( [A-Z][.'a-z]{1,8}){0,2}( \\[Not Credited\\]| \\(Evening Post\\))?"
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (1888..2100, 1..=12_u32, 1..=31_u32)
        .prop_filter_map("no such day", |(y, m, d)| NaiveDate::from_ymd_opt(y, m, d))
}

/// Generates words, sometimes after a start that looks like another part of a review.
fn excerpt_line() -> impl Strategy<Value = String> {
    let start = sample::select(vec!["", "", "1. ", "2. ", "1987. ", "80 ", "[sic] ", "“"]);
    (start, "[a-zé’]{3,9}( [a-z—,.!?ø]{1,9}){1,7}")
        .prop_map(|(start, words)| format!("{start}{words}"))
}

/// Generates reviews from best to worst.
pub(super) fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let drafts_of = |sentiment| vec(draft(sentiment), 0..4);
    (
        drafts_of(Sentiment::Positive),
        drafts_of(Sentiment::Mixed),
        drafts_of(Sentiment::Negative),
    )
        .prop_map(|(positive, mixed, negative)| [positive, mixed, negative].concat())
}

/// Chooses the count that is left out; the other counts imply it.
pub(super) fn unstated() -> impl Strategy<Value = Option<Sentiment>> {
    option::of(sample::select(vec![
        Sentiment::Positive,
        Sentiment::Mixed,
        Sentiment::Negative,
    ]))
}

pub(super) fn published(drafts: &[Draft], unstated: Option<Sentiment>) -> Published {
    let count = |sentiment| {
        let count = drafts
            .iter()
            .filter(|draft| draft.sentiment == sentiment)
            .count();
        (unstated != Some(sentiment)).then(|| u32::try_from(count).expect("few reviews"))
    };
    Published {
        label: "Mixed - or average - reviews".to_owned(),
        critics: u32::try_from(drafts.len()).expect("few reviews"),
        positive: count(Sentiment::Positive),
        mixed: count(Sentiment::Mixed),
        negative: count(Sentiment::Negative),
    }
}

pub(super) fn choices() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..200)
}

/// The fragments of generated pages, valid and invalid.
const FRAGMENTS: &[&str] = &[
    "Mixed - based on 2 Critics",
    "Critic score distribution:",
    "Positive: 1 out of 2",
    "Negative: 1 out of 2",
    "Critic Reviews",
    "1.",
    "2.",
    "3.",
    " 80",
    " 101",
    " Reviewed by:",
    " Ida",
    "Mar 2, 2009",
    "Feb 30, 2009",
    "words",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\u{a0}",
    "\0",
    "é",
    ".",
    "-",
];

proptest! {
    #[test]
    fn any_text_is_parsed_or_rejected(text in any::<String>()) {
        properties::a_page_is_valid_or_rejected_within_its_lines(&text);
        properties::line_endings_change_nothing(&text);
    }

    #[test]
    fn any_sequence_of_fragments_is_parsed_or_rejected_within_its_lines(
        parts in vec(sample::select(FRAGMENTS), 0..40),
    ) {
        let text = format!("Mixed - based on 2 Critics\n{}", parts.concat());
        for text in [&text, &parts.concat()] {
            properties::a_page_is_valid_or_rejected_within_its_lines(text);
            properties::line_endings_change_nothing(text);
        }
    }

    #[test]
    fn a_page_is_parsed_as_it_was_written(
        drafts in drafts(),
        unstated in unstated(),
        choices in choices(),
    ) {
        let (text, page) = write_page(&drafts, published(&drafts, unstated), choices, None);
        prop_assert_eq!(parse(&text, Order::BestToWorst, &SiteRules::default()), Ok(page));
    }

    #[test]
    fn an_unordered_page_only_differs_in_its_sentiments(
        drafts in drafts(),
        choices in choices(),
    ) {
        let (text, _) = write_page(&drafts, published(&drafts, None), choices, None);
        prop_assert!(parse(&text, Order::BestToWorst, &SiteRules::default()).is_ok());
        properties::an_order_only_adds_sentiments(&text);
    }

    #[test]
    fn a_page_without_one_of_its_reviews_is_rejected(
        (drafts, omitted) in drafts()
            .prop_filter("a review to omit", |drafts| !drafts.is_empty())
            .prop_flat_map(|drafts| { let count = drafts.len(); (Just(drafts), 0..count) }),
        choices in choices(),
    ) {
        let omitted = u32::try_from(omitted + 1).expect("few reviews");
        let (text, _) = write_page(&drafts, published(&drafts, None), choices, Some(omitted));
        prop_assert!(parse(&text, Order::BestToWorst, &SiteRules::default()).is_err());
        prop_assert!(parse(&text, Order::Unordered, &SiteRules::default()).is_err());
    }
}
