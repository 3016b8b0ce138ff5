use super::*;
use crate::import::page::Byline;

fn review(byline: Option<&str>, excerpt: &str) -> PageReview {
    PageReview {
        line: 1,
        number: 1,
        byline: byline.and_then(Byline::new),
        score: None,
        sentiment: None,
        reviewed_on: None,
        excerpt: Some(excerpt.to_owned()),
    }
}

#[test]
fn the_id_of_a_review_by_a_named_critic_ignores_the_text() {
    let (first, corrected) = (
        review(Some("Ann Lee"), "Fine."),
        review(Some("Ann Lee"), "Very fine."),
    );
    let key = |review| external_ids("film", [(review, Some("ann-lee"))].into_iter());
    assert_eq!(key(&first), ["film/ann-lee"]);
    assert_eq!(key(&first), key(&corrected));
}

#[test]
fn an_id_that_is_too_long_ends_with_a_digest() {
    let review = review(Some("Ann Lee"), "Fine.");
    let key = |film: &str| external_ids(film, [(&review, Some("ann-lee"))].into_iter());
    let (film, other_film) = ("a".repeat(200), format!("{}b", "a".repeat(199)));
    assert_eq!(
        key(&film)[0].len(),
        DERIVED_ID_PREFIX_LENGTH + 1 + 2 * DIGEST_BYTES
    );
    assert_ne!(key(&film), key(&other_film));
}

#[test]
fn a_second_review_by_the_same_critic_gets_a_number() {
    let reviews = [
        review(Some("Ann Lee"), "Fine."),
        review(Some("Ann Lee"), "Seen again: finer."),
    ];
    let keys = external_ids(
        "film",
        reviews.iter().map(|review| (review, Some("ann-lee"))),
    );
    assert_eq!(keys, ["film/ann-lee", "film/ann-lee/2"]);
}

#[test]
fn the_id_of_a_review_without_a_critic_depends_on_its_text() {
    let reviews = [
        review(None, "One."),
        review(None, "Two."),
        review(Some("Staff"), "One."),
        review(None, "One."),
    ];
    let keys = external_ids("film", reviews.iter().map(|review| (review, None)));
    assert_eq!(keys[3], format!("{}/2", keys[0]));
    let distinct: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), 4);
}
