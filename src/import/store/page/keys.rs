//! The external ids that match the reviews of a page to the stored ones when the page is imported again.
//!
//! The numbers of the page aren't used, because a new review shifts those after it. The id of a review by a named
//! critic is derived from the critic, so a corrected text or score updates the same row. The id of a review without a
//! critic is derived from its byline and text.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::import::{
    page::PageReview,
    store::{DERIVED_ID_PREFIX_LENGTH, MAX_DERIVED_ID_LENGTH},
};

/// The number of bytes of a digest in an id.
const DIGEST_BYTES: usize = 12;

/// Returns the external ids of a page's reviews, in the order of the page. Each review comes with the slug of its
/// critic. All ids are different.
pub fn external_ids<'a>(
    film_slug: &str,
    reviews: impl Iterator<Item = (&'a PageReview, Option<&'a str>)>,
) -> Vec<String> {
    let mut uses: HashMap<String, usize> = HashMap::new();
    reviews
        .map(|(review, critic_slug)| {
            let key = critic_slug.map_or_else(|| format!("~{}", digest(review)), str::to_owned);
            let number = uses.entry(key.clone()).or_default();
            *number += 1;
            let id = shortened(format!("{film_slug}/{key}"));
            match *number {
                1 => id,
                number => format!("{id}/{number}"),
            }
        })
        .collect()
}

/// Shortens an id that is too long, and appends its digest. Slugs and digests are ASCII, so each character is one byte.
fn shortened(id: String) -> String {
    match id.get(..DERIVED_ID_PREFIX_LENGTH) {
        Some(start) if id.len() > MAX_DERIVED_ID_LENGTH => {
            format!("{start}~{}", hex(&Sha256::digest(&id)))
        }
        _ => id,
    }
}

fn digest(review: &PageReview) -> String {
    let byline = review.byline.as_ref().map_or("", |byline| byline.text());
    let excerpt = review.excerpt.as_deref().unwrap_or_default();
    let mut hash = Sha256::new();
    // A byline has no newline, so two different pairs never give the same text.
    hash.update(byline);
    hash.update("\n");
    hash.update(excerpt);
    hex(&hash.finalize())
}

/// Returns the start of a digest in hexadecimal.
fn hex(digest: &[u8]) -> String {
    digest
        .iter()
        .take(DIGEST_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
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
        let (one, other) = ("a".repeat(200), format!("{}b", "a".repeat(199)));
        assert_eq!(
            key(&one)[0].len(),
            DERIVED_ID_PREFIX_LENGTH + 1 + 2 * DIGEST_BYTES
        );
        assert_ne!(key(&one), key(&other));
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
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), 4);
    }
}
