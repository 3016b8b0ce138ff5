//! A test with a real page. The repository doesn't contain it, so the test is skipped if it is
//! missing.

use std::{fs, path::Path};

use crate::score::{Points, Sentiment};

use super::read;
use crate::import::page::Byline;

#[test]
fn the_seed_page_is_valid_if_it_exists() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seed/pusher.txt");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("NOT TESTED: no seed page at {}", path.display());
        return;
    };
    let page = read(&text);
    assert_eq!(page.published.critics, 11);
    assert_eq!(
        (
            page.published.positive,
            page.published.mixed,
            page.published.negative
        ),
        (Some(9), None, Some(0))
    );

    let reviews = &page.reviews;
    assert_eq!(reviews.len(), 11);
    assert!(reviews.iter().all(|review| {
        review
            .excerpt
            .as_ref()
            .is_some_and(|text| !text.contains('\n'))
    }));
    let sentiments: Vec<_> = reviews
        .iter()
        .filter_map(|review| review.sentiment)
        .collect();
    assert_eq!(sentiments[..9], [Sentiment::Positive; 9]);
    assert_eq!(sentiments[9..], [Sentiment::Mixed; 2]);

    let (second, others): (Vec<_>, Vec<_>) = reviews.iter().partition(|review| review.number == 2);
    assert_eq!(second[0].score.map(Points::get), Some(80));
    assert_eq!((&second[0].byline, second[0].reviewed_on), (&None, None));
    for review in others {
        assert_eq!(review.score, None);
        assert_eq!(
            review.reviewed_on.map(|day| day.to_string()).as_deref(),
            Some("2013-07-15")
        );
        let credits_a_critic = review.byline.as_ref().and_then(Byline::critic).is_some();
        assert_eq!(
            credits_a_critic,
            review.number != 3,
            "only the third credits no critic"
        );
    }
}
