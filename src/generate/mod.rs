//! Generates a synthetic catalogue of any size, with films, critics, publications and reviews, for
//! tests and benchmarks. The same size and seed give the same records on every machine and in every
//! release.

mod size;

mod critic;
mod film;
mod publication;
mod review;

mod dates;
mod excerpt;
mod rating;
mod reviewer_picker;
mod scales;
mod synopsis;
mod title;

mod named;
mod names;
mod random;
mod shares;
mod slugs;
mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use size::{Size, SizeError};

use self::{
    critic::Critic,
    film::Film,
    publication::Publication,
    random::{Purpose, Random},
    review::Reviews,
    shares::Shares,
    slugs::Slugs,
};
use crate::catalogue::record::Record;

/// A synthetic catalogue.
///
/// It stores the data that the reviews of different films share: the names of critics and publications,
/// and eight bytes a film. Films and reviews are generated on demand.
#[derive(Clone, Debug)]
pub struct Catalogue {
    seed: u64,
    critics: Vec<Critic>,
    publications: Vec<Publication>,
    /// The share of reviews of each critic.
    critic_shares: Shares,
    /// The share of reviews of each publication.
    publication_shares: Shares,
    /// The numbers that make the films' slugs unique.
    slug_numbers: Vec<u32>,
    /// For each film the number of reviews of all films before it. The last entry is the total.
    review_starts: Vec<u32>,
}

impl Catalogue {
    /// Creates the catalogue of a size and a seed. Without films it has no reviews, whatever the size
    /// requests; [`Size::check`] returns an error for such a size.
    #[must_use]
    pub fn new(size: Size, seed: u64) -> Self {
        let shares = |distribution, count, number| {
            Shares::new(
                distribution,
                count,
                &mut Random::new(seed, Purpose::Shares, number),
            )
        };
        let critic_shares = shares(critic::REVIEW_SHARES, size.critics, 0);
        let publication_shares = shares(publication::REVIEW_SHARES, size.publications, 1);
        Self {
            seed,
            critics: critics(size.critics, seed, &publication_shares),
            publications: publications(size.publications, seed),
            critic_shares,
            publication_shares,
            slug_numbers: slug_numbers(size.films, seed),
            review_starts: shares(film::REVIEW_SHARES, size.films, 2).split(size.reviews),
        }
    }

    /// Returns films first, then critics, then publications, then reviews, grouped by film in the order
    /// of the films. The references of a review equal those of the earlier records.
    pub fn records(&self) -> impl Iterator<Item = Record> + Send + '_ {
        self.films()
            .map(|number| self.film(number).record())
            .chain(self.critics.iter().map(Critic::record))
            .chain(self.publications.iter().map(Publication::record))
            .chain(Reviews::of(self, self.films()))
    }

    fn films(&self) -> Range<u32> {
        0..u32::try_from(self.slug_numbers.len()).unwrap_or(u32::MAX)
    }

    fn film(&self, number: u32) -> Film {
        let slug_number = get(&self.slug_numbers, number).copied().unwrap_or(1);
        Film::new(self.seed, number).with_slug_number(slug_number)
    }

    fn publication(&self, number: u32) -> Option<&Publication> {
        get(&self.publications, number)
    }

    /// Returns the range of the numbers of a film's reviews.
    fn reviews_of(&self, film: u32) -> Range<u32> {
        let start = get(&self.review_starts, film).copied().unwrap_or(0);
        let end = get(&self.review_starts, film + 1).copied().unwrap_or(start);
        start..end
    }
}

fn get<T>(items: &[T], number: u32) -> Option<&T> {
    items.get(usize::try_from(number).ok()?)
}

fn critics(count: u32, seed: u64, circulation: &Shares) -> Vec<Critic> {
    let mut slugs = Slugs::default();
    (0..count)
        .map(|number| Critic::new(seed, number, circulation, &mut slugs))
        .collect()
}

fn publications(count: u32, seed: u64) -> Vec<Publication> {
    let mut slugs = Slugs::default();
    (0..count)
        .map(|number| Publication::new(seed, number, &mut slugs))
        .collect()
}

fn slug_numbers(films: u32, seed: u64) -> Vec<u32> {
    let mut slugs = Slugs::default();
    (0..films)
        .map(|number| slugs.reserve(Film::new(seed, number).into_slug()))
        .collect()
}
