//! Property tests of catalogues of any size.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::{RecordsByKind, Size, records_by_kind, size};
use crate::catalogue::record::{FilmRef, NamedRef, ReviewRecord};

/// Small sizes, in which some kinds may be missing.
fn sizes() -> impl Strategy<Value = Size> {
    (1_u32..40, 0_u32..40, 0_u32..12, 0_u32..400).prop_map(
        |(films, critics, publications, reviews)| size(films, critics, publications, reviews),
    )
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).expect("the number fits into 32 bits")
}

fn is_text(text: &str, max_length: usize) -> bool {
    let is_printable = !text.chars().any(|c| c.is_control() && c != '\n');
    !text.is_empty() && text.trim() == text && is_printable && text.chars().count() <= max_length
}

fn is_line(text: &str) -> bool {
    is_text(text, 300) && !text.contains('\n')
}

/// The films, critics and publications, by the references that reviews use.
struct References {
    films: HashSet<FilmRef>,
    critics: HashSet<NamedRef>,
    publications: HashSet<NamedRef>,
}

impl References {
    fn of(records: &RecordsByKind) -> Self {
        let films = records.films.iter().map(|film| film.film.clone());
        let critics = records.critics.iter().map(|critic| critic.critic.clone());
        let publications = records.publications.iter();
        Self {
            films: films.collect(),
            critics: critics.collect(),
            publications: publications.map(|item| item.publication.clone()).collect(),
        }
    }

    fn contains(&self, review: &ReviewRecord) -> bool {
        let critic = review.critic.as_ref();
        let publication = review.publication.as_ref();
        self.films.contains(&review.film)
            && critic.is_none_or(|critic| self.critics.contains(critic))
            && publication.is_none_or(|publication| self.publications.contains(publication))
    }
}

fn texts(review: &ReviewRecord) -> impl Iterator<Item = &String> {
    [
        &review.original_score,
        &review.byline,
        &review.url,
        &review.external_id,
    ]
    .into_iter()
    .flatten()
}

/// Returns whether no critic reviews a film a second time before all critics have reviewed it.
fn critics_take_turns(reviews: &[&ReviewRecord], critics: usize) -> bool {
    let named: Vec<_> = reviews
        .iter()
        .filter_map(|review| review.critic.as_ref())
        .collect();
    let first_round: HashSet<_> = named.iter().take(critics).collect();
    first_round.len() == named.len().min(critics)
}

proptest! {
    #[test]
    fn a_catalogue_has_the_requested_number_of_each_kind(size in sizes(), seed: u64) {
        let records = records_by_kind(size, seed);
        prop_assert_eq!(count(&records.films), size.films);
        prop_assert_eq!(count(&records.critics), size.critics);
        prop_assert_eq!(count(&records.publications), size.publications);
        prop_assert_eq!(count(&records.reviews), size.reviews);
    }

    #[test]
    fn slugs_are_unique_and_every_reference_exists(size in sizes(), seed: u64) {
        let records = records_by_kind(size, seed);
        let slugs = |slugs: Vec<&Option<String>>| slugs.into_iter().flatten().collect::<HashSet<_>>().len();
        prop_assert_eq!(slugs(records.films.iter().map(|film| &film.film.slug).collect()), records.films.len());
        prop_assert_eq!(slugs(records.critics.iter().map(|item| &item.critic.slug).collect()), records.critics.len());
        let publications = records.publications.iter().map(|item| &item.publication.slug);
        prop_assert_eq!(slugs(publications.collect()), records.publications.len());
        let references = References::of(&records);
        prop_assert!(records.reviews.iter().all(|review| references.contains(review)));
    }

    #[test]
    fn the_reviews_are_numbered_from_one_after_their_seed(size in sizes(), seed: u64) {
        for (review, number) in records_by_kind(size, seed).reviews.iter().zip(1..) {
            prop_assert_eq!(review.source.as_deref(), Some("generated"));
            prop_assert_eq!(review.external_id.clone(), Some(format!("{seed}-{number}")));
        }
    }

    #[test]
    fn reviews_come_film_by_film_and_critics_take_turns(size in sizes(), seed: u64) {
        let records = records_by_kind(size, seed);
        let indexes: HashMap<_, _> = records.films.iter().map(|film| &film.film).zip(0..).collect();
        let order: Vec<i32> = records.reviews.iter().map(|review| indexes[&review.film]).collect();
        prop_assert!(order.is_sorted());
        for film in &records.films {
            let reviews: Vec<_> = records.reviews.iter().filter(|review| review.film == film.film).collect();
            prop_assert!(critics_take_turns(&reviews, records.critics.len()));
        }
    }

    #[test]
    fn a_review_has_a_rule_exactly_if_it_has_a_score(size in sizes(), seed: u64) {
        for review in records_by_kind(size, seed).reviews {
            prop_assert_eq!(review.score.is_some(), review.score_rule.is_some());
            prop_assert!(review.sentiment.is_none() || review.score.is_none());
        }
    }

    #[test]
    fn every_string_is_trimmed_and_not_empty(size in sizes(), seed: u64) {
        let records = records_by_kind(size, seed);
        for film in &records.films {
            prop_assert!(film.film.title.iter().all(|title| is_line(title)), "{:?}", film);
            prop_assert!(film.directors.iter().chain(&film.genres).chain(&film.synopsis).all(|text| is_line(text)));
            prop_assert!((1..=2).contains(&film.directors.len()) && (1..=3).contains(&film.genres.len()));
        }
        let critics = records.critics.iter().map(|item| &item.critic);
        for name in critics.chain(records.publications.iter().map(|item| &item.publication)) {
            prop_assert!(name.name.iter().chain(&name.slug).all(|text| is_line(text)), "{:?}", name);
        }
        for review in &records.reviews {
            prop_assert!(texts(review).all(|text| is_line(text)), "{:?}", review);
            prop_assert!(review.excerpt.iter().all(|text| is_text(text, 1_000)), "{:?}", review);
        }
    }
}

#[test]
fn a_catalogue_without_films_has_no_reviews() {
    assert!(records_by_kind(size(0, 3, 2, 9), 1).reviews.is_empty());
}

/// With six critics, six publications and one film, every critic has soon written for all of their publications.
#[test]
fn a_critic_writes_for_another_publication_before_repeating() {
    let records = records_by_kind(size(1, 6, 6, 200), 5);
    let mut seen = HashSet::new();
    let pairs = records
        .reviews
        .iter()
        .filter(|review| review.critic.is_some());
    let is_new: Vec<_> = pairs
        .map(|review| seen.insert((&review.critic, &review.publication)))
        .collect();
    let count = is_new.iter().filter(|is_new| **is_new).count();
    assert!(count > 6, "some critics write for several publications");
    assert!(is_new[..count].iter().all(|is_new| *is_new));
}
