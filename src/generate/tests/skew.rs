//! Tests that few films and critics have many reviews, and most have few.

use std::collections::HashMap;

use super::{records_by_kind, size};

/// Returns the number of reviews of each name, in descending order. Names without reviews are omitted.
fn counts(names: impl Iterator<Item = Option<String>>) -> Vec<u32> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for name in names.flatten() {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_unstable_by(|left, right| right.cmp(left));
    counts
}

#[test]
fn a_few_films_have_most_of_the_reviews() {
    let records = records_by_kind(size(1_000, 400, 60, 20_000), 11);
    let films = counts(
        records
            .reviews
            .iter()
            .map(|review| review.film.slug.clone()),
    );
    assert_eq!(films.len(), 980, "one film in 50 has no review");
    assert!((400..650).contains(&films[0]), "{}", films[0]);
    assert!((5..=10).contains(&films[500]), "{}", films[500]);
    let first = records
        .reviews
        .iter()
        .filter(|review| review.film == records.films[0].film);
    assert!(
        first.count() < 200,
        "the first film isn't the most reviewed one"
    );
}

#[test]
fn a_few_critics_write_most_of_the_reviews() {
    let records = records_by_kind(size(1_000, 400, 60, 20_000), 11);
    let critics = counts(
        records
            .reviews
            .iter()
            .filter_map(|review| review.critic.as_ref())
            .map(|critic| critic.slug.clone()),
    );
    assert!((500..1_000).contains(&critics[0]), "{}", critics[0]);
    assert!((5..40).contains(&critics[200]), "{}", critics[200]);
    let publications = counts(
        records
            .reviews
            .iter()
            .filter_map(|review| review.publication.as_ref())
            .map(|publication| publication.slug.clone()),
    );
    assert!(publications[0] > 20_000 / 60 * 3, "{}", publications[0]);
}
