//! Tests of generated catalogues.

mod determinism;
mod plausibility;
mod properties;
mod skew;

use super::{Catalogue, Size};
use crate::catalogue::record::{CriticRecord, FilmRecord, PublicationRecord, Record, ReviewRecord};

/// A catalogue's records, by kind.
#[derive(Default)]
struct RecordsByKind {
    films: Vec<FilmRecord>,
    critics: Vec<CriticRecord>,
    publications: Vec<PublicationRecord>,
    reviews: Vec<ReviewRecord>,
}

fn size(films: u32, critics: u32, publications: u32, reviews: u32) -> Size {
    Size {
        films,
        critics,
        publications,
        reviews,
    }
}

/// Returns the records of a catalogue by kind, and checks that they come in the order of the kinds.
fn records_by_kind(size: Size, seed: u64) -> RecordsByKind {
    let mut records = RecordsByKind::default();
    let mut last = 0;
    for record in Catalogue::new(size, seed).records() {
        let kind = match record {
            Record::Film(film) => {
                records.films.push(film);
                1
            }
            Record::Critic(critic) => {
                records.critics.push(critic);
                2
            }
            Record::Publication(publication) => {
                records.publications.push(publication);
                3
            }
            Record::Review(review) => {
                records.reviews.push(review);
                4
            }
            Record::PublishedScore(score) => {
                panic!("the generator creates no published scores: {score:?}")
            }
        };
        assert!(kind >= last, "the records are ordered by kind");
        last = kind;
    }
    records
}
