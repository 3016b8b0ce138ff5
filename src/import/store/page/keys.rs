//! By what a review of a page is known again when the page is imported once more.
//!
//! A page numbers its reviews, but a new one moves all that follow. So a review by a named critic is known by the critic, and keeps
//! its place in the database when its text or score is mended; one that credits nobody is known by its byline and text.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::import::{
    page::PageReview,
    store::{KEPT_OF_MADE_ID, LONGEST_MADE_ID},
};

/// How many bytes of a digest tell the texts of one page apart.
const DIGEST_BYTES: usize = 12;

/// The external ids of a page's reviews, each with the slug of the critic whom it names, in the page's order. All are different.
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

/// Slugs are ASCII, and so are digests.
fn shortened(id: String) -> String {
    match id.get(..KEPT_OF_MADE_ID) {
        Some(start) if id.len() > LONGEST_MADE_ID => {
            format!("{start}~{}", hex(&Sha256::digest(&id)))
        }
        _ => id,
    }
}

fn digest(review: &PageReview) -> String {
    let byline = review.byline.as_ref().map_or("", |byline| byline.text());
    let excerpt = review.excerpt.as_deref().unwrap_or_default();
    let mut hash = Sha256::new();
    // The newline can't be part of a byline, so no two pairs run into one text.
    hash.update(byline);
    hash.update("\n");
    hash.update(excerpt);
    hex(&hash.finalize())
}

/// The start of a digest, in words.
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
    fn a_named_critic_is_the_key_whatever_the_text() {
        let (first, mended) = (
            review(Some("Ann Lee"), "Fine."),
            review(Some("Ann Lee"), "Very fine."),
        );
        let key = |review| external_ids("film", [(review, Some("ann-lee"))].into_iter());
        assert_eq!(key(&first), ["film/ann-lee"]);
        assert_eq!(key(&first), key(&mended));
    }

    #[test]
    fn what_is_too_long_for_an_id_is_told_apart_by_a_digest() {
        let review = review(Some("Ann Lee"), "Fine.");
        let key = |film: &str| external_ids(film, [(&review, Some("ann-lee"))].into_iter());
        let (one, other) = ("a".repeat(200), format!("{}b", "a".repeat(199)));
        assert_eq!(key(&one)[0].len(), KEPT_OF_MADE_ID + 1 + 2 * DIGEST_BYTES);
        assert_ne!(key(&one), key(&other));
    }

    #[test]
    fn who_comes_twice_is_numbered() {
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
    fn without_a_critic_the_text_is_the_key() {
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
