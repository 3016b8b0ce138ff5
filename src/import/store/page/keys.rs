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
mod tests;
