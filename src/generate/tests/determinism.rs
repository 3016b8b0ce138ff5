//! Tests that a size and a seed always give the same records.

use super::{Catalogue, records_by_kind, size};
use crate::{
    catalogue::record::{NamedRef, Record, ReviewRecord},
    generate::review::Reviews,
};

/// Returns the contents of a record as a string. The fields are listed one by one, so that a field that
/// the generator doesn't set can be added to a record without a change here.
fn contents(record: &Record) -> String {
    match record {
        Record::Film(film) => format!(
            "{:?}",
            (
                (&film.film.slug, &film.film.title, film.film.year),
                (film.release_date, film.runtime_minutes, &film.directors),
                (&film.genres, &film.synopsis, &film.url),
            )
        ),
        Record::Critic(critic) => format!("{:?}", named(&critic.critic)),
        Record::Publication(publication) => {
            format!(
                "{:?}",
                (
                    named(&publication.publication),
                    &publication.url,
                    publication.weight
                )
            )
        }
        Record::Review(review) => review_contents(review),
        Record::PublishedScore(score) => format!("{score:?}"),
    }
}

fn review_contents(review: &ReviewRecord) -> String {
    let names = (
        (&review.film.slug, &review.film.title, review.film.year),
        review.critic.as_ref().map(named),
        review.publication.as_ref().map(named),
    );
    let score = (review.score, &review.original_score, review.score_rule);
    let judgement = (review.sentiment, review.recommended, review.top_critic);
    let text = (&review.byline, &review.excerpt, &review.url);
    let origin = (review.reviewed_on, &review.source, &review.external_id);
    format!("{:?}", (names, score, judgement, text, origin))
}

fn named(name: &NamedRef) -> (&Option<String>, &Option<String>) {
    (&name.slug, &name.name)
}

/// Returns an FNV-1a hash of the contents of all records.
fn digest(seed: u64) -> u64 {
    Catalogue::new(size(40, 25, 9, 700), seed)
        .records()
        .flat_map(|record| contents(&record).into_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// If this fails, every catalogue has changed. Mention that in the release notes.
#[test]
fn the_records_of_a_seed_are_pinned() {
    assert_eq!(digest(42), 12_262_596_391_160_652_659);
}

#[test]
fn a_seed_gives_the_same_records_again_and_another_seed_others() {
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn a_catalogue_can_be_read_in_another_thread() {
    let catalogue = Catalogue::new(size(3, 2, 1, 10), 1);
    let count = std::thread::scope(|scope| {
        let records = catalogue.records();
        scope
            .spawn(|| records.count())
            .join()
            .expect("the thread does not panic")
    });
    assert_eq!(count, 16);
}

/// A larger catalogue of the same seed begins with the same films. It also begins with the same critics
/// if the number of publications is the same.
#[test]
fn films_and_critics_do_not_depend_on_the_size_of_the_catalogue() {
    let small = records_by_kind(size(20, 10, 5, 0), 3);
    let large = records_by_kind(size(40, 20, 5, 100), 3);
    assert_eq!(small.films, large.films[..20]);
    assert_eq!(small.critics, large.critics[..10]);
}

/// A film's reviews don't depend on draws for the reviews of another film.
#[test]
fn the_reviews_of_a_film_can_be_generated_on_their_own() {
    let catalogue = Catalogue::new(size(12, 9, 4, 300), 3);
    let all: Vec<_> = catalogue.records().skip(12 + 9 + 4).collect();
    let alone: Vec<_> = (0..12)
        .flat_map(|film| Reviews::of(&catalogue, film..film + 1))
        .collect();
    assert_eq!(all, alone);
}
